import { expect, test } from 'vitest';
import { decide } from '../../core/decide.ts';
import type { Hash } from '../../core/id.ts';
import { rootOf } from '../../core/merkle-tree.ts';
import type { Message } from '../../core/message.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import { answerNodes } from '../../core/tree-walk.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { genesis, ledgerOf, makeHistory } from '../testkit/history.ts';
import { ScriptedPeer } from '../testkit/scripted-peer.ts';
import { Reporter } from './reporter.ts';

function open(files: readonly TransactionFile[]) {
  const clock = new VirtualClock();
  const ledger = ledgerOf(files);
  let isCatchingUp = false;
  let prepared = 0;
  const failures: unknown[] = [];
  const reporter = new Reporter({
    ledger,
    clock,
    isLight: () => false,
    isCatchingUp: () => isCatchingUp,
    prepared: () => prepared++,
    failed: (error) => failures.push(error),
  });
  const join = () => {
    const peer = new ScriptedPeer('a');
    reporter.joined(peer);
    return peer;
  };
  const accept = (file: TransactionFile) => {
    ledger.apply(file.txid, decide(file, 'valid', ledger));
    reporter.changed();
  };
  const catchUp = (is: boolean) => {
    isCatchingUp = is;
  };
  return { clock, ledger, reporter, join, accept, catchUp, failures, prepared: () => prepared };
}
const history = makeHistory(40);
const states = (peer: ScriptedPeer) => peer.heard.flatMap((message) => (message.t === 'state' ? [message.summary] : []));

test('tells a new state, not more often than every two seconds, and an old one not again', async () => {
  const { clock, ledger, join, accept } = open([]);
  const peer = join();
  await clock.advance(2_000);
  for (const file of history) {
    accept(file);
    await clock.advance(100);
  }
  await clock.advance(2_000);
  expect(states(peer).length).toBe(3);
  expect(states(peer).at(-1)).toEqual(ledger.summary());
  await clock.advance(60_000);
  expect(states(peer).length).toBe(3);
});

test('says little while it catches up, and where it stands right after', async () => {
  const { clock, join, accept, catchUp } = open([]);
  const peer = join();
  await clock.advance(2_000);
  catchUp(true);
  for (const file of history.slice(0, 20)) {
    accept(file);
    await clock.advance(1_000);
  }
  expect(states(peer).length).toBe(2);
  catchUp(false);
  await clock.advance(2_000);
  expect(states(peer).at(-1)?.transactions).toBe(21);
});

test('what many changes lead to is computed in parts, and the state before it told until then', async () => {
  const long = makeHistory(3_000);
  const { clock, ledger, reporter, join, prepared } = open(long.slice(0, 2_000));
  const peer = join();
  expect(reporter.summary().transactions).toBe(0);
  // More comes before it is done.
  for (const file of long.slice(2_000, 2_100)) ledger.apply(file.txid, decide(file, 'valid', ledger));
  await clock.advance(10);
  expect(prepared()).toBe(1);
  expect(reporter.recent().summary).toEqual(ledgerOf(long.slice(0, 2_000)).summary());
  reporter.changed();
  await clock.advance(3_000);
  expect(states(peer).at(-1)).toEqual(ledgerOf(long.slice(0, 2_100)).summary());
  for (const file of long.slice(2_100)) ledger.apply(file.txid, decide(file, 'valid', ledger));
  expect(reporter.summary().transactions).toBe(2_101);
  await clock.advance(3_000);
  expect(states(peer).at(-1)?.transactions).toBe(3_001);
});

test('lists what it accepted in that order, from a position on', async () => {
  const { clock, ledger, reporter, join } = open(history);
  const peer = join();
  for (const from of [0, 39, 41, 1_000]) reporter.receive(peer, { t: 'list', from });
  await clock.advance(1);
  const pages = peer.heard.flatMap((message) => (message.t === 'inv' ? [message] : []));
  expect(pages.map(({ held, from }) => [from, held.length])).toEqual([
    [0, 41],
    [39, 2],
    [41, 0],
    [1_000, 0],
  ]);
  expect(pages[0]?.held.map(({ txid }) => txid)).toEqual([genesis, ...history].map(({ txid }) => txid));
  expect(pages[0]?.held[0]).toEqual({ infohash: genesis.infohash, txid: ledger.network.id });
});

test('the trees of states that it told can be walked for a while, others not', async () => {
  const { clock, ledger, reporter, join, accept } = open([]);
  const peer = join();
  const ask = async (tree: 'transactions' | 'coins', root: Hash) => {
    reporter.receive(peer, { t: 'node', tree, root, prefixes: [''] });
    await clock.advance(1);
    return peer.last('nodes');
  };
  const old = { ...ledger.trees(), summary: reporter.summary() };
  for (const file of history.slice(0, 3)) accept(file);
  const { transactionsRoot, coinsRoot } = old.summary;
  expect(await ask('transactions', transactionsRoot)).toMatchObject({ root: transactionsRoot, nodes: answerNodes(old.transactions, ['']) });
  expect(await ask('coins', coinsRoot)).toMatchObject({ tree: 'coins', root: coinsRoot, nodes: answerNodes(old.coins, ['']) });
  expect((await ask('transactions', rootOf(ledger.trees().transactions)))?.nodes).toEqual([]);
  for (const file of history.slice(3, 15)) {
    accept(file);
    reporter.summary();
  }
  expect((await ask('transactions', transactionsRoot))?.nodes).toEqual([]);
});

test('whoever asks more than is answered loses score, and costs no more than its turn', async () => {
  const { clock, reporter, join, failures } = open(history);
  const peer = join();
  peer.drained = () => new Promise(() => undefined);
  const question: Message = { t: 'list', from: 0 };
  for (let n = 0; n < 30; n++) reporter.receive(peer, question);
  await clock.advance(1_000);
  expect(peer.heard.filter(({ t }) => t === 'inv').length).toBe(1);
  expect(peer.penalties).toBe(14 * 5);
  expect(failures).toEqual([]);
});
