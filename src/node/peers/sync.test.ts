import { describe, expect, test } from 'vitest';
import type { Hash, TxId } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import { MAX_INV } from '../../core/limit.ts';
import { changeTree, EMPTY_TREE, rootOf } from '../../core/merkle-tree.ts';
import type { Hello, Inv, Message, StateSummary } from '../../core/message.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import { answerNodes } from '../../core/tree-walk.ts';
import { LoopbackHub } from '../../net/loopback.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import type { Storage } from '../../storage/store.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { NetworkNode } from '../network-node.ts';
import { addressAt, branchPayment, genesis, ledgerOf, makeHistory, network } from '../testkit/history.ts';
import { ScriptedPeer } from '../testkit/scripted-peer.ts';
import { Sync } from './sync.ts';

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
const txidsOf = (files: readonly TransactionFile[]) => files.map(({ txid }) => txid).sort();

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

/** A sync that holds `files`, and peers whose every word the test writes. */
function open(files: readonly TransactionFile[]) {
  const clock = new VirtualClock();
  const ledger = ledgerOf(files);
  const wanted: TxId[] = [];
  const awaited = new Map<string, number>();
  const compared: ((txid: TxId) => boolean)[] = [];
  const sync = new Sync({
    ledger,
    isLight: () => false,
    clock,
    state: () => ({ trees: ledger.trees(), summary: ledger.summary() }),
    want: (_peer, txids) => wanted.push(...txids),
    awaitedOf: ({ id }) => awaited.get(id) ?? 0,
    compared: (_peer, holds) => compared.push(holds),
    changed: () => undefined,
  });
  const join = (id: string, summary: StateSummary) => {
    const peer = new ScriptedPeer(id);
    const hello: Hello = { t: 'hello', software: 'x', protocol: 1, genesis: network.id, mode: 'full', modules: [], summary };
    sync.joined(peer, hello);
    return peer;
  };
  /** Answers the last question to a peer honestly. */
  const answer = (peer: ScriptedPeer, theirs: Ledger) => {
    const last = peer.heard.at(-1);
    if (last?.t === 'node') sync.receive(peer, { ...last, t: 'nodes', nodes: answerNodes(theirs.trees().transactions, last.prefixes) });
    if (last?.t === 'list') sync.receive(peer, page(theirs, last.from));
  };
  /** The same until nothing more is asked. */
  const answerAll = (peer: ScriptedPeer, theirs: Ledger) => {
    for (let heard = 0; heard < peer.heard.length; answer(peer, theirs)) heard = peer.heard.length;
  };
  const wait = (peerId: string, count: number) => awaited.set(peerId, count);
  return { clock, ledger, sync, join, answer, answerAll, wanted, compared, wait };
}

const page = (theirs: Ledger, from: number): Inv => ({ t: 'inv', held: theirs.accepted(from, MAX_INV), from });
const questions = (peer: ScriptedPeer) => peer.heard.map((message) => (message.t === 'list' ? message.from : message.t));

