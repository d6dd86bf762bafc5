import { beforeEach, describe, expect, test } from 'vitest';
import { decide } from '../../core/decide.ts';
import { txidOf } from '../../core/id.ts';
import { Ledger } from '../../core/ledger.ts';
import { LoopbackHub } from '../../net/loopback.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import type { Storage } from '../../storage/store.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { NetworkNode } from '../network-node.ts';
import { makeGenesis, makePayment, type Person, person } from '../testkit/people.ts';
import { ConeKeeper } from './cone-keeper.ts';

const [founder, friend, stranger] = [person('founder'), person('friend'), person('stranger')];
const { file: genesis, network } = makeGenesis(founder);
const BUDGET = 65_536;

/** A chain of payments between strangers; each pays the stranger and leaves the rest with the founder. */
function makeChain(length: number, from = genesis) {
  const files = [from];
  for (let i = 0; i < length; i++) files.push(makePayment(founder, [files.at(-1) ?? from], stranger.address, 1_000n, i + 10));
  return files.slice(1);
}

let clock: VirtualClock;
let hub: LoopbackHub;
let storage: Storage;
beforeEach(() => {
  clock = new VirtualClock();
  hub = new LoopbackHub({ clock, latencyMs: () => 20 });
  storage = createMemoryStorage();
});

async function open(owner: Person, storageBudgetBytes: number, disk = storage) {
  const store = await disk.openStore(network.id);
  const node = new NetworkNode({
    network,
    genesis: genesis.bytes,
    store,
    storageBudgetBytes,
    swarm: hub.createSwarm(),
    clock,
    verify: async () => 'valid',
    owner: owner.address,
    trackers: [],
    software: 'test/1',
    isJoined: () => true,
    isDrawn: Promise.resolve(),
    changed: () => undefined,
    failed: (error) => expect.unreachable(String(error)),
  });
  await node.start();
  const holds = (file: { readonly txid: Parameters<typeof store.holds>[0] }) => store.holds(file.txid);
  return { node, store, holds };
}

const chain = makeChain(200);
const bytesOf = (files: readonly { readonly bytes: Uint8Array }[]) => files.map(({ bytes }) => bytes);

test('within its budget a node is full', async () => {
  const { node } = await open(friend, 10_000_000);
  await node.acceptor.accept(bytesOf(chain));
  await clock.advance(1_000);
  expect(node.storage).toMatchObject({ mode: 'full', dropped: 0, budgetBytes: 10_000_000 });
  expect(node.storage.usedBytes).toBeGreaterThan(chain.reduce((sum, { bytes }) => sum + bytes.length, 0));
});

test('over it, the oldest files go and the latest stay, and so does the state', async () => {
  const { node, store, holds } = await open(friend, BUDGET);
  await node.acceptor.accept(bytesOf(chain));
  const before = node.ledger.summary();
  await clock.until(() => node.storage.usedBytes <= BUDGET, 60_000);
  const { dropped, usedBytes, mode } = node.storage;
  expect(mode).toBe('light');
  // With a little room, so that the next payment does not drop again; and not more than that.
  expect(usedBytes).toBeLessThanOrEqual(0.9 * BUDGET);
  expect(usedBytes).toBeGreaterThan(0.9 * BUDGET - 2_000);
  expect(holds(genesis)).toBe(true);
  expect(chain.map(holds)).toEqual(chain.map((_, n) => n >= dropped));
  expect(node.ledger.summary()).toEqual(before);
  await node.stop();
  const again = await open(friend, BUDGET);
  expect(again.node.storage).toEqual({ mode: 'light', chosen: 'full', usedBytes, budgetBytes: BUDGET, dropped });
  expect(again.node.ledger.summary()).toEqual(before);
  expect((await again.store.loadFiles([chain[0]?.txid ?? network.id, chain[199]?.txid ?? network.id])).size).toBe(1);
  expect(store.usage().dropped).toBe(dropped);
});

test('the whole cones of the wallet’s coins stay, however old', async () => {
  const { node, holds } = await open(friend, BUDGET);
  const paid = makePayment(founder, chain.slice(29, 30), friend.address, 5_000_000n, 500);
  const others = makeChain(150, paid);
  await node.acceptor.accept(bytesOf([...chain.slice(0, 30), paid, ...others]));
  await clock.until(() => node.storage.usedBytes <= BUDGET, 60_000);
  expect([...chain.slice(0, 30), paid].map(holds)).not.toContain(false);
  expect(holds(others[0] ?? paid)).toBe(false);
});

