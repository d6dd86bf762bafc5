import { describe, expect, test } from 'vitest';
import { coinId } from '../../core/id.ts';
import { LoopbackHub } from '../../net/loopback.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { makePayment } from '../testkit/people.ts';
import { hello, inv, ScriptedPeer } from '../testkit/scripted-peer.ts';
import { alice, bob, carol, genesis, World } from '../testkit/world.ts';

const toBob = makePayment(alice, [genesis], bob.address, 5_000_000n, 2);
const toCarol = makePayment(alice, [genesis], carol.address, 6_000_000n, 3);
function newWorld(): World {
  const clock = new VirtualClock();
  const hub = new LoopbackHub({ clock, latencyMs: () => 100, wantedPeers: 8 });
  return new World(clock, () => hub.createSwarm(), createMemoryStorage);
}

const [smaller, greater] = toBob.txid < toCarol.txid ? [toBob, toCarol] : [toCarol, toBob];
const manyRivals = (count: number, from: number) =>
  Array.from({ length: count }, (_, i) => makePayment(alice, [genesis], carol.address, 7_000_000n, from + i));

async function meet() {
  const world = newWorld();
  const node = await world.open();
  const peer = new ScriptedPeer('f'.repeat(40));
  node.exchange.join(peer);
  node.exchange.receive(peer, hello(genesis.txid));
  return { world, node, peer };
}

describe('rivals without end', () => {
  test('of hundreds for one coin a dozen or so are kept and looked at', async () => {
    const { world, node } = await meet();
    await world.give(node, toBob, ...manyRivals(300, 100));
    await world.clock.advance(2_000);
    expect(node.conflicts.standingOf(toBob.txid).rivals.length).toBeLessThan(30);
    expect(node.ledger.conflicted).toBe(node.conflicts.standingOf(toBob.txid).rivals.length);
    await world.stop();
  });

  test('a new one for each question: a dozen of one peer are kept, and 64 or so of one that comes back again and again', async () => {
    const { world, node, peer } = await meet();
    await world.give(node, toBob);
    node.exchange.leave(peer);
    let time = 100;
    for (let visit = 0; visit < 20; visit++) {
      const liar = new ScriptedPeer(visit.toString(16).padStart(40, 'a'));
      node.exchange.join(liar);
      node.exchange.receive(liar, hello(genesis.txid));
      if (visit === 0) await world.give(node, toCarol);
      for (let answers = 0; answers < (visit === 0 ? 30 : 5); answers++) {
        const coins = liar.heard.splice(0).flatMap((message) => (message.t === 'spent' ? message.coins : []));
        const spenders = coins.map((coin) => {
          const file = makePayment(alice, [genesis], carol.address, 7_000_000n, time++).bytes;
          return { kind: 'spent', coin, file, settled: false } as const;
        });
        if (spenders.length > 0) node.exchange.receive(liar, { t: 'spender', spenders });
        await world.clock.advance(200);
      }
      if (visit === 0) expect(node.ledger.conflicted).toBeLessThan(16);
      node.exchange.leave(liar);
    }
    expect(node.ledger.conflicted).toBeLessThan(70);
    await world.stop();
  });

  test('what builds on one of them leaves room for the rivals of other coins', { timeout: 60_000 }, async () => {
    const { world, node } = await meet();
    const split = makePayment(alice, [genesis], carol.address, 100_000_000n, 5);
    const rival = makePayment(alice, [split], bob.address, 2_000_000n, 7);
    await world.give(node, split, makePayment(alice, [split], bob.address, 1_000_000n, 6), rival);
    const line = [rival];
    for (let i = 0; i < 4_200; i++) line.push(makePayment(alice, [line.at(-1) ?? rival], bob.address, 1n, 8 + i));
    await world.give(node, ...line);
    expect(node.ledger.conflicted).toBe(4_096);
    const [first, second] = [5n, 6n].map((units) => makePayment(carol, [split], bob.address, units * 1_000_000n, 9));
    if (first === undefined || second === undefined) return expect.unreachable();
    await world.give(node, first, second);
    await world.clock.advance(1_000);
    expect(node.conflicts.standingOf(first.txid)).toMatchObject({ stage: 'contested', rivals: [second.txid] });
    await world.stop();
  });

  test('other ones for each node: all come to hold the same, and nobody is let go for it', { timeout: 60_000 }, async () => {
    const world = newWorld();
    await world.openMany(4);
    await Promise.all(world.nodes.map((node, i) => world.give(node, ...manyRivals(12, 1_000 * (i + 1)))));
    await world.clock.advance(120_000);
    expect(new Set(world.nodes.map(({ ledger }) => ledger.summary().transactionsRoot)).size).toBe(1);
    expect(world.nodes.map(({ exchange }) => exchange.readyPeers)).toEqual([3, 3, 3, 3]);
    await world.stop();
  });
});

