import { expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES } from '../../core/limit.ts';
import { encodeMessage } from '../../core/message-codec.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import { makePayment } from '../testkit/people.ts';
import { alice, bob, genesis, openTopics } from '../testkit/scripted-peer.ts';

const open = () => openTopics(createMemoryStorage());

const first = makePayment(alice, [genesis], bob.address, 5_000_000n, 1);
const second = makePayment(alice, [first], bob.address, 5_000_000n, 2);

test('serves files and names those it has not got', async () => {
  const { exchange, connect, clock } = await open();
  const peer = connect('a');
  exchange.receive(peer, { t: 'get', txids: [first.txid, genesis.txid] });
  await clock.advance(1);
  expect(peer.last('tx')).toMatchObject({ files: [genesis.bytes], missing: [first.txid] });
});

test('a long answer comes in messages within their limit, each file once', async () => {
  const { exchange, acceptor, connect, clock } = await open();
  const files: TransactionFile[] = [];
  let parent = genesis;
  for (let n = 0; n < 300; n++) {
    parent = makePayment(alice, [parent], bob.address, 1n, n + 1, 'x'.repeat(900));
    files.push(parent);
  }
  await acceptor.accept(files.map(({ bytes }) => bytes));
  const peer = connect('a');
  const unknown = second.txid;
  exchange.receive(peer, { t: 'get', txids: [unknown, ...files.map(({ txid }) => txid)] });
  await clock.advance(1);
  const answers = peer.heard.filter((message) => message.t === 'tx');
  expect(answers.length).toBeGreaterThan(1);
  for (const answer of answers) expect(encodeMessage(answer).length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
  expect(answers.flatMap((answer) => answer.files)).toEqual(files.map(({ bytes }) => bytes));
  expect(answers.flatMap((answer) => answer.missing)).toEqual([unknown]);
});

test('a file that is asked for many times at once is sent once, and who keeps asking for the same pays for it', async () => {
  const { exchange, connect, clock } = await open();
  const [greedy, forgetful] = [connect('greedy'), connect('forgetful')];
  for (let n = 0; n < 50; n++) {
    exchange.receive(greedy, { t: 'get', txids: Array(1_000).fill(genesis.txid) });
    await clock.advance(500);
  }
  const sent = greedy.heard.filter((message) => message.t === 'tx').flatMap(({ files }) => files);
  expect(sent.length).toBeLessThanOrEqual(50);
  expect(greedy.penalties).toBeGreaterThanOrEqual(100);
  // A light node looks at what is announced, throws it away, and needs some of it later.
  for (let n = 0; n < 2; n++) exchange.receive(forgetful, { t: 'get', txids: [genesis.txid] });
  expect(forgetful.penalties).toBe(0);
  exchange.receive(forgetful, { t: 'get', txids: [genesis.txid] });
  expect(forgetful.penalties).toBe(2);
});

test('who waits for what nobody has may ask again and again', async () => {
  const { exchange, connect, clock } = await open();
  const waiting = connect('waiting');
  for (let n = 0; n < 60; n++) {
    exchange.receive(waiting, { t: 'get', txids: [first.txid] });
    await clock.advance(1_000);
  }
  expect(waiting.heard.filter((message) => message.t === 'tx')).toHaveLength(60);
  expect(waiting.penalties).toBe(0);
});
