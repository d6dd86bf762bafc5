import { beforeEach, describe, expect, test } from 'vitest';
import { addressPayload } from '../../core/address.ts';
import { hashFromBytes, type TxId } from '../../core/id.ts';
import type { Message, StateSummary } from '../../core/message.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import { LoopbackHub } from '../../net/loopback.ts';
import type { LoopbackSwarm } from '../../net/loopback-swarm.ts';
import type { Peer } from '../../net/swarm.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { NetworkNode } from '../network-node.ts';
import { makeGenesis, makePayment, type Person, person } from '../testkit/people.ts';

const [alice, bob, carol, dave, eve] = ['alice', 'bob', 'carol', 'dave', 'eve'].map(person) as [Person, Person, Person, Person, Person];
const { file: genesis, network } = makeGenesis(alice);
const UNIT = 1_000_000n;

/** Pays on and on out of the change. */
function chainOf(from: Person, first: TransactionFile, to: Person, length: number): readonly TransactionFile[] {
  const files = [first];
  for (let n = 0; n < length; n++) files.push(makePayment(from, [files.at(-1) ?? first], to.address, UNIT, n + 100));
  return files.slice(1);
}

const toCarol = makePayment(alice, [genesis], carol.address, 1_000n * UNIT, 2);
const toDave = makePayment(alice, [toCarol], dave.address, 1_000n * UNIT, 3);
/** What happens among others. */
const strangers = chainOf(carol, toCarol, eve, 60);
const early = chainOf(dave, toDave, eve, 20);
const toBob = makePayment(dave, [early.at(-1) ?? toDave], bob.address, 5n * UNIT, 9);
const history = [toCarol, toDave, ...strangers, ...early];
const cone = [genesis, toCarol, toDave, ...early, toBob];

let clock: VirtualClock;
let hub: LoopbackHub;
let swarms: Map<NetworkNode, LoopbackSwarm>;
let sentBytes: Map<LoopbackSwarm, number>;
beforeEach(() => {
  clock = new VirtualClock();
  swarms = new Map();
  sentBytes = new Map();
  hub = new LoopbackHub({
    clock,
    latencyMs: () => 20,
    sent: (from, _, bytes) => sentBytes.set(from, (sentBytes.get(from) ?? 0) + bytes),
  });
});

async function open(
  mode: 'full' | 'light',
  owner: Person,
  files: readonly TransactionFile[] = [],
  storage = createMemoryStorage(),
): Promise<NetworkNode> {
  const swarm = hub.createSwarm();
  const node = new NetworkNode({
    network,
    genesis: genesis.bytes,
    mode,
    store: await storage.openStore(network.id),
    swarm,
    clock,
    verify: async () => 'valid',
    owner: owner.address,
    trackers: [],
    software: 'test/1',
    random: () => 0.5,
    isJoined: () => true,
    isDrawn: Promise.resolve(),
    changed: () => undefined,
    failed: (error) => expect.unreachable(String(error)),
  });
  swarms.set(node, swarm);
  await node.acceptor.accept([genesis, ...files].map(({ bytes }) => bytes));
  await node.start();
  return node;
}

const give = (node: NetworkNode, ...files: readonly TransactionFile[]) => node.acceptor.accept(files.map(({ bytes }) => bytes));
const want = (node: NetworkNode, file: TransactionFile) =>
  node.acceptances.start('want', { infohash: file.infohash, txid: file.txid, trackers: [], network: undefined, file: undefined });
const held = ({ ledger }: NetworkNode) => new Set<TxId>(ledger.accepted().map(({ txid }) => txid));
const txids = (files: readonly TransactionFile[]) => new Set<TxId>(files.map(({ txid }) => txid));
const cutApart = (one: NetworkNode, other: NetworkNode) => {
  const [a, b] = [swarms.get(one), swarms.get(other)];
  if (a !== undefined && b !== undefined) hub.cut(a, b);
};
const stageOf = (node: NetworkNode) => node.acceptances.list()[0]?.stage;