describe('a contest', () => {
  test('ends between two nodes that hold different sides', { timeout: 60_000 }, async () => {
    const world = newWorld();
    await world.openMany(2);
    await Promise.all([world.give(world.nodes[0], greater), world.give(world.nodes[1], smaller)]);
    await world.clock.advance(3_000);
    expect([world.holding(smaller.txid), world.holding(greater.txid)]).toEqual([2, 0]);
    await world.clock.advance(30_000);
    expect(world.stages(smaller.txid)).toEqual(['confirmed', 'confirmed']);
    await world.stop();
  });

  test('goes on after a restart, also for a node that went over to the side that it heard of later', async () => {
    const world = newWorld();
    const storage = createMemoryStorage();
    const loser = await world.open(carol, storage);
    await world.openMany(9);
    await Promise.all([world.give(loser, greater), world.give(world.nodes[8], smaller), world.give(world.nodes[9], smaller)]);
    await world.clock.advance(3_000);
    expect(loser.ledger.isAccepted(smaller.txid)).toBe(true);
    await loser.stop();
    world.nodes.shift();
    const again = await world.open(carol, storage);
    expect(again.conflicts.standingOf(smaller.txid)).toMatchObject({ stage: 'contested', rivals: [greater.txid] });
    await world.clock.advance(30_000);
    expect(again.conflicts.standingOf(smaller.txid).stage).toBe('confirmed');
    await world.stop();
  });

  test('is weighed after a restart as before: the heavier side is kept where peers are divided', async () => {
    const rivals = manyRivals(200, 5_000);
    const isHeavy = (file: (typeof rivals)[number]) => file.txid > smaller.txid && file.workBits > smaller.workBits + 3;
    const heavy = rivals.find(isHeavy) ?? expect.unreachable('none is heavy');
    const world = newWorld();
    const storage = createMemoryStorage();
    const node = await world.open(alice, storage);
    await world.give(node, heavy, smaller);
    await node.stop();
    world.nodes.pop();
    const again = await world.open(alice, storage);
    for (const [i, side] of [heavy, smaller].entries()) {
      const peer = new ScriptedPeer(`${i}`.repeat(40));
      again.exchange.join(peer);
      again.exchange.receive(peer, hello(genesis.txid));
      again.exchange.receive(peer, { t: 'inv', held: [{ infohash: side.infohash, txid: side.txid }] });
    }
    await world.clock.advance(3_000);
    expect(again.ledger.isAccepted(heavy.txid)).toBe(true);
    await world.stop();
  });

  test('that stays open costs a peer some two questions a minute', { timeout: 60_000 }, async () => {
    const { world, node, peer } = await meet();
    await world.give(node, toBob, toCarol);
    await world.clock.advance(3_600_000);
    expect(node.conflicts.standingOf(toBob.txid).stage).toBe('contested');
    expect(peer.heard.filter(({ t }) => t === 'spent').length).toBeLessThan(200);
    await world.stop();
  });

  test('asks whoever connects later at once', async () => {
    const { world, node } = await meet();
    await world.give(node, toBob, toCarol);
    await world.clock.advance(300_000);
    const late = new ScriptedPeer('e'.repeat(40));
    node.exchange.join(late);
    node.exchange.receive(late, hello(genesis.txid));
    expect(late.last('spent')?.coins.map(({ txid }) => txid)).toEqual([genesis.txid]);
    await world.stop();
  });
});

describe('rivals that overlap', () => {
  const one = makePayment(alice, [genesis], bob.address, 50_000_000n, 2);
  const two = makePayment(alice, [one], bob.address, 50_000_000n, 3);
  const [a, ab, b] = [[one], [one, two], [two]].map((coins, i) => makePayment(bob, coins, carol.address, 1_000_000n, 4 + i)) as [
    typeof one,
    typeof one,
    typeof one,
  ];
  const stagesOf = (node: Awaited<ReturnType<World['open']>>) =>
    [a, b].map(({ txid }) => {
      const { stage, rivals } = node.conflicts.standingOf(txid);
      return [stage, rivals];
    });
  const contested = [
    ['contested', [ab.txid]],
    ['contested', [ab.txid]],
  ];

  test.each([
    ['one after the other', [[a], [ab], [b]]],
    ['at once', [[a, ab, b]]],
    ['at once, the middle one before one of the others', [[b, ab, a]]],
  ])('are all contested, wherever the one in the middle stands: %s', async (_, batches) => {
    const { world, node } = await meet();
    await world.give(node, one, two);
    await world.clock.advance(20_000);
    for (const batch of batches) await world.give(node, ...batch);
    expect(stagesOf(node)).toEqual(contested);
    await world.clock.advance(20_000);
    expect(stagesOf(node)).toEqual(contested);
    await world.stop();
  });

  test('one that builds on what lost contests nothing', async () => {
    const { world, node } = await meet();
    const [winner, loser] = [6n, 7n].map((units) => makePayment(alice, [two], bob.address, units * 1_000_000n, 7));
    if (winner === undefined || loser === undefined) return expect.unreachable();
    await world.give(node, one, two, winner, loser, makePayment(bob, [one, loser], carol.address, 1_000_000n, 8));
    await world.give(node, a);
    expect(stagesOf(node)[0]).toEqual(['fresh', []]);
    await world.stop();
  });
});

