import { describe, expect, it, vi } from 'vitest';
import type { NodeApi, NodeState } from '../api/node.ts';
import { TtxError } from '../core/error.ts';
import { NodeClient, type PaymentOrder } from './node-client.ts';

const stateWith = (id: string) => ({ wallet: { id }, jobs: [] }) as unknown as NodeState;

function setUp(api: Partial<NodeApi>) {
  const frames: (() => void)[] = [];
  const client = new NodeClient({
    api: api as NodeApi,
    tab: 'tab',
    facts: { trackers: [], webrtc: true },
    schedule: (draw) => frames.push(draw),
    newId: () => 'job',
  });
  return { client, frames };
}

describe('the client', () => {
  it('draws once a frame, and the newest state', async () => {
    let listener: (state: NodeState) => void = () => undefined;
    const { client, frames } = setUp({
      start: async (_tab, _facts, send) => {
        listener = send;
      },
    });
    await client.start();
    listener(stateWith('1'));
    listener(stateWith('2'));
    listener(stateWith('3'));
    expect(frames).toHaveLength(1);
    expect(client.state.value.kind).toBe('loading');
    frames.pop()?.();
    expect(client.state.value).toMatchObject({ kind: 'ready', value: { wallet: { id: '3' } } });
    listener(stateWith('4'));
    expect(frames).toHaveLength(1);
    expect(client.latest?.wallet.id).toBe('4');
  });

  it('shows why the node did not start', async () => {
    const { client } = setUp({ start: () => Promise.reject(new TtxError('storage-newer')) });
    await client.start();
    expect(client.state.value).toMatchObject({ kind: 'failed', error: { code: 'storage-newer' } });
  });

  it('pays what was agreed to', async () => {
    const proof = { txid: 'x', infohash: 'y', magnet: '', fragment: '' } as unknown as Awaited<ReturnType<NodeApi['pay']>>;
    const pay = vi.fn(async () => proof);
    const { client } = setUp({ pay });
    const order = { request: {}, agreed: {}, files: [new Blob(['a'])] } as unknown as PaymentOrder;
    await client.payment.begin(order);
    expect(pay).toHaveBeenCalledExactlyOnceWith('job', order.request, order.agreed, order.files);
    expect(client.payment.state.value).toMatchObject({ kind: 'done', result: proof });
  });
});