test('a cone that becomes the wallet’s while files are being dropped stays', async () => {
  const store = await storage.openStore(network.id);
  const ledger = new Ledger(network);
  const added = [genesis, ...chain].flatMap((file, n) => {
    const decision = decide(file, 'valid', ledger);
    ledger.apply(file.txid, decision);
    return decision.kind === 'accepted' ? [{ entry: decision.entry, winners: [], bytes: file.bytes, firstSeenMs: n }] : [];
  });
  await store.commit({ added });
  let dropping: Promise<void> | undefined;
  const keeper = new ConeKeeper({
    ledger,
    store,
    clock,
    budgetBytes: BUDGET,
    roots: () => [],
    own: () => [],
    quiet: (drop) => {
      // The acceptor decides on a payment to the wallet first.
      keeper.took([chain[39]?.txid ?? network.id]);
      dropping = drop();
      return dropping;
    },
    urge: () => undefined,
    lightened: () => undefined,
    changed: () => undefined,
    failed: (error) => expect.unreachable(String(error)),
  });
  keeper.look();
  await clock.until(() => dropping !== undefined, 60_000);
  await dropping;
  expect([genesis, ...chain.slice(0, 42)].map(({ txid }) => store.holds(txid)).indexOf(false)).toBe(41);
  expect(keeper.describe().mode).toBe('light');
});

test('of a conflict both sides keep their files, and a double spend of a dropped transaction is still refused', async () => {
  const { node, holds } = await open(friend, BUDGET);
  const rival = makePayment(founder, [genesis], stranger.address, 1_000n, 900);
  await node.acceptor.accept(bytesOf([...chain.slice(0, 1), rival, ...chain.slice(1)]));
  await clock.until(() => node.storage.usedBytes <= BUDGET, 60_000);
  expect([chain[0], rival, chain[1]].map((file) => file && holds(file))).toEqual([true, true, false]);
  const late = makePayment(founder, chain.slice(1, 2), stranger.address, 1_000n, 901);
  expect(await node.acceptor.accept([late.bytes])).toMatchObject([{ kind: 'conflicted', winners: [chain[2]?.txid] }]);
  expect(decide(late, 'valid', node.ledger).kind).toBe('conflicted');
});

test('a smaller budget applies at once, a larger one brings nothing back', async () => {
  const { node } = await open(friend, 10_000_000);
  await node.acceptor.accept(bytesOf(chain));
  node.setStorageBudget(BUDGET);
  await clock.until(() => node.storage.usedBytes <= BUDGET, 60_000);
  const { dropped } = node.storage;
  expect(dropped).toBeGreaterThan(0);
  node.setStorageBudget(10_000_000);
  await clock.advance(60_000);
  expect(node.storage).toMatchObject({ mode: 'light', dropped });
});

test('payments go on in a light node: it accepts, pays, tells of a transaction without its file, and says what it cannot hand over', async () => {
  const { node } = await open(friend, BUDGET);
  await node.acceptor.accept(bytesOf(chain));
  await clock.until(() => node.storage.mode === 'light', 60_000);
  const old = chain[1]?.txid ?? network.id;
  expect(await node.history.loadTransaction(old)).toMatchObject({
    txid: old,
    hasFile: false,
    note: undefined,
    claimedAtMs: undefined,
    amount: 1_000n,
  });
  await expect(node.proofs.load(old)).rejects.toMatchObject({ code: 'file-dropped' });
  await expect(node.proofs.loadFile(old)).rejects.toMatchObject({ code: 'file-dropped' });
  const paid = makePayment(founder, chain.slice(-1), friend.address, 5_000_000n, 500, 'hello');
  expect(await node.acceptor.accept([paid.bytes])).toMatchObject([{ kind: 'accepted' }]);
  expect(node.balance.total).toBe(5_000_000n);
  expect(await node.history.loadTransaction(paid.txid)).toMatchObject({ hasFile: true, note: 'hello' });
  const spent = makePayment(friend, [paid], stranger.address, 1_000n, 501);
  expect(await node.acceptor.accept([spent.bytes])).toMatchObject([{ kind: 'accepted' }]);
  expect(node.coins.map((coin) => txidOf(coin.locator))).toEqual([spent.txid]);
});

