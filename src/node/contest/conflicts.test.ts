import { describe, expect, test } from 'vitest';
import { TtxError } from '../../core/error.ts';
import type { Hash } from '../../core/id.ts';
import { decodeTransaction } from '../../core/transaction.ts';
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
const byBob = makePayment(bob, [toBob], carol.address, 1_000_000n, 4);
function newWorld(): World {
  const clock = new VirtualClock();
  const hub = new LoopbackHub({ clock, latencyMs: () => 100, wantedPeers: 8 });
  return new World(clock, () => hub.createSwarm(), createMemoryStorage);
}

const [smaller, greater] = toBob.txid < toCarol.txid ? [toBob, toCarol] : [toCarol, toBob];

describe('a payment that nobody disputes', () => {
  test('is settled after 10 s and confirmed after 15 s of good time', async () => {
    const world = newWorld();
    await world.openMany(4);
    await world.give(world.nodes[0], toBob);
    await world.clock.advance(9_000);
    expect(new Set(world.stages(toBob.txid))).toEqual(new Set(['fresh']));
    await world.clock.advance(3_000);
    expect(new Set(world.stages(toBob.txid))).toEqual(new Set(['settled']));
    await world.clock.advance(6_000);
    expect(new Set(world.stages(toBob.txid))).toEqual(new Set(['confirmed']));
    await world.stop();
  });

  test('settles with nobody who is alone', async () => {
    const world = newWorld();
    await world.openMany(1);
    await world.give(world.nodes[0], toBob);
    await world.clock.advance(60_000);
    expect(world.stages(toBob.txid)).toEqual(['fresh']);
    await world.stop();
  });

  test('stays settled after a restart, and what had not settled starts again', async () => {
    const world = newWorld();
    const storage = createMemoryStorage();
    await world.openMany(2);
    const node = await world.open(alice, storage);
    await world.give(node, toBob);
    await world.clock.advance(20_000);
    await world.give(node, byBob);
    await world.clock.advance(1_000);
    await node.stop();
    world.nodes.pop();
    const again = await world.open(alice, storage);
    expect([again.conflicts.standingOf(toBob.txid).stage, again.conflicts.standingOf(byBob.txid).stage]).toEqual(['confirmed', 'fresh']);
    await world.stop();
  });
});