describe('a light node', () => {
  test('fetches nothing until it is paid, and says what it is', async () => {
    const full = await open('full', alice, history);
    const light = await open('light', bob);
    await clock.advance(60_000);
    expect(held(light)).toEqual(txids([genesis]));
    expect(light.storage).toMatchObject({ mode: 'light', chosen: 'light', dropped: 0 });
    expect(light.sync.relationTo(full.exchange.peers()[0]?.id ?? '')).toBeUndefined();
    // A full one does not take it for one that is behind, again and again.
    const before = sentBytes.get(swarms.get(full) as LoopbackSwarm) ?? 0;
    await clock.advance(600_000);
    expect((sentBytes.get(swarms.get(full) as LoopbackSwarm) ?? 0) - before).toBeLessThan(2_000);
  });

  test('accepts a payment with the cone of its money, and every peer shows that it is unspent', async () => {
    const payer = await open('full', dave, history);
    await open('full', alice, history);
    await open('full', carol, history);
    const light = await open('light', bob);
    await clock.advance(5_000);
    await give(payer, toBob);
    await want(light, toBob);
    expect(await clock.until(() => stageOf(light)?.kind === 'accepted', 30_000)).toBe(true);
    expect(held(light)).toEqual(txids(cone));
    await clock.advance(5_000);
    expect(stageOf(light)).toMatchObject({ kind: 'accepted', holders: 3, witnesses: { asked: 3, clear: 3, disputed: 0, unspent: 3 } });
    expect((await light.history.loadTransaction(toBob.txid)).witnesses).toEqual({ asked: 3, clear: 3, disputed: 0, unspent: 3 });
    await clock.advance(20_000);
    expect(light.conflicts.standingOf(toBob.txid).stage).toBe('confirmed');
    expect(light.coins.map(({ amount }) => amount)).toEqual([5n * UNIT]);
    // What it fetched is no news to anybody.
    expect(held(light)).toEqual(txids(cone));
  });

  test('accepts it with nobody but the payer online', async () => {
    const payer = await open('full', dave, [...history, toBob]);
    const light = await open('light', bob);
    await want(light, toBob);
    await clock.advance(10_000);
    expect(stageOf(light)).toMatchObject({ kind: 'accepted', witnesses: { asked: 1, clear: 1, unspent: 1 } });
    expect(payer.ledger.size).toBe(history.length + 2);
  });

  test('finds a payment that it only hears of, and passes over those of strangers', async () => {
    const full = await open('full', dave, history);
    const light = await open('light', bob);
    await clock.advance(5_000);
    await give(full, ...chainOf(eve, strangers.at(-1) ?? toCarol, carol, 10));
    await clock.advance(5_000);
    expect(held(light)).toEqual(txids([genesis]));
    await give(full, toBob);
    await clock.advance(10_000);
    expect(held(light)).toEqual(txids(cone));
    expect(light.balance.coins).toBe(1);
  });

  test('finds one whose first announcer never sends it, and keeps no stranger’s that comes twice', async () => {
    const full = await open('full', dave, history);
    const light = await open('light', bob);
    const silent = await openScripted(() => undefined);
    await clock.advance(5_000);
    const peer = silent.peers.find(({ id }) => id === swarms.get(light)?.id);
    const stranger = makePayment(eve, [early[0] as TransactionFile], carol.address, UNIT / 2n, 77);
    peer?.send({ t: 'inv', held: [toBob, stranger].map(({ infohash, txid }) => ({ infohash, txid })) });
    await clock.advance(1_000);
    await give(full, toBob, stranger);
    await clock.advance(10_000);
    expect(held(light)).toEqual(txids(cone));
    // It was asked too, and answers at last.
    peer?.send({ t: 'tx', files: [stranger.bytes], missing: [] });
    await clock.advance(60_000);
    expect(held(light)).toEqual(txids(cone));
  });

  test('tells nobody that a coin is unspent, nor what its trees say', async () => {
    const full = await open('full', dave, [...history, toBob]);
    const light = await open('light', bob);
    await want(light, toBob);
    await clock.advance(10_000);
    const heard: Message[] = [];
    const spy = await openScripted(({ message }) => heard.push(message));
    await clock.advance(3_000);
    const peer = spy.peers.find(({ id }) => id === swarms.get(light)?.id);
    const { coinsRoot } = light.ledger.summary();
    heard.length = 0;
    peer?.send({ t: 'spent', coins: [{ txid: toBob.txid, owner: ownerOf(bob) }] });
    peer?.send({ t: 'node', tree: 'coins', root: coinsRoot, prefixes: [''] });
    peer?.send({ t: 'list', from: 0 });
    await clock.advance(1_000);
    expect(heard).toContainEqual({ t: 'spender', spenders: [{ kind: 'unknown', coin: { txid: toBob.txid, owner: ownerOf(bob) } }] });
    expect(heard).toContainEqual({ t: 'nodes', tree: 'coins', root: coinsRoot, nodes: [] });
    expect(heard.find(({ t }) => t === 'inv')).toMatchObject({ held: { length: cone.length } });
    expect(full.ledger.size).toBe(history.length + 2);
  });

  test('asks for proofs again after a restart, and not about all that was asked before', async () => {
    await open('full', dave, [...history, toBob]);
    const storage = createMemoryStorage();
    const first = await open('light', bob, [], storage);
    await want(first, toBob);
    await clock.advance(60_000);
    expect(first.conflicts.standingOf(toBob.txid).stage).toBe('confirmed');
    await first.stop();
    const asked: Message['t'][] = [];
    await openScripted(({ message }) => asked.push(message.t));
    const again = await open('light', bob, [], storage);
    await clock.advance(10_000);
    expect(again.balance.coins).toBe(1);
    expect(asked).toContain('node');
    expect(asked).not.toContain('spent');
  });

  test('that becomes full fetches everything, and ends with the same state', async () => {
    const full = await open('full', dave, [...history, toBob]);
    const light = await open('light', bob);
    await want(light, toBob);
    await clock.advance(10_000);
    light.setMode('full');
    await clock.advance(30_000);
    expect(light.storage).toMatchObject({ mode: 'full', chosen: 'full' });
    expect(light.ledger.summary()).toEqual(full.ledger.summary());
    const [peer] = light.exchange.peers();
    expect(light.sync.relationTo(peer?.id ?? '')).toEqual({ kind: 'in-sync' });
    expect((await light.history.loadTransaction(toBob.txid)).witnesses).toBeUndefined();
  });
});

