/** Work that goes on, or has ended, while another screen is shown. */
import { useEffect } from 'preact/hooks';
import type { NodeState } from '../api/node.ts';
import type { Route } from '../client/route.ts';
import { announce, useApp } from './context.ts';
import { LinkButton } from './part/button.tsx';
import { Notice } from './part/notice.tsx';
import { UnsentNotices } from './pay/unsent.tsx';

/** Lines about work whose own screen is not the one shown. */
export function Tasks({ route, state }: { readonly route: Route; readonly state: NodeState }) {
  const { client } = useApp();
  const payment = client.payment.state.value;
  const founding = client.founding.state.value;
  const joining = client.joining.state.value;
  const paying = route.kind === 'pay' || route.kind === 'pay-review' || route.kind === 'proof';
  const isWaiting = payment.kind === 'running' && state.jobs.some(({ id, stage }) => id === payment.jobId && stage === 'confirming');
  const waitsForJoin = route.kind === 'join' || route.kind === 'accept' || route.kind === 'pay';
  useEffect(() => {
    if (joining.kind !== 'done' || waitsForJoin) return;
    client.joining.clear();
    announce(`You have joined ${joining.result.name}.`);
  }, [client, joining, waitsForJoin]);
  return (
    <>
      {(route.kind === 'pay' || !paying) && <UnsentNotices state={state} />}
      {payment.kind === 'running' && !paying && (
        <Notice tone="info" title={isWaiting ? 'Your payment waits until your money is confirmed' : 'Your payment is being made'}>
          <LinkButton to={{ kind: 'pay-review' }}>Show progress</LinkButton>
        </Notice>
      )}
      {payment.kind === 'done' && !paying && (
        <Notice tone="good" title="Your payment is ready to hand over" live>
          <LinkButton to={{ kind: 'proof', txid: payment.result.txid }}>Hand it over</LinkButton>
        </Notice>
      )}
      {payment.kind === 'failed' && !paying && (
        <Notice tone="caution" title="Your payment was not made" live>
          <LinkButton to={{ kind: 'pay-review' }}>See why</LinkButton>
        </Notice>
      )}
      {founding.kind === 'running' && route.kind !== 'found' && (
        <Notice tone="info" title="Your network is being founded">
          <LinkButton to={{ kind: 'found' }}>Show progress</LinkButton>
        </Notice>
      )}
      {founding.kind === 'done' && route.kind !== 'found' && route.kind !== 'invite' && (
        <Notice tone="good" title={`The network ${founding.result.name} is founded`} live>
          <LinkButton to={{ kind: 'invite' }}>Invite others</LinkButton>
        </Notice>
      )}
      {joining.kind === 'running' && !waitsForJoin && (
        <Notice tone="info" title="A network is being joined">
          <LinkButton to={{ kind: 'join', query: '' }}>Show progress</LinkButton>
        </Notice>
      )}
    </>
  );
}
