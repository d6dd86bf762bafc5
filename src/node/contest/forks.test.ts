import { describe, expect, test } from 'vitest';
import { TtxError } from '../../core/error.ts';
import { LoopbackHub } from '../../net/loopback.ts';
import type { LoopbackSwarm } from '../../net/loopback-swarm.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import type { Commit, Storage } from '../../storage/store.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import type { NetworkNode } from '../network-node.ts';
import { makePayment } from '../testkit/people.ts';
import { alice, bob, carol, genesis, World } from '../testkit/world.ts';
import { RECENT_ACTIVITY } from '../wallet/wallet.ts';

const TTX = 1_000_000n;
const toBob = makePayment(alice, [genesis], bob.address, 5n * TTX, 2);
const byBob = makePayment(bob, [toBob], carol.address, 1n * TTX, 4);
const toCarol = makePayment(alice, [genesis], carol.address, 6n * TTX, 3);
const byCarol = makePayment(carol, [toCarol], bob.address, 2n * TTX, 5);

/** A partition with a double spend across it, settled on both sides, and mended: one node of bob's and three of carol's. */
async function forked(storage: Storage = createMemoryStorage(), [left, right] = [toBob, toCarol]) {
  const clock = new VirtualClock();
  const hub = new LoopbackHub({ clock, latencyMs: () => 100, wantedPeers: 8 });
  const swarms: LoopbackSwarm[] = [];
  const createSwarm = () => {
    const swarm = hub.createSwarm();
    swarms.push(swarm);
    return swarm;
  };
  const world = new World(clock, createSwarm, createMemoryStorage);
  const node = await world.open(bob, storage);
  await world.open(bob);
  for (let i = 0; i < 3; i++) await world.open(carol);
  await clock.advance(2_000);
  const across = (deed: (a: LoopbackSwarm, b: LoopbackSwarm) => void) => {
    for (const a of swarms.slice(0, 2)) for (const b of swarms.slice(2)) deed(a, b);
  };
  across((a, b) => hub.cut(a, b));
  const isUsual = left === toBob;
  await world.give(node, left, ...(isUsual ? [byBob] : []));
  await world.give(world.nodes[2], right, ...(isUsual ? [byCarol] : []));
  await clock.advance(30_000);
  across((a, b) => hub.mend(a, b));
  await clock.advance(40_000);
  return { world, node, storage };
}

const holds = (node: NetworkNode | undefined, ...files: readonly { readonly txid: typeof toBob.txid }[]) =>
  files.map(({ txid }) => node?.ledger.isAccepted(txid));

describe('a fork that stays', () => {
  test('is told with the transactions where it parts, who is on which side, and what has been built on each', async () => {
    const { world, node } = await forked();
    expect(holds(node, toBob, byBob, toCarol, byCarol)).toEqual([true, true, false, false]);
    expect(node.forks.news()).toEqual([{ theirs: toCarol.txid, ours: [toBob.txid], followers: 3, isOwn: true, basis: 'settled' }]);
    const peer = node.exchange.peers().find(({ id }) => node.sync.relationTo(id)?.kind === 'forked');
    expect(node.forks.relationTo(peer?.id ?? '')).toEqual({ kind: 'forked', forks: [{ theirs: toCarol.txid, ours: [toBob.txid] }] });
    const detail = node.forks.load(toCarol.txid);
    expect(detail).toMatchObject({
      peers: 4,
      sides: [
        { txid: toBob.txid, to: bob.address, amount: 5n * TTX, isFollowed: true, followers: 1, descendants: 1, chosenAtMs: undefined },
        { txid: toCarol.txid, to: carol.address, amount: 6n * TTX, isFollowed: false, followers: 3, descendants: 1 },
      ],
    });
    // Whichever end of it one comes from.
    for (const { txid } of [toBob, byCarol]) expect(node.forks.load(txid)).toEqual(detail);
    expect(node.history.page(0, 9).map(({ txid, state, differing }) => [txid, state, differing])).toEqual(
      expect.arrayContaining([
        [toBob.txid, 'confirmed', 3],
        [byBob.txid, 'confirmed', 3],
        [byCarol.txid, 'conflicted', 3],
      ]),
    );
    await world.stop();
  });

  test('is no news to whose money it is not, and none to whom everybody agrees with', async () => {
    const { world, node } = await forked();
    const [, , other] = world.nodes;
    await other?.setOwner(alice.address);
    // Alice signed both.
    expect(other?.forks.news().map(({ isOwn }) => isOwn)).toEqual([true]);
    expect(other?.forks.counter()(genesis.txid)).toBe(0);
    expect(node.forks.load(genesis.txid).sides).toHaveLength(1);
    await world.stop();
  });
});