describe('money that was spent elsewhere', () => {
  test('is found, though only one of three peers knows', async () => {
    const elsewhere = makePayment(dave, [early.at(-1) ?? toDave], eve.address, 7n * UNIT, 9);
    const payer = await open('full', dave, [...history, toBob]);
    const other = await open('full', alice, [...history, toBob]);
    const witness = await open('full', carol, [...history, elsewhere]);
    for (const one of [payer, other]) cutApart(one, witness);
    await clock.advance(30_000);
    const light = await open('light', bob);
    cutApart(light, witness);
    await want(light, toBob);
    await clock.advance(3_000);
    expect(stageOf(light)).toMatchObject({ kind: 'accepted', witnesses: { asked: 2, clear: 2, disputed: 0 } });
    const [a, b] = [swarms.get(light), swarms.get(witness)];
    if (a !== undefined && b !== undefined) hub.mend(a, b);
    await clock.advance(3_000);
    expect(light.ledger.findWinners(elsewhere.txid) ?? light.ledger.findWinners(toBob.txid)).toBeDefined();
    expect(light.conflicts.standingOf(toBob.txid).rivals).toEqual([elsewhere.txid]);
    expect((await light.history.loadTransaction(toBob.txid)).witnesses).toMatchObject({ asked: 3, disputed: 1 });
  });

  test('is found, though those asked first and most of all peers hide it', async () => {
    const elsewhere = makePayment(dave, [early.at(-1) ?? toDave], eve.address, 7n * UNIT, 9);
    const hiding: NetworkNode[] = [];
    for (const who of [alice, carol, dave, eve]) hiding.push(await open('full', who, [...history, toBob]));
    const honest = [await open('full', carol, [...history, elsewhere]), await open('full', alice, [...history, elsewhere])];
    for (const one of honest) for (const other of hiding) cutApart(one, other);
    await clock.advance(30_000);
    const light = await open('light', bob);
    for (const one of honest) cutApart(light, one);
    await want(light, toBob);
    await clock.advance(3_000);
    expect(stageOf(light)).toMatchObject({ kind: 'accepted', witnesses: { asked: 3, clear: 3, unspent: 3 } });
    for (const one of honest) hub.mend(swarms.get(light) as LoopbackSwarm, swarms.get(one) as LoopbackSwarm);
    await clock.advance(12_000);
    expect((await light.history.loadTransaction(toBob.txid)).witnesses).toMatchObject({ asked: 5, clear: 3, disputed: 2 });
    expect(light.conflicts.standingOf(toBob.txid).rivals).toEqual([elsewhere.txid]);
  });

  test('is found also far up the way, with what the other use builds on', async () => {
    // Spends an early coin of the way together with one that the light node has never heard of.
    const apart = strangers[3] as TransactionFile;
    const gift = makePayment(eve, [apart], dave.address, UNIT / 2n, 77);
    const elsewhere = makePayment(dave, [toDave, gift], eve.address, 7n * UNIT, 78);
    await open('full', dave, [...history, toBob]);
    const witness = await open('full', carol, [toCarol, toDave, ...strangers, gift, elsewhere]);
    const [payer] = swarms.keys();
    if (payer !== undefined) cutApart(payer, witness);
    await clock.advance(30_000);
    const light = await open('light', bob);
    await want(light, toBob);
    await clock.advance(10_000);
    expect(light.ledger.find(elsewhere.txid)).toBeDefined();
    expect((await light.history.loadTransaction(toBob.txid)).witnesses?.disputed).toBe(1);
  });
});

