import { expect, test } from 'vitest';
import type { Message } from '../../core/message.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import { LoopbackHub } from '../../net/loopback.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import type { Storage } from '../../storage/store.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import type { NetworkNode } from '../network-node.ts';
import { makePayment } from '../testkit/people.ts';
import { hello, inv, ScriptedPeer } from '../testkit/scripted-peer.ts';
import { alice, bob, carol, genesis, World } from '../testkit/world.ts';

const payments = [bob, carol].map((payee, i) => makePayment(alice, [genesis], payee.address, 5_000_000n, 2 + i));
const [smaller, greater] = payments.sort((a, b) => (a.txid < b.txid ? -1 : 1)) as [TransactionFile, TransactionFile];
const payee = smaller.transaction.to === bob.address ? bob : carol;
const child = makePayment(payee, [smaller], alice.address, 1_000_000n, 9);

function newWorld(): World {
  const clock = new VirtualClock();
  const hub = new LoopbackHub({ clock, latencyMs: () => 100 });
  return new World(clock, () => hub.createSwarm(), createMemoryStorage);
}

/** On one side from the first, whatever it announces. */
class Partisan extends ScriptedPeer {
  readonly #node: NetworkNode;
  readonly #side: TransactionFile;
  constructor(node: NetworkNode, id: number, side: TransactionFile) {
    super(`${id}`.repeat(40));
    this.#node = node;
    this.#side = side;
    node.exchange.join(this);
    node.exchange.receive(this, hello(genesis.txid));
  }
  announce(...files: readonly TransactionFile[]): void {
    this.#node.exchange.receive(this, inv(...files));
  }
  override send(message: Message): void {
    super.send(message);
    if (message.t !== 'spent') return;
    const spenders = message.coins.map((coin) => ({ kind: 'spent', coin, file: this.#side.bytes, settled: false }) as const);
    queueMicrotask(() => this.#node.exchange.receive(this, { t: 'spender', spenders }));
  }
}

async function restart(world: World, storage: Storage): Promise<NetworkNode> {
  await world.nodes.pop()?.stop();
  return world.open(alice, storage);
}

/** A node whose payment wins a contest at so many of its peers; the others held it before, too. */
async function winAt(holders: number, peers: number, storage = createMemoryStorage()) {
  const world = newWorld();
  const node = await world.open(alice, storage);
  await world.give(node, smaller, child);
  const partisans = Array.from({ length: peers }, (_, n) => new Partisan(node, n, n < holders ? smaller : greater));
  for (const partisan of partisans) partisan.announce(smaller, child);
  await world.clock.advance(2_000);
  await world.give(node, greater);
  for (const partisan of partisans.slice(holders)) partisan.announce(greater);
  await world.clock.advance(60_000);
  return { world, node };
}
const stages = ({ conflicts }: NetworkNode) => [smaller, child].map(({ txid }) => conflicts.standingOf(txid).stage);

test('who went over to the rival is no holder any more, and what builds on a payment is confirmed no sooner than that', async () => {
  const { world, node } = await winAt(6, 8);
  expect(stages(node)).toEqual(['settled', 'settled']);
  await world.stop();
});

test('what won at nearly all peers is confirmed, and what builds on it', async () => {
  const { world, node } = await winAt(8, 8);
  expect(stages(node)).toEqual(['confirmed', 'confirmed']);
  await world.stop();
});

test('what had settled and was not confirmed is not confirmed by a restart, nor any less contested', async () => {
  const storage = createMemoryStorage();
  const { world, node } = await winAt(6, 8, storage);
  expect(stages(node)).toEqual(['settled', 'settled']);
  const again = await restart(world, storage);
  expect(stages(again)).toEqual(['settled', 'settled']);
  // More than half, as would do if nobody had disputed it; then more than nine of ten.
  const peers = Array.from({ length: 8 }, (_, n) => new Partisan(again, n, smaller));
  for (const peer of peers.slice(0, 6)) peer.announce(smaller, child);
  await world.clock.advance(20_000);
  expect(stages(again)).toEqual(['settled', 'settled']);
  for (const peer of peers.slice(6)) peer.announce(smaller, child);
  await world.clock.advance(20_000);
  expect(stages(again)).toEqual(['confirmed', 'confirmed']);
  expect(stages(await restart(world, storage))).toEqual(['confirmed', 'confirmed']);
  await world.stop();
});

test('a payment that nobody else holds is settled, and after a restart no more than that', async () => {
  const world = newWorld();
  const storage = createMemoryStorage();
  const node = await world.open(alice, storage);
  for (let n = 0; n < 4; n++) new Partisan(node, n, smaller);
  await world.give(node, smaller, child);
  await world.clock.advance(60_000);
  expect(stages(node)).toEqual(['settled', 'settled']);
  expect(stages(await restart(world, storage))).toEqual(['settled', 'settled']);
  await world.stop();
});

test('what builds on a payment that its owner chose to stay with waits for it, also where that was confirmed before', async () => {
  const world = newWorld();
  const node = await world.open(alice);
  await world.give(node, smaller, child);
  const peers = Array.from({ length: 8 }, (_, n) => new Partisan(node, n, smaller));
  for (const peer of peers.slice(0, 6)) peer.announce(smaller);
  await world.clock.advance(60_000);
  expect(stages(node)).toEqual(['confirmed', 'settled']);
  await node.forks.follow(smaller.txid);
  for (const peer of peers.slice(0, 6)) peer.announce(child);
  await world.clock.advance(60_000);
  expect(stages(node)).toEqual(['settled', 'settled']);
  for (const peer of peers.slice(6)) peer.announce(smaller, child);
  await world.clock.advance(10_000);
  expect(stages(node)).toEqual(['confirmed', 'confirmed']);
  await world.stop();
});
