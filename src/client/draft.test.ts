import { signal } from '@preact/signals';
import { afterEach, describe, expect, it } from 'vitest';
import type { NodeState } from '../api/node.ts';
import type { TxId } from '../core/id.ts';
import { isOrderFor, keepOrderCurrent, order } from './draft.ts';
import type { Loadable, PaymentOrder } from './node-client.ts';

const HERE = 'aa'.repeat(32) as TxId;
const ELSEWHERE = 'bb'.repeat(32) as TxId;
const ORDER = { request: {}, agreed: { network: HERE, wallet: 'w1' } } as unknown as PaymentOrder;

const stateOf = (network: TxId | undefined, wallet = 'w1', isOpening = false) =>
  ({ wallet: { id: wallet }, network: network === undefined ? undefined : { id: network }, isOpening }) as unknown as NodeState;

describe('an order', () => {
  afterEach(() => {
    order.value = undefined;
  });

  it('is for the network and the wallet whose cost was shown', () => {
    expect(isOrderFor(ORDER, stateOf(HERE))).toBe(true);
    expect(isOrderFor(ORDER, stateOf(ELSEWHERE))).toBe(false);
    expect(isOrderFor(ORDER, stateOf(HERE, 'w2'))).toBe(false);
    expect(isOrderFor(ORDER, stateOf(undefined))).toBe(false);
  });

  it('is dropped when another network or wallet is opened, and does not come back with the first', () => {
    for (const other of [stateOf(ELSEWHERE), stateOf(HERE, 'w2'), stateOf(undefined)]) {
      const state = signal<Loadable<NodeState>>({ kind: 'ready', value: stateOf(HERE) });
      const stop = keepOrderCurrent({ state });
      order.value = ORDER;
      expect(order.value).toBe(ORDER);
      state.value = { kind: 'ready', value: other };
      expect(order.value).toBeUndefined();
      state.value = { kind: 'ready', value: stateOf(HERE) };
      expect(order.value).toBeUndefined();
      stop();
    }
  });

  it('stays while the network is being opened again', () => {
    const state = signal<Loadable<NodeState>>({ kind: 'ready', value: stateOf(HERE) });
    const stop = keepOrderCurrent({ state });
    order.value = ORDER;
    state.value = { kind: 'ready', value: stateOf(undefined, 'w1', true) };
    expect(order.value).toBe(ORDER);
    state.value = { kind: 'ready', value: stateOf(ELSEWHERE) };
    expect(order.value).toBeUndefined();
    stop();
  });
});
