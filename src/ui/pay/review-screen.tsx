/** The last look before signing, the progress, and how it ended. */
import { useEffect, useRef } from 'preact/hooks';
import type { NodeState } from '../../api/node.ts';
import { agree, draft, EMPTY_DRAFT, isOrderFor, order } from '../../client/draft.ts';
import type { PaymentOrder } from '../../client/node-client.ts';
import { formatAmount } from '../../core/amount.ts';
import { announce, useApp } from '../context.ts';
import { formatBytes } from '../format.ts';
import { Button, LinkButton } from '../part/button.tsx';
import { FullAddress } from '../part/copyable.tsx';
import { Fact, Facts } from '../part/facts.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';
import { Card, Screen, useFocusKept } from '../part/screen.tsx';
import { PaymentProgress } from './payment-progress.tsx';
import { Costs, Warnings } from './quote.tsx';
import { useConfirmed } from './use-confirmed.ts';
import { waysToSend } from './ways-to-send.ts';

const UP = { to: { kind: 'pay', query: '' }, label: 'Change' } as const;

const WORDS_FOR = { plain: '', 'once-confirmed': ' once confirmed', now: ' now' } as const;

function Review({ state, current }: { readonly state: NodeState; readonly current: PaymentOrder }) {
  const { client } = useApp();
  const { request, agreed } = current;
  const payment = client.payment.state.value;
  const isHere = isOrderFor(current, state);
  const stale = !isHere || (payment.kind === 'failed' && payment.error.code === 'quote-changed');
  const ways = waysToSend(current, payment);
  const isConfirmed = useConfirmed(current, isHere && ways === 'either' ? state.network : undefined);
  const send = (isUrgent: boolean) => agree(client.payment, { ...current, request: { ...request, isUrgent } });
  const words = `Send ${formatAmount(agreed.amount)} TTX`;
  const network = state.networks.find((one) => one.id === agreed.network);
  return (
    <Screen title="Is this right?" up={UP}>
      <Card>
        <Facts>
          {network !== undefined && <Fact name="On">{network.name}</Fact>}
          <Fact name="To">
            <FullAddress address={request.to} />
          </Fact>
          {request.note !== undefined && <Fact name="Note">{request.note}</Fact>}
          {request.attachments !== undefined && (
            <Fact name={request.attachments.length === 1 ? 'File' : 'Files'}>
              {request.attachments.map(({ infohash, name, size }) => (
                <span class="file-line" key={infohash}>
                  {name} ({formatBytes(size)})
                </span>
              ))}
            </Fact>
          )}
        </Facts>
        {isHere && state.network !== undefined && <Costs quote={agreed} balance={state.network.balance} />}
      </Card>
      <Warnings quote={agreed} network={isHere ? state.network : undefined} />
      {isConfirmed && (
        <Notice tone="good" title="Your money is confirmed now" live>
          <p>There is nothing more to wait for.</p>
        </Notice>
      )}
      {payment.kind === 'failed' && (
        <ErrorNotice error={payment.error}>
          {agreed.steps > 1 && <p>If coins were being merged first, the finished steps stay.</p>}
        </ErrorNotice>
      )}
      {stale ? (
        <LinkButton to={UP.to} tone="primary" wide>
          See the new cost
        </LinkButton>
      ) : ways === 'either' ? (
        <>
          <Button tone="primary" wide icon="send" onClick={() => send(false)}>
            {words} once confirmed
          </Button>
          <Button tone="secondary" wide onClick={() => send(true)}>
            {words} now
          </Button>
        </>
      ) : (
        <Button tone="primary" wide icon="send" onClick={() => agree(client.payment, current)}>
          {words}
          {WORDS_FOR[ways]}
        </Button>
      )}
      <p class="hint">A payment cannot be taken back once it is handed over.</p>
    </Screen>
  );
}

/** `#/pay/review` */
export function ReviewScreen({ state }: { readonly state: NodeState }) {
  const { client, router } = useApp();
  const payment = client.payment.state.value;
  const current = order.value;
  useFocusKept(payment.kind);
  const lost = payment.kind === 'idle' && current === undefined;
  const hadOne = useRef(false);
  useEffect(() => {
    if (current !== undefined) hadOne.current = true;
    // After a reload there is nothing to review, and no more once another network or wallet is open.
    if (lost) router.replace({ kind: 'pay', query: '' });
    if (lost && hadOne.current) announce('Another network or wallet is open now. Look at the payment again.');
    if (payment.kind !== 'done') return;
    draft.value = EMPTY_DRAFT;
    order.value = undefined;
    router.replace({ kind: 'proof', txid: payment.result.txid });
  }, [current, lost, payment, router]);
  // What has been read here need not be said again elsewhere.
  useEffect(() => () => client.payment.state.peek().kind === 'failed' && client.payment.clear(), [client]);
  if (payment.kind === 'running') {
    return (
      <Screen title="Making the payment" up={{ to: { kind: 'wallet' }, label: 'Wallet' }}>
        <PaymentProgress state={state} />
      </Screen>
    );
  }
  const shown = current ?? (payment.kind === 'failed' ? payment.request : undefined);
  if (shown !== undefined && payment.kind !== 'done') return <Review state={state} current={shown} />;
  return (
    <Screen title="Send">
      <p class="waiting">One moment…</p>
    </Screen>
  );
}
