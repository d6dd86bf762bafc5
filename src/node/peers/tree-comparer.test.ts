import { describe, expect, test } from 'vitest';
import type { Hash, TxId } from '../../core/id.ts';
import { changeTree, EMPTY_TREE, rootOf } from '../../core/merkle-tree.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import { answerNodes } from '../../core/tree-walk.ts';
import { branchPayment, genesis, ledgerOf, makeHistory } from '../testkit/history.ts';
import { openSync, questions } from '../testkit/opened-sync.ts';
import type { ScriptedPeer } from '../testkit/scripted-peer.ts';

const txidsOf = (files: readonly TransactionFile[]) => files.map(({ txid }) => txid).sort();

describe('walking', () => {
  const history = makeHistory(100);
  const [ours, theirs, moreTheirs] = [1, 3, 5].map((n) => branchPayment(history, n, 'x')) as [
    TransactionFile,
    TransactionFile,
    TransactionFile,
  ];

  test('wants what only the peer has, tells what only we have, and knows what both have', async () => {
    const { sync, join, answerAll, wanted, compared } = openSync([...history, ours]);
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
    const { sync, clock, join, compared } = openSync(history);
    const peer = join('a', ledgerOf(history).summary());
    await clock.advance(60_000);
    expect(peer.heard).toEqual([]);
    expect(sync.relationTo('a')).toEqual({ kind: 'in-sync' });
    expect([history[0]?.txid, ours.txid].map((txid) => compared[0]?.(txid as TxId))).toEqual([true, false]);
  });

  test('is left to the side that lacks more, for a while', async () => {
    const { clock, join } = openSync([...history, ours]);
    const peer = join('a', ledgerOf(history).summary());
    expect(peer.heard).toEqual([]);
    await clock.advance(12_000);
    expect(questions(peer)).toEqual(['node']);
  });

  test('of one that lacks a thousand begins when it walks our tree, not while it reads our list', async () => {
    const { sync, clock, ledger, join } = openSync(makeHistory(1_100));
    const peer = join('a', ledgerOf(history.slice(0, 50)).summary());
    sync.receive(peer, { t: 'node', tree: 'transactions', root: ledger.summary().transactionsRoot, prefixes: [''] });
    sync.receive(peer, { t: 'list', from: 0 });
    await clock.advance(60_000);
    expect(peer.heard).toEqual([]);
    sync.receive(peer, { t: 'node', tree: 'transactions', root: ledger.summary().transactionsRoot, prefixes: [''] });
    await clock.advance(1_000);
    expect(questions(peer)).toEqual(['node']);
  });

  test('waits for news that is on its way', async () => {
    const { sync, clock, ledger, join, wait } = openSync(history);
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
    const { sync, clock, join } = openSync(history);
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
    const { clock, join, answerAll, wanted } = openSync(history);
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
    const { sync, clock, join } = openSync([...history, ours]);
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
    const { clock, join, answerAll } = openSync([...history, ours]);
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
