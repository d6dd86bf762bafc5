import { signal } from '@preact/signals';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { NodeState } from '../api/node.ts';
import { type Address, amount, type TxId } from '../core/id.ts';
import { agree, draftOfUnsent, isOrderFor, keepOrderCurrent, order } from './draft.ts';
import { Intent } from './intent.ts';
import type { Loadable, NodeClient, PaymentOrder } from './node-client.ts';

const HERE = 'aa'.repeat(32) as TxId;
const ELSEWHERE = 'bb'.repeat(32) as TxId;
const ORDER = { request: {}, agreed: { network: HERE, wallet: 'w1' } } as unknown as PaymentOrder;

const stateOf = (network: TxId | undefined, wallet = 'w1', isOpening = false) =>
  ({ wallet: { id: wallet }, network: network === undefined ? undefined : { id: network }, isOpening }) as unknown as NodeState;

describe('a draft', () => {
  it('is filled from what was to be sent when the app was closed', () => {
    const unsent = { job: 'j', to: 'river1abc' as Address, amount: amount(1_234_500_000n), isAll: false, note: undefined, files: 1 };
    expect(draftOfUnsent(unsent)).toEqual({ to: 'river1abc', amount: '1234.5', all: false, note: '' });
    expect(draftOfUnsent({ ...unsent, isAll: true, note: 'rest' })).toEqual({ to: 'river1abc', amount: '', all: true, note: 'rest' });
  });
});

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

  it('is the one that was agreed to first, and tried again under its job, however often somebody clicked', async () => {
    const jobs: string[] = [];
    const fail = async (jobId: string) => {
      jobs.push(jobId);
      throw new Error('the worker died');
    };
    const payment = new Intent({ run: fail, cancel: async () => undefined, newId: () => `job-${jobs.length + 1}` });
    // Each click makes an order of its own, as long as the screen has not been drawn anew.
    const click = () => agree(payment as unknown as NodeClient['payment'], { ...ORDER });
    click();
    const first = order.value;
    click();
    expect(order.value).toBe(first);
    await vi.waitFor(() => expect(payment.state.value.kind).toBe('failed'));
    agree(payment as unknown as NodeClient['payment'], order.value as PaymentOrder);
    expect(jobs).toEqual(['job-1', 'job-1']);
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