describe('walking', () => {
  const history = makeHistory(100);
  const [ours, theirs, moreTheirs] = [1, 3, 5].map((n) => branchPayment(history, n, 'x')) as [
    TransactionFile,
    TransactionFile,
    TransactionFile,
  ];

  test('wants what only the peer has, tells what only we have, and knows what both have', async () => {
    const { sync, join, answerAll, wanted, compared } = open([...history, ours]);
    const other = ledgerOf([...history, theirs, moreTheirs]);
    const peer = join('a', other.summary());
    answerAll(peer, other);
    expect(wanted.sort()).toEqual(txidsOf([theirs, moreTheirs]));
    expect(peer.last('inv')).toMatchObject({ held: [{ txid: ours.txid, infohash: ours.infohash }] });
    expect(peer.last('inv')?.from).toBeUndefined();
    const [holds] = compared;
    expect([genesis, ours, theirs].map(({ txid }) => holds?.(txid))).toEqual([true, false, false]);
    expect(sync.relationTo('a')).toEqual({ kind: 'behind', missing: 1 });
    expect(sync.relationTo('nobody')).toBeUndefined();
  });

  test('needs no question where roots are equal', async () => {
    const { sync, clock, join, compared } = open(history);
    const peer = join('a', ledgerOf(history).summary());
    await clock.advance(60_000);
    expect(peer.heard).toEqual([]);
    expect(sync.relationTo('a')).toEqual({ kind: 'in-sync' });
    expect([history[0]?.txid, ours.txid].map((txid) => compared[0]?.(txid as TxId))).toEqual([true, false]);
  });

  test('is left to the side that lacks more, for a while', async () => {
    const { clock, join } = open([...history, ours]);
    const peer = join('a', ledgerOf(history).summary());
    expect(peer.heard).toEqual([]);
    await clock.advance(12_000);
    expect(questions(peer)).toEqual(['node']);
  });

  test('waits for news that is on its way', async () => {
    const { sync, clock, ledger, join, wait } = open(history);
    const peer = join('a', ledger.summary());
    const other = ledgerOf([...history, theirs]);
    wait('a', 1);
    sync.receive(peer, { t: 'state', summary: other.summary() });
    await clock.advance(20_000);
    expect(peer.heard).toEqual([]);
    await clock.advance(12_000);
    expect(questions(peer)).toEqual(['node']);
  });

  test('a peer whose nodes do not hash to its root is blamed and left alone; one that forgot the root is not blamed', async () => {
    const { sync, clock, join } = open(history);
    const claimed = ledgerOf([...history, theirs]).summary();
    const [liar, forgetful] = [join('liar', claimed), join('forgetful', claimed)];
    const root = claimed.transactionsRoot;
    const nodes = answerNodes(ledgerOf([...history, moreTheirs]).trees().transactions, ['']);
    sync.receive(liar, { t: 'nodes', tree: 'transactions', root, nodes });
    sync.receive(forgetful, { t: 'nodes', tree: 'transactions', root, nodes: [] });
    expect([liar.penalties, forgetful.penalties]).toEqual([50, 0]);
    // Late or unasked answers change nothing.
    sync.receive(liar, { t: 'nodes', tree: 'transactions', root, nodes });
    expect(liar.penalties).toBe(50);
    await clock.advance(10_000);
    expect([questions(liar), questions(forgetful)]).toEqual([['node'], ['node', 'node']]);
  });

  test('a silent peer loses score, and others are asked meanwhile', async () => {
    const { clock, join, answerAll, wanted } = open(history);
    const other = ledgerOf([...history, theirs]);
    const [silent, mute, good] = ['silent', 'mute', 'good'].map((id) => join(id, other.summary())) as [
      ScriptedPeer,
      ScriptedPeer,
      ScriptedPeer,
    ];
    expect([silent, mute, good].map((peer) => peer.heard.length)).toEqual([1, 1, 0]);
    await clock.advance(16_000);
    expect([silent, mute, good].map((peer) => peer.penalties)).toEqual([10, 10, 0]);
    answerAll(good, other);
    expect(wanted).toEqual([theirs.txid]);
  });

  test('peers with a deep tree that answer just in time keep nobody out', async () => {
    const other = ledgerOf([...history, theirs]);
    const { sync, clock, join } = open([...history, ours]);
    // A path of 62 nibbles: each answer leads one step down.
    const deep = (n: number) => {
      const keys = Array.from({ length: 64 }, (_, k) => `${n}`.repeat(62) + k.toString(16).padStart(2, '0')) as Hash[];
      return changeTree(EMPTY_TREE, new Map(keys.map((key) => [key, { key }])));
    };
    const slow = [1, 2, 3].map((n) => {
      const tree = deep(n);
      const summary = { ...other.summary(), transactions: other.size + 1, transactionsRoot: rootOf(tree) };
      return { tree, peer: join(`${n}`, summary) };
    });
    const good = join('d', { ...other.summary(), transactions: other.size + 1 });
    for (let waitedMs = 0; waitedMs < 90_000; waitedMs += 13_000) {
      await clock.advance(13_000);
      for (const { tree, peer } of slow) {
        const last = peer.heard.at(-1);
        if (last?.t === 'node') sync.receive(peer, { ...last, t: 'nodes', nodes: answerNodes(tree, last.prefixes) });
      }
    }
    expect(good.heard.map(({ t }) => t)).toContain('node');
    expect(slow.map(({ peer }) => peer.penalties)).toEqual([0, 0, 0]);
  });

  test('is repeated ever less often while nothing comes of it', async () => {
    const { clock, join, answerAll } = open([...history, ours]);
    const other = ledgerOf([...history, theirs]);
    const peer = join('a', other.summary());
    for (let second = 0; second < 3_600; second += 10) {
      answerAll(peer, other);
      await clock.advance(10_000);
    }
    const walks = peer.heard.filter((message) => message.t === 'node' && message.prefixes[0] === '').length;
    expect(walks).toBeGreaterThan(5);
    expect(walks).toBeLessThan(30);
  });
});

