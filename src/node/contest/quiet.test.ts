/** Nodes to which nothing happens for a while, or that are closed meanwhile: what peers can then make them believe. */
import { expect, test } from 'vitest';
import { TtxError } from '../../core/error.ts';
import type { Message } from '../../core/message.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import { LoopbackHub } from '../../net/loopback.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import type { Commit, Storage } from '../../storage/store.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import type { NetworkNode } from '../network-node.ts';
import { makePayment } from '../testkit/people.ts';
import { ScriptedPeer } from '../testkit/scripted-peer.ts';
import { alice, bob, carol, genesis, network, World } from '../testkit/world.ts';

const toBob = makePayment(alice, [genesis], bob.address, 5_000_000n, 2);
const toCarol = makePayment(alice, [genesis], carol.address, 6_000_000n, 3);
const [smaller, greater] = toBob.txid < toCarol.txid ? [toBob, toCarol] : [toCarol, toBob];

function newWorld(): World {
  const clock = new VirtualClock();
  const hub = new LoopbackHub({ clock, latencyMs: () => 100, wantedPeers: 8 });
  return new World(clock, () => hub.createSwarm(), createMemoryStorage);
}

/** A peer that names one side when it is asked, whatever it knows. */
class Partisan extends ScriptedPeer {
  readonly #node: NetworkNode;
  side;
  isSettled = false;

  constructor(node: NetworkNode, digit: number, side?: TransactionFile) {
    super(digit.toString(16).repeat(40));
    this.#node = node;
    // Asked already when it says hello.
    this.side = side;
    const summary = node.ledger.summary();
    node.exchange.join(this);
    node.exchange.receive(this, { t: 'hello', software: 'x', protocol: 1, genesis: network.id, mode: 'full', modules: [], summary });
  }

  override send(message: Message): void {
    super.send(message);
    const { side, isSettled: settled } = this;
    if (message.t !== 'spent' || side === undefined) return;
    const spenders = message.coins.map((coin) => ({ kind: 'spent', coin, file: side.bytes, settled }) as const);
    queueMicrotask(() => this.#node.exchange.receive(this, { t: 'spender', spenders }));
  }
}

test('a liar at each of eight idle nodes does not turn them over to a rival that comes 9 s late', { timeout: 60_000 }, async () => {
  const world = newWorld();
  await world.openMany(8);
  const liars = world.nodes.map((node, n) => new Partisan(node, n + 1));
  await world.clock.advance(60_000);
  await world.give(world.nodes[0], smaller);
  await world.clock.advance(9_000);
  for (const liar of liars) [liar.side, liar.isSettled] = [greater, true];
  await world.give(world.nodes[7], greater);
  await world.clock.advance(40_000);
  expect([world.holding(smaller.txid), world.holding(greater.txid)]).toEqual([8, 0]);
  expect(world.stages(smaller.txid)).toEqual(Array(8).fill('settled'));
  await world.stop();
});

test('a quiet minute is no gap: who was there all the time believes not even three of five that a late rival has settled', async () => {
  const world = newWorld();
  const node = await world.open(alice);
  for (let n = 0; n < 5; n++) new Partisan(node, n + 1, n < 2 ? greater : smaller).isSettled = n >= 2;
  await world.clock.advance(60_000);
  await world.give(node, greater);
  await world.clock.advance(9_000);
  await world.give(node, smaller);
  await world.clock.advance(20_000);
  expect(node.ledger.isAccepted(greater.txid)).toBe(true);
  await world.stop();
});

test.each([false, true])('who came 9 s first keeps two peers of eight against six, closed meanwhile: %s', async (isClosed) => {
  const world = newWorld();
  const storage = createMemoryStorage();
  const meet = (node: NetworkNode) => {
    for (let n = 0; n < 8; n++) new Partisan(node, n + 1, n < 2 ? greater : smaller);
  };
  let node = await world.open(alice, storage);
  meet(node);
  await world.clock.advance(40_000);
  await world.give(node, greater);
  await world.clock.advance(9_000);
  await world.give(node, smaller);
  await world.clock.advance(3_000);
  if (isClosed) {
    await node.stop();
    world.nodes.shift();
    await world.clock.advance(1_000);
    node = await world.open(alice, storage);
    meet(node);
  }
  await world.clock.advance(20_000);
  expect(node.ledger.isAccepted(greater.txid)).toBe(true);
  await world.stop();
});

test('who has just come stays with five of eight that have settled, also when a minute has passed and still three hold what it leans to', async () => {
  const world = newWorld();
  const node = await world.open(alice);
  for (let n = 0; n < 8; n++) new Partisan(node, n + 1, n < 5 ? greater : smaller).isSettled = true;
  await world.clock.advance(1_000);
  await world.give(node, greater);
  await world.give(node, smaller);
  for (let passedMs = 0; passedMs < 120_000; passedMs += 10_000) {
    await world.clock.advance(10_000);
    expect(node.ledger.isAccepted(greater.txid)).toBe(true);
  }
  // Too few for a payee to be told that it is safe.
  expect(world.stages(greater.txid)).toEqual(['contested']);
  await world.stop();
});

test('a contest that cannot be written keeps no other waiting, and is tried again', async () => {
  const world = newWorld();
  const memory = createMemoryStorage();
  let unwritten: string | undefined;
  const storage: Storage = {
    ...memory,
    openStore: async (id) => {
      const store = await memory.openStore(id);
      const commit = async (all: Commit) => {
        if (all.amended?.some(({ txid, winners }) => txid === unwritten && winners?.length === 0)) throw new TtxError('storage-full');
        return store.commit(all);
      };
      return new Proxy(store, {
        get: (target, name) => {
          const own: unknown = Reflect.get(target, name, target);
          return name === 'commit' ? commit : typeof own === 'function' ? own.bind(target) : own;
        },
      });
    },
  };
  const node = await world.open(carol, storage);
  const peers = Array.from({ length: 4 }, (_, n) => new Partisan(node, n + 1));
  await world.clock.advance(2_000);
  // Bob spends what he was paid twice, alice her change.
  const contests = [bob, alice].map((from) =>
    [5, 6].map((time) => makePayment(from, [toBob], carol.address, 1_000_000n, time)).sort((a, b) => (a.txid < b.txid ? -1 : 1)),
  ) as [TransactionFile, TransactionFile][];
  const [[theirs, ours], [theirOther, ourOther]] = contests as [[TransactionFile, TransactionFile], [TransactionFile, TransactionFile]];
  await world.give(node, toBob, ours, ourOther);
  await world.give(node, theirs);
  await world.give(node, theirOther);
  unwritten = theirs.txid;
  for (const peer of peers)
    node.exchange.receive(peer, { t: 'inv', held: [theirs, theirOther].map(({ infohash, txid }) => ({ infohash, txid })) });
  await world.clock.advance(3_000);
  expect([theirs, theirOther].map(({ txid }) => node.ledger.isAccepted(txid))).toEqual([false, true]);
  unwritten = undefined;
  await world.clock.advance(3_000);
  expect(node.ledger.isAccepted(theirs.txid)).toBe(true);
  await world.stop();
});
