/** Money is confirmed as time passes, and what it costs to pay with it stays the same. */
import { useEffect, useState } from 'preact/hooks';
import type { OpenNetwork, Quote } from '../../api/node.ts';
import { order } from '../../client/draft.ts';
import type { PaymentOrder } from '../../client/node-client.ts';
import { useApp } from '../context.ts';

/** Changes with each state of a payment: what is confirmed may be spent without a warning, though the balance stays the same. */
export const standOf = ({ activity }: OpenNetwork): string =>
  activity.map(({ state, differing = 0 }) => `${state}${differing > 0 ? '!' : ''}`).join();

/** Whether `next` asks for nothing more than was agreed to, and warns of nothing new. */
export function isNoWorse(next: Quote, agreed: Quote): boolean {
  const isOfSame = next.network === agreed.network && next.wallet === agreed.wallet && next.amount === agreed.amount;
  const costsNoMore = next.burn <= agreed.burn && next.workEffect.least >= agreed.workEffect.least;
  return isOfSame && costsNoMore && next.warnings.every((warning) => agreed.warnings.includes(warning));
}

/**
 * While an order spends money that is not confirmed, asks again as that changes, and takes the new quote where there is nothing left to
 * wait for.
 * @param network the open one, if the order is for it and nothing of it runs
 * @returns whether that has happened
 */
export function useConfirmed(current: PaymentOrder, network: OpenNetwork | undefined): boolean {
  const { client } = useApp();
  const [isConfirmed, setConfirmed] = useState(false);
  const stand = network && standOf(network);
  useEffect(() => {
    if (stand === undefined || !current.agreed.warnings.includes('unconfirmed-coins')) return;
    let stale = false;
    client.api.quote(current.request).then(
      (agreed) => {
        const isRunning = client.payment.state.peek().kind === 'running';
        if (stale || isRunning || order.peek() !== current) return;
        if (agreed.warnings.includes('unconfirmed-coins') || !isNoWorse(agreed, current.agreed)) return;
        order.value = { ...current, agreed };
        setConfirmed(true);
      },
      // Sending says what is wrong.
      () => undefined,
    );
    return () => {
      stale = true;
    };
  }, [client, current, stand]);
  return isConfirmed;
}