describe('a payment whose history was dropped', () => {
  /** The stranger has a coin from the middle of it, which he passes on when all of it is dropped. */
  const rich = makePayment(founder, chain.slice(29, 30), stranger.address, 50_000_000n, 500);
  const cone = [...chain.slice(0, 30), rich];
  const others = makeChain(170, rich);
  const paid = makePayment(stranger, [rich], friend.address, 5_000_000n, 501);

  async function openLight() {
    const light = await open(friend, BUDGET);
    await light.node.acceptor.accept(bytesOf([...cone, ...others]));
    await clock.until(() => light.node.storage.usedBytes <= BUDGET, 60_000);
    expect([...cone, ...others.slice(0, 50)].some(light.holds)).toBe(false);
    await light.node.acceptor.accept([paid.bytes]);
    expect(light.node.balance.total).toBe(5_000_000n);
    return light;
  }
  async function openFull() {
    const full = await open(founder, 10_000_000, createMemoryStorage());
    await full.node.acceptor.accept(bytesOf([...cone, ...others]));
    return full;
  }

  test('has it fetched again, and nothing else of what was dropped', async () => {
    const full = await openFull();
    const { node, store, holds } = await openLight();
    expect(await clock.until(() => cone.every(holds), 60_000)).toBe(true);
    await clock.advance(60_000);
    expect(cone.every(holds)).toBe(true);
    expect(others.slice(0, 50).some(holds)).toBe(false);
    const first = chain[0]?.txid ?? network.id;
    expect((await store.loadFiles([first])).get(first)).toEqual(chain[0]?.bytes);
    await clock.until(() => full.node.ledger.isAccepted(paid.txid), 60_000);
    expect(node.ledger.summary()).toEqual(full.node.ledger.summary());
  });

  test('has it fetched when somebody comes who has it, however often nobody had, and after the app was closed', async () => {
    const light = await openLight();
    await clock.advance(200_000);
    expect(cone.some(light.holds)).toBe(false);
    await light.node.stop();
    const again = await open(friend, BUDGET);
    await clock.advance(100_000);
    await openFull();
    expect(await clock.until(() => cone.every(again.holds), 120_000)).toBe(true);
  });
});

test('who asks a node that has become light gets the rest elsewhere, and blames nobody', async () => {
  const light = await open(friend, 10_000_000);
  await light.node.acceptor.accept(bytesOf(chain));
  const newcomer = await open(stranger, 10_000_000, createMemoryStorage());
  await clock.until(() => newcomer.node.ledger.size === 201, 60_000);
  // Connected before, they hear that it is light now.
  light.node.setStorageBudget(BUDGET);
  const full = await open(founder, 10_000_000, createMemoryStorage());
  const more = makeChain(50, chain.at(-1));
  await full.node.acceptor.accept(bytesOf([...chain, ...more]));
  const last = await open(stranger, 10_000_000, createMemoryStorage());
  await clock.until(() => [light, newcomer, last].every(({ node }) => node.ledger.size === 251), 120_000);
  for (const { node } of [light, newcomer, full, last]) {
    expect(node.ledger.summary()).toEqual(full.node.ledger.summary());
    expect(node.exchange.peers().filter(({ ready }) => ready)).toHaveLength(3);
  }
  expect(light.node.storage.mode).toBe('light');
  expect(chain.map(last.holds)).not.toContain(false);
});

test('a newcomer whose only peer is light waits for what that one has not, and is served what it has', async () => {
  const light = await open(friend, BUDGET);
  await light.node.acceptor.accept(bytesOf(chain));
  await clock.until(() => light.node.storage.usedBytes <= BUDGET, 60_000);
  const newcomer = await open(stranger, 10_000_000, createMemoryStorage());
  await clock.advance(60_000);
  expect(newcomer.node.ledger.size).toBeLessThan(5);
  expect(newcomer.node.exchange.peers()).toMatchObject([{ ready: true, transactions: 201 }]);
  const full = await open(founder, 10_000_000, createMemoryStorage());
  await full.node.acceptor.accept(bytesOf(chain));
  await clock.until(() => newcomer.node.ledger.size === 201, 300_000);
  expect(newcomer.node.ledger.summary()).toEqual(full.node.ledger.summary());
});
