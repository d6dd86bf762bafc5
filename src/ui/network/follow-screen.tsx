/** Following the other side of a fork, after saying what that changes. */
import './fork.css';
import type { FollowPreview, ForkPayment, NodeState } from '../../api/node.ts';
import type { TxId } from '../../core/id.ts';
import { entryTitle } from '../activity/describe.ts';
import { announce, useApp } from '../context.ts';
import { plural } from '../format.ts';
import { useAction, useLoad } from '../load.ts';
import { Button, LinkButton } from '../part/button.tsx';
import { Fact, Facts } from '../part/facts.tsx';
import { Money } from '../part/money.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';
import { Card, Screen, Section } from '../part/screen.tsx';
import { forkDeps } from './fork-screen.tsx';

function Payments({ title, payments }: { readonly title: string; readonly payments: readonly ForkPayment[] }) {
  if (payments.length === 0) return null;
  return (
    <Section title={title}>
      <Facts costs>
        {payments.map((payment) => (
          <Fact key={payment.txid} name={entryTitle(payment)}>
            <Money units={payment.amount} />
          </Fact>
        ))}
      </Facts>
    </Section>
  );
}

function Changes({ preview }: { readonly preview: FollowPreview }) {
  const { before, after, withdrawn, returned, others } = preview;
  const isNothing = withdrawn.length + returned.length === 0;
  return (
    <Card>
      <Facts costs>
        <Fact name="Your balance now">
          <Money units={before.total} />
        </Fact>
        <Fact name="Your balance then">
          <strong>
            <Money units={after.total} />
          </strong>
        </Fact>
      </Facts>
      {isNothing && <p>None of your payments is concerned.</p>}
      <Payments title="No longer count" payments={withdrawn} />
      <Payments title="Count from then on" payments={returned} />
      {others > 0 && (
        <p class="hint">
          {plural(others, 'payment')} of other people {others === 1 ? 'changes' : 'change'} on this device, too.
        </p>
      )}
    </Card>
  );
}

/** `#/network/fork/<txid>/follow` */
export function FollowScreen({ state, txid }: { readonly state: NodeState; readonly txid: TxId }) {
  const { client, router } = useApp();
  const fork = { kind: 'fork', txid } as const;
  const preview = useLoad(() => client.api.previewFollow(txid), [txid, state.network?.balance.total, ...forkDeps(state)]);
  const follow = useAction(async () => {
    await client.api.followSide(txid);
    announce('This device follows the other side now.');
    router.replace(fork);
  });
  return (
    <Screen title="Follow the other side?" up={{ to: fork, label: 'Both sides' }}>
      {preview.kind === 'loading' && <p class="waiting">Working out what would change…</p>}
      {preview.kind === 'failed' && <ErrorNotice error={preview.error} />}
      {preview.kind === 'ready' && (
        <>
          <Changes preview={preview.value} />
          <Notice tone="caution" title="It is your decision, and it stays">
            <p>
              This device then counts that side whatever other devices count, and tells them so. Whoever counts the present side does not
              accept what you pay with this money. You can go back in the same way.
            </p>
          </Notice>
          {follow.failure !== undefined && <ErrorNotice error={follow.failure} />}
          <div class="row">
            <Button tone="primary" busy={follow.busy} onClick={follow.run}>
              Follow this side
            </Button>
            <LinkButton to={fork}>Leave it as it is</LinkButton>
          </div>
        </>
      )}
    </Screen>
  );
}