describe('who does not tell the truth', () => {
  const claim = (names: readonly { readonly txid: TxId; readonly owner: ReturnType<typeof ownerOf> }[]): Message => ({
    t: 'spender',
    spenders: names.map((coin) => ({ kind: 'unspent', coin })),
  });

  test('with a wrong proof it is not believed, and pays for it', async () => {
    await open('full', dave, [...history, toBob]);
    const liar = await openScripted(({ peer, message }) => {
      if (message.t === 'spent') peer.send(claim(message.coins));
      if (message.t !== 'node') return;
      const { tree, root, prefixes } = message;
      peer.send({ t: 'nodes', tree, root, nodes: prefixes.map((prefix) => ({ kind: 'empty', prefix })) });
    });
    const light = await open('light', bob);
    await want(light, toBob);
    await clock.advance(3_000);
    expect(stageOf(light)).toMatchObject({ kind: 'accepted', witnesses: { asked: 2, unspent: 1 } });
    await clock.advance(300_000);
    expect(light.exchange.peers().map(({ id }) => id)).not.toContain(liar.swarm.id);
  });

  test('with a claim and no proof at all it is not believed, and pays for it', async () => {
    await open('full', dave, [...history, toBob]);
    const liar = await openScripted(({ peer, message }) => {
      if (message.t === 'spent') peer.send(claim(message.coins));
      if (message.t === 'node') peer.send({ t: 'nodes', tree: message.tree, root: message.root, nodes: [] });
    });
    const light = await open('light', bob);
    await want(light, toBob);
    await clock.advance(120_000);
    expect(stageOf(light)).toMatchObject({ kind: 'accepted', witnesses: { asked: 2, clear: 1, unspent: 1 } });
    await clock.advance(900_000);
    expect(light.exchange.peers().map(({ id }) => id)).not.toContain(liar.swarm.id);
  });

  test('with silence it counts for nothing, and is asked more and more seldom', async () => {
    await open('full', dave, [...history, toBob]);
    let questions = 0;
    await openScripted(({ message }) => {
      if (message.t === 'node' || message.t === 'spent') questions++;
    });
    const light = await open('light', bob);
    await want(light, toBob);
    await clock.advance(10_000);
    expect(stageOf(light)).toMatchObject({ kind: 'accepted', witnesses: { asked: 2, clear: 1, unspent: 1 } });
    await clock.advance(900_000);
    expect(stageOf(light)).toMatchObject({ kind: 'accepted', witnesses: { asked: 2, clear: 1, unspent: 1 } });
    expect(questions).toBeGreaterThan(4);
    expect(questions).toBeLessThan(40);
  });
});

const ownerOf = (one: Person) => hashFromBytes(addressPayload(one.address));
const ROOT = hashFromBytes(new Uint8Array(32).fill(7));
const emptySummary: StateSummary = { transactions: 1, work: 1n, supply: 1n, transactionsRoot: ROOT, coinsRoot: ROOT };

interface Heard {
  readonly peer: Peer;
  readonly message: Message;
}

/** A node that greets, and then says what the test says. */
async function openScripted(answer: (heard: Heard) => void, summary: StateSummary = emptySummary) {
  const swarm = hub.createSwarm();
  const peers: Peer[] = [];
  swarm.seed({ infohash: genesis.infohash, bytes: genesis.bytes, role: 'genesis' });
  await swarm.start({
    peer: (peer) => {
      peers.push(peer);
      peer.send({ t: 'hello', software: 'liar/1', protocol: 1, genesis: network.id, mode: 'full', modules: [], summary });
    },
    message: (peer, message) => {
      if (message.t !== 'newer-hello') answer({ peer, message });
    },
    gone: () => undefined,
    changed: () => undefined,
  });
  return { swarm, peers };
}