test('rivals whose line comes back when the node goes over are contested then, whichever is accepted', async () => {
  const { world, node, peer } = await meet();
  const one = makePayment(alice, [genesis], bob.address, 50_000_000n, 2);
  const held = makePayment(alice, [one], bob.address, 5_000_000n, 3);
  const others = Array.from({ length: 9 }, (_, i) => makePayment(alice, [one], carol.address, 5_000_000n, 4 + i));
  const lost = others.find(({ txid }) => txid > held.txid) ?? expect.unreachable('none leans to the other');
  const [first, second] = [4, 5].map((time) => makePayment(alice, [held], carol.address, 1_000_000n, time)) as [typeof one, typeof one];
  await world.give(node, one, lost, held, first, second);
  // Bob's other coin, spent together with one that has lost, and only then alone.
  const merged = makePayment(bob, [one, held], alice.address, 1_000_000n, 6);
  const alone = makePayment(bob, [one], alice.address, 1_000_000n, 7);
  await world.give(node, merged);
  await world.give(node, alone);
  node.exchange.receive(peer, inv(held));
  await world.clock.advance(5_000);
  expect(node.ledger.isAccepted(held.txid)).toBe(true);
  const sides = [first, second].filter(({ txid }) => node.ledger.isAccepted(txid));
  expect(sides.map(({ txid }) => node.conflicts.standingOf(txid).stage)).toEqual(['contested']);
  expect(node.conflicts.standingOf(alone.txid)).toMatchObject({ stage: 'contested', rivals: [merged.txid] });
  await world.stop();
});

test('what came while its line had lost, and is accepted when that comes back, is contested by what it beats, and not confirmed at 5 of 8 peers', async () => {
  const world = newWorld();
  const node = await world.open();
  const peers = Array.from({ length: 8 }, (_, n) => new ScriptedPeer(`${n}`.repeat(40)));
  const announce = (some: readonly ScriptedPeer[], file: typeof toBob) => {
    for (const peer of some) node.exchange.receive(peer, inv(file));
  };
  for (const peer of peers) {
    node.exchange.join(peer);
    node.exchange.receive(peer, hello(genesis.txid));
  }
  const heaviest = (files: readonly (typeof toBob)[]) => files.toSorted((x, y) => y.workBits - x.workBits || (x.txid < y.txid ? -1 : 1));
  const [other = toCarol] = heaviest(manyRivals(60, 100));
  const spenders = Array.from({ length: 60 }, (_, i) => makePayment(alice, [toBob], carol.address, 1_000_000n, 10 + i));
  const [[third = toBob], [first = toBob, second = toBob]] = [heaviest(spenders), heaviest(spenders).slice(-2)];
  await world.give(node, toBob, first, second, other);
  announce(peers, other);
  await world.clock.advance(600);
  expect(node.ledger.isAccepted(other.txid)).toBe(true);
  await world.give(node, third);
  announce(peers, toBob);
  announce(peers.slice(0, 5), third);
  announce(peers.slice(5), first);
  await world.clock.until(() => node.ledger.isAccepted(toBob.txid));
  expect(node.ledger.isAccepted(third.txid)).toBe(true);
  await world.clock.advance(60_000);
  expect(node.conflicts.standingOf(toBob.txid).stage).toBe('confirmed');
  const accepted = [first, second, third].filter(({ txid }) => node.ledger.isAccepted(txid));
  expect(accepted.map(({ txid }) => node.conflicts.standingOf(txid))).toMatchObject([{ stage: 'contested', rivals: { length: 2 } }]);
  await world.stop();
});

describe('a question about a coin', () => {
  const coin = coinId(genesis.txid, alice.address);
  const answer = (peer: ScriptedPeer) =>
    ({ t: 'spender', spenders: [{ kind: 'unspent', coin: peer.last('spent')?.coins[0] ?? unreachable() }] }) as const;
  const unreachable = () => expect.unreachable('was not asked');
  const questions = (peer: ScriptedPeer) => peer.heard.filter(({ t }) => t === 'spent').length;

  test('is not asked again while its answer is on its way', async () => {
    const { world, node, peer } = await meet();
    for (let times = 0; times < 3; times++) node.conflicts.spending.ask([coin, coin]);
    expect(peer.last('spent')?.coins).toHaveLength(1);
    expect(questions(peer)).toBe(1);
    node.exchange.receive(peer, answer(peer));
    node.conflicts.spending.ask([coin]);
    expect(questions(peer)).toBe(2);
    await world.stop();
  });

  test('that was asked twice may be answered twice, however late', async () => {
    const { world, node, peer } = await meet();
    node.conflicts.spending.ask([coin]);
    await world.clock.advance(6_000);
    node.conflicts.spending.ask([coin]);
    for (let times = 0; times < 2; times++) node.exchange.receive(peer, answer(peer));
    expect(peer.penalties).toBe(0);
    node.exchange.receive(peer, answer(peer));
    expect(peer.penalties).toBeGreaterThan(0);
    await world.stop();
  });
});
