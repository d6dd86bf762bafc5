import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../core/ledger.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import { LoopbackHub } from '../../net/loopback.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import type { Storage } from '../../storage/store.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { NetworkNode } from '../network-node.ts';
import { addressAt, branchPayment, genesis, ledgerOf, makeHistory, network } from '../testkit/history.ts';
import { openSync } from '../testkit/opened-sync.ts';

/** Nodes of one network on cables of 20 ms, and what went over them. */
class World {
  readonly clock = new VirtualClock();
  readonly nodes: NetworkNode[] = [];
  bytes = 0;
  readonly hub = new LoopbackHub({
    clock: this.clock,
    latencyMs: () => 20,
    sent: (_from, _to, bytes) => {
      this.bytes += bytes;
    },
  });

  /** A node that holds `files` before it meets anybody. */
  async open(files: readonly TransactionFile[] = [], storage: Storage = createMemoryStorage()): Promise<NetworkNode> {
    let goOnline = () => {};
    const isDrawn = new Promise<void>((resolve) => {
      goOnline = resolve;
    });
    const node = new NetworkNode({
      network,
      genesis: genesis.bytes,
      store: await storage.openStore(network.id),
      swarm: this.hub.createSwarm(),
      clock: this.clock,
      verify: async () => 'valid',
      owner: addressAt('nobody'),
      trackers: [],
      software: 'test/1',
      isJoined: () => true,
      isDrawn,
      changed: () => undefined,
      failed: (error) => expect.unreachable(String(error)),
    });
    this.nodes.push(node);
    await node.start();
    await node.acceptor.accept(files.map(({ bytes }) => bytes));
    goOnline();
    return node;
  }

  /** Whether all nodes come to the same state in time. */
  isAgreed(limitMs: number): Promise<boolean> {
    return this.clock.until(() => {
      const [first, ...others] = this.nodes.map(({ ledger }) => ledger);
      // Roots cost more than sizes.
      if (others.some(({ size }) => size !== first?.size)) return false;
      const root = first?.summary().coinsRoot;
      return others.every((ledger) => ledger.summary().coinsRoot === root);
    }, limitMs);
  }

  async close(node: NetworkNode): Promise<void> {
    this.nodes.splice(this.nodes.indexOf(node), 1);
    await node.stop();
  }
}

/** A disk on which all of `files` has settled. */
async function diskWith(files: readonly TransactionFile[]): Promise<Storage> {
  const world = new World();
  const storage = createMemoryStorage();
  await world.close(await world.open(files, storage));
  const store = await storage.openStore(network.id);
  await store.commit({ amended: files.map(({ txid }) => ({ txid, settledMs: 1 })) });
  return storage;
}

const relations = (node: NetworkNode) => node.exchange.peers().map(({ id }) => node.sync.relationTo(id));
const sizeOf = (ledger: Ledger) => ledger.accepted().reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

describe('nodes', () => {
  test('one with nothing comes to the state of one with 20,000, and both say so', { timeout: 120_000 }, async () => {
    const world = new World();
    const full = await world.open(makeHistory(20_000));
    const empty = await world.open();
    expect(await world.isAgreed(60_000)).toBe(true);
    expect(empty.ledger.size).toBe(20_001);
    // The files, their names once, and little else: what came from a list is not announced again.
    expect(world.bytes).toBeLessThan(1.2 * sizeOf(full.ledger));
    await world.clock.advance(5_000);
    expect([relations(full), relations(empty)]).toEqual([[{ kind: 'in-sync' }], [{ kind: 'in-sync' }]]);
  });

  test('10 differences heal in both directions, and cost little', { timeout: 60_000 }, async () => {
    const world = new World();
    const history = makeHistory(3_000);
    const branches = [1, 3, 5, 7, 9, 11, 13, 15, 17, 19].map((n) => branchPayment(history, n, 'somebody'));
    const a = await world.open([...history, ...branches.slice(0, 5)]);
    const b = await world.open([...history, ...branches.slice(5)]);
    expect(await world.isAgreed(5_000)).toBe(true);
    expect([a.ledger.size, b.ledger.size]).toEqual([3_011, 3_011]);
    expect(world.bytes).toBeLessThan(65_536);
    await world.clock.advance(5_000);
    expect([relations(a), relations(b)]).toEqual([[{ kind: 'in-sync' }], [{ kind: 'in-sync' }]]);
  });

  test('one that is reloaded in the middle goes on where it was', { timeout: 60_000 }, async () => {
    const world = new World();
    const full = await world.open(makeHistory(6_000));
    const storage = createMemoryStorage();
    const first = await world.open([], storage);
    await world.clock.until(() => first.ledger.size > 3_000);
    const held = first.ledger.size;
    expect(held).toBeLessThan(6_001);
    await world.close(first);
    await world.clock.advance(1_000);
    const before = world.bytes;
    const again = await world.open([], storage);
    expect(again.ledger.size).toBeGreaterThanOrEqual(held);
    expect(await world.isAgreed(60_000)).toBe(true);
    const rest = (sizeOf(full.ledger) * (6_001 - held)) / 6_001;
    expect(world.bytes - before).toBeLessThan(1.2 * rest + 200_000);
  });

  test('what was accepted while apart reaches a third one through the one in the middle', async () => {
    const world = new World();
    const history = makeHistory(50);
    const [a, b, c] = [await world.open([...history, branchPayment(history, 1, 'a')]), await world.open(history), await world.open()];
    expect(await world.isAgreed(20_000)).toBe(true);
    expect([a, b, c].map(({ ledger }) => ledger.size)).toEqual([52, 52, 52]);
  });

  test('that follow rivals are forked, and know by which transactions', async () => {
    const world = new World();
    const history = makeHistory(50);
    const [one, other] = [branchPayment(history, 1, 'one'), branchPayment(history, 1, 'other')];
    const [onesDisk, othersDisk] = [await diskWith([...history, one]), await diskWith([...history, other])];
    const a = await world.open([], onesDisk);
    const b = await world.open([], othersDisk);
    await world.clock.until(() => [a, b].every((node) => relations(node)[0]?.kind === 'forked'), 20_000);
    expect(relations(a)).toEqual([{ kind: 'forked', forks: [{ theirs: other.txid, ours: [one.txid] }] }]);
    expect(relations(b)).toEqual([{ kind: 'forked', forks: [{ theirs: one.txid, ours: [other.txid] }] }]);
  });
});

test('a state that changes all the time costs score', async () => {
  const { sync, clock, join } = openSync([]);
  const summary = ledgerOf(makeHistory(3)).summary();
  const peer = join('a', summary);
  for (let n = 0; n < 5; n++) {
    await clock.advance(2_000);
    sync.receive(peer, { t: 'state', summary });
  }
  expect(peer.penalties).toBe(0);
  for (let n = 0; n < 10; n++) sync.receive(peer, { t: 'state', summary });
  expect(peer.penalties).toBe(25);
});

test('states that a stall has held up cost nothing', async () => {
  const { sync, clock, join, ledger } = openSync([]);
  const summary = ledger.summary();
  const peer = join('a', summary);
  await clock.advance(60_000);
  for (let n = 0; n < 30; n++) sync.receive(peer, { t: 'state', summary });
  expect(peer.penalties).toBe(0);
});