describe('a node that comes late', () => {
  test.each([[toBob, toCarol] as const, [toCarol, toBob] as const])(
    'believes what more of its peers have settled on',
    async (left, right) => {
      const { world } = await forked(undefined, [left, right]);
      const late = await world.open(alice);
      await world.clock.advance(30_000);
      // Three of five have settled on it; whichever was heard first and has the smaller txid.
      expect(holds(late, left, right)).toEqual([false, true]);
      expect(late.forks.news()).toMatchObject([{ theirs: left.txid, followers: 2, basis: 'open' }]);
      await world.stop();
    },
  );

  test('stays with what had settled here, and says that others see it otherwise', async () => {
    const { world, node, storage } = await forked();
    await node.stop();
    world.nodes.shift();
    const again = await world.open(bob, storage);
    await world.clock.advance(60_000);
    expect(holds(again, toBob, toCarol)).toEqual([true, false]);
    expect(again.forks.news()).toMatchObject([{ theirs: toCarol.txid, followers: 3, isOwn: true }]);
    await world.stop();
  });
});

describe('following the other side', () => {
  test('is shown before, done as shown, and stays done whatever peers hold', async () => {
    const { world, node } = await forked();
    const preview = node.forks.preview(toCarol.txid);
    expect(preview.before).toEqual(node.balance);
    expect(preview.withdrawn.map(({ txid, kind }) => [txid, kind])).toEqual([
      [toBob.txid, 'received'],
      [byBob.txid, 'sent'],
    ]);
    expect(preview.returned.map(({ txid, kind, amount }) => [txid, kind, amount])).toEqual([[byCarol.txid, 'received', 2n * TTX]]);
    expect(preview.others).toBe(1);
    await node.forks.follow(byCarol.txid);
    expect(holds(node, toBob, byBob, toCarol, byCarol)).toEqual([false, false, true, true]);
    expect(node.balance).toEqual(preview.after);
    expect(node.balance).toEqual({ total: 2n * TTX, coins: 1 });
    const lines = new Map(node.history.page(0, 9).map((line) => [line.txid, line]));
    expect(lines.get(toBob.txid)).toMatchObject({
      state: 'conflicted',
      chosenAtMs: world.clock.nowMs(),
      withdrawnAtMs: world.clock.nowMs(),
    });
    expect(lines.get(byCarol.txid)?.withdrawnAtMs).toBeUndefined();
    await world.clock.advance(60_000);
    // One peer of its own side is left, three are on the one that it follows now: not nearly all.
    expect(node.conflicts.standingOf(toCarol.txid)).toMatchObject({ stage: 'settled' });
    expect(node.ledger.summary()).toEqual(world.nodes[2]?.ledger.summary());
    expect(node.forks.news()).toMatchObject([{ theirs: toBob.txid, ours: [toCarol.txid], followers: 1, basis: 'chosen' }]);
    await world.stop();
  });

  test('shows a payment that had been refused as accepted, and as withdrawn again, however far back in the history it is', async () => {
    const { world } = await forked();
    const [, , carols] = world.nodes;
    const lost = { infohash: toBob.infohash, txid: toBob.txid, network: undefined, trackers: [], file: toBob.bytes };
    await carols?.setOwner(bob.address);
    await carols?.acceptances.start('a', lost);
    await world.clock.advance(100);
    expect(carols?.acceptances.list()).toMatchObject([{ stage: { kind: 'conflicted' } }]);
    await carols?.forks.follow(toBob.txid);
    await world.clock.advance(100);
    expect(carols?.acceptances.list()).toMatchObject([
      { stage: { kind: 'accepted', amount: 5n * TTX, already: false, line: { state: 'unconfirmed', kind: 'received' } } },
    ]);
    const chain = [toBob];
    while (chain.length <= RECENT_ACTIVITY) chain.push(makePayment(alice, chain.slice(-1), bob.address, TTX, 10 + chain.length));
    await world.give(carols, ...chain);
    expect(carols?.history.page(0, RECENT_ACTIVITY).map(({ txid }) => txid)).not.toContain(toBob.txid);
    await carols?.forks.follow(toCarol.txid);
    expect(carols?.acceptances.list()).toMatchObject([{ stage: { kind: 'accepted', line: { state: 'conflicted' } } }]);
    await world.stop();
  });

  test('is told to peers as it is: they count this node on the side that it follows', async () => {
    const { world, node } = await forked();
    const [, , other] = world.nodes;
    expect(other?.forks.load(toCarol.txid).sides.map(({ followers }) => followers)).toEqual([2, 2]);
    await node.forks.follow(toCarol.txid);
    await world.clock.advance(10_000);
    expect(other?.forks.load(toCarol.txid).sides.map(({ followers }) => followers)).toEqual([3, 1]);
    await world.stop();
  });

  test('is undone by following back, which brings back what had been withdrawn', async () => {
    const { world, node } = await forked();
    const before = node.ledger.summary();
    const { before: balance } = node.forks.preview(toCarol.txid);
    await node.forks.follow(toCarol.txid);
    await node.forks.follow(toBob.txid);
    expect(node.ledger.summary()).toEqual(before);
    expect(node.balance).toEqual(balance);
    expect(node.forks.load(toBob.txid).sides.map(({ txid }) => txid)).toEqual([toBob.txid, toCarol.txid]);
    await node.forks.follow(toBob.txid);
    expect(node.ledger.summary()).toEqual(before);
    await world.stop();
  });

  test('stays after a restart, and is not called confirmed for it', async () => {
    const { world, node, storage } = await forked();
    await node.forks.follow(toCarol.txid);
    const [before, chosenMs] = [node.ledger.summary(), node.forks.decidedAtMs(toCarol.txid)];
    await node.stop();
    world.nodes.shift();
    const again = await world.open(bob, storage);
    expect(again.ledger.summary()).toEqual(before);
    expect([again.forks.decidedAtMs(toCarol.txid), again.forks.decidedAtMs(toBob.txid)]).toEqual([chosenMs, chosenMs]);
    expect(again.forks.withdrawnAtMs(toBob.txid)).toBe(chosenMs);
    await world.clock.advance(60_000);
    expect(again.conflicts.standingOf(toCarol.txid).stage).toBe('settled');
    await world.stop();
  });

  test('that could not be written has not happened', async () => {
    const memory = createMemoryStorage();
    let isDead = false;
    const storage: Storage = {
      ...memory,
      openStore: async (id) => {
        const store = await memory.openStore(id);
        const commit = async (all: Commit) => {
          if (isDead) throw new TtxError('storage-full');
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
    const { world, node } = await forked(storage);
    const [before, balance] = [node.ledger.summary(), node.balance];
    isDead = true;
    await expect(node.forks.follow(toCarol.txid)).rejects.toThrow('storage');
    expect(node.ledger.summary()).toEqual(before);
    expect(node.balance).toEqual(balance);
    expect(node.forks.decidedAtMs(toCarol.txid)).toBeUndefined();
    isDead = false;
    await node.forks.follow(toCarol.txid);
    expect(holds(node, toBob, toCarol)).toEqual([false, true]);
    await world.stop();
  });

  test('of a payment that nobody knows is refused', async () => {
    const { world, node } = await forked();
    const unknown = makePayment(alice, [genesis], bob.address, 7n * TTX, 9).txid;
    expect(() => node.forks.preview(unknown)).toThrow('unknown-transaction');
    await expect(node.forks.follow(unknown)).rejects.toThrow('unknown-transaction');
    await world.stop();
  });
});
