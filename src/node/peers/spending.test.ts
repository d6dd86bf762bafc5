import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type CoinId, coinId, hashFromBytes } from '../../core/id.ts';
import type { CoinName, Hello } from '../../core/message.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { addressAt, genesis, ledgerOf, makeHistory, network } from '../testkit/history.ts';
import { hello, ScriptedPeer } from '../testkit/scripted-peer.ts';
import { Spending } from './spending.ts';

const history = makeHistory(3);
const coins: readonly CoinId[] = history.map(({ txid }) => coinId(txid, addressAt('founder')));

async function open() {
  const spending = new Spending({
    ledger: ledgerOf(history),
    store: await createMemoryStorage().openStore(network.id),
    clock: new VirtualClock(),
    random: () => 0.5,
    isLight: () => false,
    isSettled: () => false,
    answered: () => undefined,
    failed: (error) => {
      throw error;
    },
  });
  const join = (id: string, mode: Hello['mode']) => {
    const peer = new ScriptedPeer(id);
    spending.joined(peer, hello(network.id, mode) as Hello);
    return peer;
  };
  return { spending, join };
}

test('few are told which coins one owns, and full peers rather than light ones', async () => {
  const { spending, join } = await open();
  const light = ['a', 'b', 'c'].map((id) => join(id, 'light'));
  const full = ['d', 'e', 'f', 'g'].map((id) => join(id, 'full'));
  spending.askFew(coins.slice(0, 2));
  const asked = (peers: readonly ScriptedPeer[]) => peers.filter(({ heard }) => heard.length > 0);
  expect([asked(light).length, asked(full).length]).toEqual([0, 3]);
  for (const peer of asked(full)) expect(peer.last('spent')?.coins.length).toBe(2);
});

test('where there is nobody full, light ones are asked; who has become full is one of those', async () => {
  const { spending, join } = await open();
  const [turned, ...others] = ['a', 'b', 'c', 'd', 'e'].map((id) => join(id, 'light'));
  if (turned === undefined) throw new Error('nobody');
  spending.receive(turned, hello());
  spending.askFew(coins.slice(0, 1));
  expect(turned.last('spent')?.coins.length).toBe(1);
  expect(others.filter(({ heard }) => heard.length > 0).length).toBe(2);
});

test('who asks about coins one by one, many at once, is answered and not punished; beyond a thousand it asks again', async () => {
  const { spending, join } = await open();
  const asker = join('a', 'full');
  const names = Array.from({ length: 1_200 }, (_, n) => ({
    txid: genesis.txid,
    owner: hashFromBytes(new Uint8Array(32).fill(n >> 8, 0, 1).fill(n & 255, 1, 2)),
  }));
  const answered = () =>
    new Set(asker.heard.flatMap((message) => (message.t === 'spender' ? message.spenders : [])).map(({ coin }) => coin.owner));
  const ask = async (some: readonly CoinName[]) => {
    for (const name of some) spending.receive(asker, { t: 'spent', coins: [name] });
    await setImmediate();
  };
  await ask(names);
  expect(answered().size).toBeGreaterThan(1_000);
  expect(answered().size).toBeLessThan(1_100);
  await ask(names.filter(({ owner }) => !answered().has(owner)));
  expect(answered().size).toBe(1_200);
  expect(asker.penalties).toBe(0);
});