describe('reading lists', () => {
  const history = makeHistory(5_000);
  const other = ledgerOf(history);

  test('begins at the genesis with nothing, goes on as fast as files come, and ends with a page that is not full', async () => {
    const { sync, clock, ledger, join, answer, wait } = open([]);
    const peer = join('a', other.summary());
    expect([questions(peer), sync.isCatchingUp]).toEqual([[0], true]);
    answer(peer, other);
    expect(questions(peer)).toEqual([0, 1_000]);
    wait('a', 8_000);
    answer(peer, other);
    expect(questions(peer)).toEqual([0, 1_000]);
    wait('a', 7_999);
    sync.grown();
    for (let n = 0; n < 4; n++) answer(peer, other);
    expect(questions(peer)).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000]);
    expect(sync.isCatchingUp).toBe(false);
    expect(ledger.size).toBe(1);
    await clock.advance(1_000);
    expect(peer.penalties).toBe(0);
  });

  test('what it brings is no news, once', () => {
    const { sync, join, answer } = open([]);
    answer(join('a', other.summary()), other);
    const entries = other.accepted(990, 20);
    expect(sync.takeNews(entries)).toEqual(entries.slice(10));
    expect(sync.takeNews(entries)).toEqual(entries);
  });

  test('begins where the list is new, if most is here already', () => {
    const { join, answer } = open(history.slice(0, 3_500));
    const peer = join('a', other.summary());
    expect(questions(peer)).toEqual([2_501]);
    for (let n = 0; n < 3; n++) answer(peer, other);
    expect(questions(peer)).toEqual([2_501, 3_501, 4_501]);
  });

  test('goes back where what is here is not the beginning of the list', () => {
    const { join, sync } = open(history.slice(0, 3_500));
    const peer = join('a', { ...other.summary(), transactions: 9_000 });
    const unknown: Inv['held'] = [{ infohash: genesis.infohash, txid: 'f'.repeat(64) as TxId }];
    for (let n = 0; n < 3; n++) {
      const { from = 0 } = peer.last('list') ?? {};
      sync.receive(peer, { t: 'inv', held: unknown, from });
    }
    expect(questions(peer)).toEqual([2_501, 1_501, 0]);
  });

  test('a silent peer loses score, and its list is read no more for a while; three are read at a time', async () => {
    const { clock, join } = open([]);
    const peers = ['a', 'b', 'c', 'd'].map((id) => join(id, other.summary()));
    expect(peers.map(questions)).toEqual([[0], [0], [0], []]);
    await clock.advance(16_000);
    expect(peers.map((peer) => peer.penalties)).toEqual([10, 10, 10, 0]);
    expect(peers.map(questions)).toEqual([[0], [0], [0], [0]]);
  });

  test('a list of which no file comes gives its place to another', async () => {
    const { clock, join, answer, wait } = open([]);
    for (const id of ['a', 'b', 'c']) {
      const liar = join(id, other.summary());
      wait(id, 2_000);
      answer(liar, other);
    }
    const good = join('d', other.summary());
    expect(good.heard).toEqual([]);
    await clock.advance(31_000);
    expect(questions(good)).toEqual([0]);
  });

  test('peers that answer just in time keep nobody out, and good time does not stand still for them', async () => {
    const { sync, clock, join } = open([]);
    const slow = ['a', 'b', 'c'].map((id) => join(id, { ...other.summary(), transactions: 10_000_000 }));
    const good = join('d', other.summary());
    let invented = 0;
    const trickle = () => {
      for (const peer of slow) {
        const { from } = peer.last('list') ?? {};
        const held = Array.from({ length: MAX_INV }, () => ({
          infohash: genesis.infohash,
          txid: (invented++).toString(16).padStart(64, '0') as TxId,
        }));
        if (from !== undefined) sync.receive(peer, { t: 'inv', held, from });
      }
    };
    for (let n = 0; n < 3; n++) {
      await clock.advance(13_000);
      trickle();
    }
    expect([questions(good), ...slow.map((peer) => peer.penalties)]).toEqual([[0], 0, 0, 0]);
    sync.left(good);
    expect(sync.isCatchingUp).toBe(false);
  });

  test('a page that names one transaction twice costs score', () => {
    const { sync, join } = open([]);
    const peer = join('a', other.summary());
    const [entry] = other.accepted(1, 1);
    const held = [entry, entry].flatMap((one) => (one === undefined ? [] : [{ infohash: one.infohash, txid: one.txid }]));
    sync.receive(peer, { t: 'inv', held, from: 0 });
    expect([peer.penalties, sync.isCatchingUp]).toEqual([50, false]);
  });

  test('a list that names the same over and over leads nowhere', () => {
    const { sync, join } = open(history.slice(0, MAX_INV));
    const peer = join('a', { ...other.summary(), transactions: 1_000_000_000 });
    const same = other.accepted(0, MAX_INV).map(({ infohash, txid }) => ({ infohash, txid }));
    for (let n = 0; n < 50; n++) {
      const last = peer.heard.at(-1) as Message;
      if (last.t === 'list') sync.receive(peer, { t: 'inv', held: same, from: last.from });
    }
    expect(sync.isCatchingUp).toBe(false);
    expect(peer.heard.length).toBeLessThan(30);
  });

  test('a list that ends long before what its owner claims to have costs score', () => {
    const { sync, join, answer } = open([]);
    const peer = join('a', { ...other.summary(), transactions: 1_000_000 });
    for (let n = 0; n < 6; n++) answer(peer, other);
    expect([sync.isCatchingUp, peer.penalties]).toEqual([false, 25]);
  });
});

test('a state that changes all the time costs score', async () => {
  const { sync, clock, join } = open([]);
  const summary = ledgerOf(makeHistory(3)).summary();
  const peer = join('a', summary);
  for (let n = 0; n < 5; n++) {
    await clock.advance(2_000);
    sync.receive(peer, { t: 'state', summary });
  }
  expect(peer.penalties).toBe(0);
  for (let n = 0; n < 5; n++) sync.receive(peer, { t: 'state', summary });
  expect(peer.penalties).toBe(10);
});
