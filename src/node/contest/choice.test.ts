/** What a node's owner has chosen, and what comes back with it. */
import { expect, test } from 'vitest';
import { LoopbackHub } from '../../net/loopback.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import type { NetworkNode } from '../network-node.ts';
import { makePayment } from '../testkit/people.ts';
import { ScriptedPeer } from '../testkit/scripted-peer.ts';
import { alice, bob, carol, genesis, network, World } from '../testkit/world.ts';

const toBob = makePayment(alice, [genesis], bob.address, 5_000_000n, 2);
const toCarol = makePayment(alice, [genesis], carol.address, 6_000_000n, 3);
const byBob = makePayment(bob, [toBob], carol.address, 1_000_000n, 4);
const [smaller, greater] = toBob.txid < toCarol.txid ? [toBob, toCarol] : [toCarol, toBob];

function newWorld(): World {
  const clock = new VirtualClock();
  const hub = new LoopbackHub({ clock, latencyMs: () => 100, wantedPeers: 8 });
  return new World(clock, () => hub.createSwarm(), createMemoryStorage);
}

/** Four peers that have nothing to say of their own. */
function meet(node: NetworkNode): readonly ScriptedPeer[] {
  return ['a', 'b', 'c', 'd'].map((digit) => {
    const peer = new ScriptedPeer(digit.repeat(40));
    const summary = node.ledger.summary();
    node.exchange.join(peer);
    node.exchange.receive(peer, { t: 'hello', software: 'x', protocol: 1, genesis: network.id, mode: 'full', modules: [], summary });
    return peer;
  });
}

function hold(node: NetworkNode, peers: readonly ScriptedPeer[], { infohash, txid }: typeof toBob): void {
  for (const peer of peers) node.exchange.receive(peer, { t: 'inv', held: [{ infohash, txid }] });
}

test('what came back behind a chosen payment is as fresh after a restart as before', async () => {
  const world = newWorld();
  const storage = createMemoryStorage();
  const node = await world.open(carol, storage);
  await world.openMany(4);
  await world.give(node, toBob, byBob);
  await world.clock.advance(40_000);
  await world.give(world.nodes[3], toCarol);
  await world.clock.advance(5_000);
  await node.forks.follow(toCarol.txid);
  await world.clock.advance(2_000);
  await node.forks.follow(toBob.txid);
  const stages = (seen: NetworkNode) => [toBob, byBob].map(({ txid }) => seen.conflicts.standingOf(txid).stage);
  expect(stages(node)).toEqual(['settled', 'fresh']);
  await node.stop();
  world.nodes.shift();
  const again = await world.open(carol, storage);
  expect(stages(again)).toEqual(['settled', 'fresh']);
  await world.stop();
});

test('a rival of what a chosen payment builds on does not withdraw it, until its owner follows that', async () => {
  const world = newWorld();
  const node = await world.open(bob);
  const peers = meet(node);
  await world.clock.advance(2_000);
  const payee = greater === toBob ? bob : carol;
  const [one, other] = [7, 8].map((time) => makePayment(payee, [greater], alice.address, 1_000_000n, time)) as [typeof toBob, typeof toBob];
  await world.give(node, greater, one, other);
  await world.clock.advance(1_000);
  await node.forks.follow(other.txid);
  await world.give(node, smaller);
  hold(node, peers, smaller);
  await world.clock.advance(20_000);
  const held = () => [greater, other, smaller].map(({ txid }) => node.ledger.isAccepted(txid));
  expect(held()).toEqual([true, true, false]);
  await node.forks.follow(smaller.txid);
  expect(held()).toEqual([false, false, true]);
  await world.stop();
});

test('choosing what the network has come to by itself keeps it, also after a restart', async () => {
  const world = newWorld();
  const storage = createMemoryStorage();
  const node = await world.open(alice, storage);
  const peers = meet(node);
  await world.clock.advance(2_000);
  await world.give(node, greater);
  await world.clock.advance(1_000);
  await world.give(node, smaller);
  expect(node.forks.decidedAtMs(greater.txid)).toBeUndefined();
  await node.forks.follow(greater.txid);
  const chosenMs = world.clock.nowMs();
  expect(node.forks.decidedAtMs(greater.txid)).toBe(chosenMs);
  hold(node, peers, smaller);
  await world.clock.advance(20_000);
  expect(node.ledger.isAccepted(greater.txid)).toBe(true);
  await node.stop();
  world.nodes.shift();
  const again = await world.open(alice, storage);
  expect(again.forks.decidedAtMs(greater.txid)).toBe(chosenMs);
  await world.stop();
});

test('the rules do not undo a choice that was made while they waited their turn', async () => {
  const world = newWorld();
  const node = await world.open(alice);
  await world.give(node, greater);
  await world.give(node, smaller);
  const { switching } = node.conflicts;
  await Promise.all([switching.follow(greater.txid), switching.goOver(smaller.txid)]);
  expect(node.ledger.isAccepted(greater.txid)).toBe(true);
  await Promise.all([switching.follow(smaller.txid), switching.goOver(greater.txid)]);
  expect(node.ledger.isAccepted(smaller.txid)).toBe(true);
  await world.stop();
});