describe('two payments with one coin', () => {
  test('at once, at different ends: all nodes hold one, frozen first and settled later', { timeout: 60_000 }, async () => {
    const world = newWorld();
    await world.openMany(10);
    await Promise.all([world.give(world.nodes[0], toBob, byBob), world.give(world.nodes[9], toCarol)]);
    await world.clock.advance(3_000);
    expect([world.holding(smaller.txid), world.holding(greater.txid)].sort()).toEqual([0, 10]);
    const held = world.holding(toBob.txid) > 0 ? toBob : toCarol;
    expect(new Set(world.stages(held.txid))).toEqual(new Set(['contested']));
    await world.clock.advance(25_000);
    expect(new Set(world.stages(held.txid))).toEqual(new Set(['confirmed']));
    const [first] = world.nodes;
    for (const { ledger } of world.nodes) expect(ledger.summary()).toEqual(first?.ledger.summary());
    await world.stop();
  });

  test('every node hears of the double spend, and who watches is never told "confirmed"', async () => {
    const world = newWorld();
    await world.openMany(6);
    await world.give(world.nodes[0], toBob);
    await world.clock.advance(5_000);
    await world.give(world.nodes[5], toCarol);
    await world.clock.advance(2_000);
    expect(world.holding(toBob.txid)).toBe(6);
    expect(new Set(world.stages(toBob.txid))).toEqual(new Set(['contested']));
    for (const { conflicts } of world.nodes) expect(conflicts.standingOf(toBob.txid).rivals).toEqual([toCarol.txid]);
    await world.stop();
  });

  test('long after the first has settled: it moves nobody, but is known', { timeout: 30_000 }, async () => {
    const world = newWorld();
    await world.openMany(6);
    await world.give(world.nodes[0], toBob);
    await world.clock.advance(30_000);
    await world.give(world.nodes[5], toCarol);
    await world.clock.advance(70_000);
    expect([world.holding(toBob.txid), world.holding(toCarol.txid)]).toEqual([6, 0]);
    for (const { conflicts } of world.nodes)
      expect(conflicts.standingOf(toBob.txid)).toMatchObject({ stage: 'confirmed', rivals: [toCarol.txid] });
    await world.stop();
  });

  /** A race in which the first node began with the side that loses; it is `owner`'s. */
  async function loseRace(world: World, owner: typeof alice, storage: Storage): Promise<NetworkNode> {
    const loser = await world.open(owner, storage);
    await world.openMany(9);
    await Promise.all([world.give(loser, greater), world.give(world.nodes[8], smaller), world.give(world.nodes[9], smaller)]);
    await world.clock.advance(50);
    expect(loser.ledger.isAccepted(greater.txid)).toBe(true);
    return loser;
  }

  test('going over is on disk: a restart holds the same side, and coins and history follow', async () => {
    const world = newWorld();
    const storage = createMemoryStorage();
    const payee = greater === toBob ? bob : carol;
    const loser = await loseRace(world, payee, storage);
    expect(loser.balance.coins).toBe(1);
    await world.clock.advance(3_000);
    expect([world.holding(smaller.txid), world.holding(greater.txid)]).toEqual([10, 0]);
    expect(loser.balance).toEqual({ total: 0n, coins: 0 });
    expect(loser.history.page(0, 5)).toMatchObject([{ txid: greater.txid, kind: 'received', state: 'conflicted' }]);
    const before = loser.ledger.summary();
    await loser.stop();
    world.nodes.shift();
    const again = await world.open(payee, storage);
    expect(again.ledger.summary()).toEqual(before);
    expect(again.ledger.findWinners(greater.txid)).toEqual([smaller.txid]);
    await world.stop();
  });

  test('a node that cannot write has not gone over, and does when it can', async () => {
    const world = newWorld();
    let isFull = false;
    const memory = createMemoryStorage();
    const storage: Storage = {
      ...memory,
      openStore: async (id) => {
        const store = await memory.openStore(id);
        const commit = async (all: Commit) => {
          if (isFull) throw new TtxError('storage-full');
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
    const loser = await loseRace(world, carol, storage);
    isFull = true;
    await world.clock.advance(3_000);
    expect(loser.ledger.isAccepted(greater.txid)).toBe(true);
    isFull = false;
    await world.clock.advance(3_000);
    expect(loser.ledger.isAccepted(smaller.txid)).toBe(true);
    await world.stop();
  });
});

describe('coins', () => {
  test('what others have just paid is kept for last until it is confirmed, and is not spent while it is contested', async () => {
    const world = newWorld();
    const payee = await world.open(bob);
    await world.openMany(4);
    await world.give(world.nodes[1], toBob);
    await world.clock.advance(1_000);
    expect(payee.spendable().map((coins) => coins.length)).toEqual([0, 0, 1]);
    await world.clock.advance(20_000);
    expect(payee.spendable().map((coins) => coins.length)).toEqual([1, 1, 1]);
    await world.stop();
    const other = newWorld();
    const cheated = await other.open(bob);
    await other.openMany(4);
    await other.give(other.nodes[1], toBob);
    await other.clock.advance(6_000);
    await other.give(other.nodes[2], toCarol);
    await other.clock.advance(1_000);
    expect(cheated.coins).toHaveLength(1);
    expect(cheated.spendable()).toEqual([[], [], []]);
    await other.stop();
  });

  test('a second device learns from peers that its coin is spent, before it spends it', async () => {
    const world = newWorld();
    await world.openMany(1);
    await world.give(world.nodes[0], toBob);
    const second = await world.open(alice);
    const coins = second.coins.map(({ locator }) => locator);
    second.lookUp(coins);
    expect(second.conflicts.isUnanswered).toBe(true);
    await world.clock.advance(300);
    second.lookUp(coins);
    await world.clock.advance(3_000);
    expect(second.conflicts.isUnanswered).toBe(false);
    expect(second.ledger.isAccepted(toBob.txid)).toBe(true);
    await world.stop();
  });

  test('a payment vouches for settled tips, and for nothing that is contested or that it could spend', async () => {
    const world = newWorld();
    await world.openMany(4);
    const [node] = world.nodes;
    await world.give(node, toBob);
    await world.clock.advance(6_000);
    expect(node?.conflicts.tips(new Set())).toEqual([]);
    await world.clock.advance(6_000);
    expect(node?.conflicts.tips(new Set())).toEqual([toBob.txid]);
    expect(node?.conflicts.tips(new Set([toBob.txid]))).toEqual([]);
    await world.give(world.nodes[2], toCarol);
    await world.clock.advance(1_000);
    expect(node?.conflicts.isBelieved(toBob.txid)).toBe(false);
    expect(node?.conflicts.tips(new Set())).toEqual([]);
    await world.stop();
  });
});

describe('peers that mean harm', () => {
  const hello = (node: NetworkNode) =>
    ({
      t: 'hello',
      software: 'x',
      protocol: 1,
      genesis: network.id,
      mode: 'full',
      modules: [],
      summary: node.ledger.summary(),
    }) as const;

  async function meet() {
    const world = newWorld();
    await world.openMany(1);
    const [node] = world.nodes as [NetworkNode];
    const peer = new ScriptedPeer('f'.repeat(40));
    node.exchange.join(peer);
    node.exchange.receive(peer, hello(node));
    return { world, node, peer };
  }

  test('proofs of nothing and answers that nobody asked for cost score', async () => {
    const { world, node, peer } = await meet();
    node.exchange.receive(peer, { t: 'dsp', files: [toBob.bytes, byBob.bytes] });
    expect(peer.penalties).toBeGreaterThan(0);
    const before = peer.penalties;
    const coin = { txid: genesis.txid, owner: 'a'.repeat(64) as Hash };
    node.exchange.receive(peer, { t: 'spender', spenders: [{ kind: 'unspent', coin }] });
    expect(peer.penalties).toBeGreaterThan(before);
    await world.stop();
  });

  test('a proof brings both sides, and everybody else hears of it once', async () => {
    const { world, node, peer } = await meet();
    const other = new ScriptedPeer('e'.repeat(40));
    node.exchange.join(other);
    node.exchange.receive(other, hello(node));
    for (let times = 0; times < 3; times++) node.exchange.receive(peer, { t: 'dsp', files: [toBob.bytes, toCarol.bytes] });
    await world.clock.advance(5_000);
    expect([node.ledger.find(toBob.txid), node.ledger.find(toCarol.txid)].every((entry) => entry !== undefined)).toBe(true);
    expect(other.heard.filter(({ t }) => t === 'dsp')).toHaveLength(1);
    await world.stop();
  });

  test('who connects during a contest is told of it, with the votes that there are', async () => {
    const world = newWorld();
    await world.openMany(3);
    await Promise.all([world.give(world.nodes[0], toBob), world.give(world.nodes[2], toCarol)]);
    await world.clock.advance(4_000);
    const node = world.nodes[0] ?? expect.unreachable();
    const late = new ScriptedPeer('e'.repeat(40));
    node.exchange.join(late);
    node.exchange.receive(late, hello(node));
    await world.clock.advance(10);
    const proof = late.last('dsp')?.files.map((file) => decodeTransaction(file).txid);
    expect(proof?.toSorted()).toEqual([toBob.txid, toCarol.txid].sort());
    expect(late.last('vote')?.votes.length).toBeGreaterThan(0);
    await world.stop();
  });

  test('who was closed during a contest has its votes again, from the peers that it meets', async () => {
    const world = newWorld();
    const storage = createMemoryStorage();
    await world.openMany(2);
    const node = await world.open(alice, storage);
    await Promise.all([world.give(world.nodes[0], toBob), world.give(node, toCarol)]);
    await world.clock.advance(4_000);
    await node.stop();
    world.nodes.pop();
    const again = await world.open(alice, storage);
    await world.clock.advance(400);
    const listener = new ScriptedPeer('e'.repeat(40));
    again.exchange.join(listener);
    again.exchange.receive(listener, hello(again));
    await world.clock.advance(10);
    expect(listener.last('vote')?.votes.length).toBeGreaterThan(0);
    await world.stop();
  });

  test('who signs a thousand rivals is carried around once, and few of them are kept', async () => {
    const { world, node, peer } = await meet();
    await world.give(node, toBob);
    const rivals = Array.from({ length: 200 }, (_, i) => makePayment(alice, [genesis], carol.address, 7_000_000n, 100 + i));
    for (const rival of rivals) node.exchange.receive(peer, { t: 'dsp', files: [toBob.bytes, rival.bytes] });
    await world.give(node, ...rivals);
    await world.clock.advance(2_000);
    expect(node.ledger.conflicted).toBeLessThan(24);
    expect(peer.heard.filter(({ t }) => t === 'dsp')).toHaveLength(1);
    await world.stop();
  });

  test('votes without a contest, and a flood of them, are not passed on', async () => {
    const { world, node, peer } = await meet();
    const other = new ScriptedPeer('e'.repeat(40));
    node.exchange.join(other);
    node.exchange.receive(other, hello(node));
    const flood = () => {
      for (let i = 0; i < 100; i++) {
        const votes = Array.from({ length: 64 }, (_, n) => ({ txid: toBob.txid, nonce: i * 64 + n }));
        node.exchange.receive(peer, { t: 'vote', votes });
      }
    };
    flood();
    expect(other.heard.filter(({ t }) => t === 'vote')).toHaveLength(0);
    await world.give(node, toBob, toCarol);
    await world.clock.advance(1_000);
    flood();
    await world.clock.advance(1_000);
    const passed = other.heard.flatMap((message) => (message.t === 'vote' ? message.votes : []));
    expect(passed.length).toBeGreaterThan(0);
    expect(passed.length).toBeLessThanOrEqual(512);
    await world.stop();
  });
});
