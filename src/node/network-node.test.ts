import { expect, test } from 'vitest';
import { decide } from '../core/decide.ts';
import { Ledger } from '../core/ledger.ts';
import { LoopbackHub } from '../net/loopback.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import type { Store } from '../storage/store.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { watchStore } from './ledger/watched-store.ts';
import { NetworkNode } from './network-node.ts';
import { makeGenesis, makePayment, person } from './testkit/people.ts';
import { bob, carol, alice as founder, World, genesis as worldGenesis } from './testkit/world.ts';

test('a transaction that the store delivers twice is decided once, and its coins are counted once', async () => {
  const clock = new VirtualClock();
  const [founder, friend] = [person('founder'), person('friend')];
  const { file: genesis, network } = makeGenesis(founder);
  const first = makePayment(founder, [genesis], friend.address, 5_000_000n);
  const second = makePayment(founder, [first], friend.address, 7_000_000n, 3);
  const store = await createMemoryStorage().openStore(network.id);
  const files = [genesis, first, second];
  const ledger = new Ledger(network);
  const added = files.map((file, n) => {
    const decision = decide(file, 'valid', ledger);
    ledger.apply(file.txid, decision);
    if (decision.kind !== 'accepted') throw new Error(decision.kind);
    return { entry: decision.entry, winners: [], bytes: file.bytes, firstSeenMs: n };
  });
  await store.commit({ added });
  const twice: Store = {
    ...watchStore(store, { wrote: () => undefined, failed: () => undefined }),
    load: async (page) => {
      await store.load(page);
      await store.load(page);
    },
  };
  const node = new NetworkNode({
    network,
    genesis: genesis.bytes,
    store: twice,
    swarm: new LoopbackHub({ clock, latencyMs: () => 20 }).createSwarm(),
    clock,
    verify: async () => 'valid',
    owner: friend.address,
    trackers: [],
    software: 'test/1',
    isJoined: () => true,
    isDrawn: new Promise(() => undefined),
    changed: () => undefined,
    failed: (error) => expect.unreachable(String(error)),
  });
  await node.start();
  expect(node.balance).toEqual({ total: 12_000_000n, coins: 2 });
  expect([node.ledger.size, node.ledger.conflicted]).toEqual([3, 0]);
  await node.stop();
});

test('rivals that were forgotten, as some of too many, are no lines of the history', async () => {
  const clock = new VirtualClock();
  const hub = new LoopbackHub({ clock, latencyMs: () => 20 });
  const world = new World(clock, () => hub.createSwarm(), createMemoryStorage);
  const storage = createMemoryStorage();
  const node = await world.open(bob, storage);
  await world.give(node, makePayment(founder, [worldGenesis], carol.address, 6_000_000n));
  for (let time = 100; time < 200; time++) await world.give(node, makePayment(founder, [worldGenesis], bob.address, 900_000_000n, time));
  const lines = node.history.page(0, 1_000);
  expect(new Set(lines.map(({ state }) => state))).toEqual(new Set(['conflicted']));
  expect(lines).toHaveLength(node.ledger.conflicted);
  expect(lines.length).toBeLessThan(30);
  await node.stop();
  world.nodes.pop();
  const again = await world.open(bob, storage);
  expect(again.history.page(0, 1_000).map(({ txid }) => txid)).toEqual(lines.map(({ txid }) => txid));
  await world.stop();
});
