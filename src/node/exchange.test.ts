import { expect, test } from 'vitest';
import { Ledger } from '../core/ledger.ts';
import { MAX_MESSAGE_BYTES } from '../core/limit.ts';
import type { Message } from '../core/message.ts';
import { encodeMessage } from '../core/message-codec.ts';
import { checkSignature } from '../core/signature.ts';
import type { TransactionFile } from '../core/transaction.ts';
import type { Peer } from '../net/swarm.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import { Acceptor } from './accept.ts';
import { Exchange } from './exchange.ts';
import { makeGenesis, makePayment, person } from './testkit.ts';
import { VirtualClock } from './virtual-clock.ts';

const alice = person('alice');
const bob = person('bob');
const { file: genesis, network } = makeGenesis(alice);

/** A peer whose every word the test writes, and that remembers what was said to it. */
class ScriptedPeer implements Peer {
  readonly heard: Message[] = [];
  penalties = 0;
  closed = false;
  constructor(readonly id: string) {}
  send(message: Message): void {
    this.heard.push(message);
  }
  async drained(): Promise<void> {}
  penalize(points: number): void {
    this.penalties += points;
  }
  close(): void {
    this.closed = true;
  }
  last<T extends Message['t']>(t: T): Extract<Message, { t: T }> | undefined {
    return this.heard.filter((message): message is Extract<Message, { t: T }> => message.t === t).at(-1);
  }
}

const hello = (genesisId = network.id): Message => ({
  t: 'hello',
  software: 'x',
  protocol: 1,
  genesis: genesisId,
  summary: { transactions: 1 },
});
const inv = (...files: TransactionFile[]): Message => ({ t: 'inv', held: files.map(({ infohash, txid }) => ({ infohash, txid })) });
const tx = (...files: TransactionFile[]): Message => ({ t: 'tx', files: files.map((file) => file.bytes), missing: [] });

async function open() {
  const clock = new VirtualClock();
  const store = await createMemoryStorage().openStore(network.id);
  const ledger = new Ledger(network);
  const acceptor = new Acceptor({
    store,
    ledger,
    clock,
    verify: async (transaction) => checkSignature(transaction),
    decided: (batch) => exchange.announce(batch.flatMap(({ decision }) => (decision.kind === 'accepted' ? [decision.entry] : []))),
  });
  const failures: unknown[] = [];
  const exchange = new Exchange({
    ledger,
    acceptor,
    store,
    clock,
    software: 'test/1',
    changed: () => undefined,
    failed: (error) => failures.push(error),
  });
  await acceptor.accept([genesis.bytes]);
  const connect = (id: string) => {
    const peer = new ScriptedPeer(id);
    exchange.join(peer);
    exchange.receive(peer, hello());
    return peer;
  };
  return { clock, ledger, acceptor, exchange, connect, failures };
}

const first = makePayment(alice, [genesis], bob.address, 5_000_000n, 1);
const second = makePayment(alice, [first], bob.address, 5_000_000n, 2);

test('greets, tells what it holds, asks for what it does not hold, and tells again when it has it', async () => {
  const { exchange, connect, clock, ledger } = await open();
  const peer = connect('a');
  expect(peer.heard.map((message) => message.t)).toEqual(['hello', 'inv']);
  exchange.receive(peer, inv(genesis, first));
  expect(peer.last('get')?.txids).toEqual([first.txid]);
  exchange.receive(peer, tx(first));
  await clock.advance(1);
  expect(ledger.size).toBe(2);
  expect(peer.last('inv')?.held[0]?.txid).toBe(first.txid);
  expect(peer.penalties).toBe(0);
});

test('serves files and names those it has not got', async () => {
  const { exchange, connect, clock } = await open();
  const peer = connect('a');
  exchange.receive(peer, { t: 'get', txids: [first.txid, genesis.txid] });
  await clock.advance(1);
  expect(peer.last('tx')).toMatchObject({ files: [genesis.bytes], missing: [first.txid] });
});

test('lets a peer of another network go, and counts nothing said before hello', async () => {
  const { exchange } = await open();
  const stranger = new ScriptedPeer('s');
  exchange.join(stranger);
  exchange.receive(stranger, inv(first));
  expect(stranger.penalties).toBeGreaterThan(0);
  expect(stranger.last('get')).toBeUndefined();
  exchange.receive(stranger, hello(first.txid));
  expect(stranger.closed).toBe(true);
  expect(exchange.readyPeers).toBe(0);
});

test('penalises files that nobody asked for and invalid ones, and keeps neither', async () => {
  const { exchange, connect, clock, ledger } = await open();
  const pushy = connect('a');
  exchange.receive(pushy, tx(first));
  await clock.advance(1);
  expect(pushy.penalties).toBeGreaterThan(0);
  const overspent = makePayment(alice, [genesis], bob.address, 9_000_000_000_000n);
  const liar = connect('b');
  exchange.receive(liar, inv(overspent));
  exchange.receive(liar, tx(overspent));
  await clock.advance(1);

  expect(liar.penalties).toBeGreaterThanOrEqual(50);
  expect(ledger.size).toBe(1);
});

test('fetches the parent of an orphan from whoever had the orphan', async () => {
  const { exchange, connect, clock, ledger } = await open();
  const peer = connect('a');
  exchange.receive(peer, inv(second));
  exchange.receive(peer, tx(second));
  await clock.advance(1);
  expect(peer.last('get')?.txids).toEqual([first.txid]);
  exchange.receive(peer, tx(first));
  await clock.advance(1);

  expect(ledger.isAccepted(second.txid)).toBe(true);
});

test('asks somebody else when a holder is silent, has nothing after all, or leaves', async () => {
  const { exchange, connect, clock } = await open();
  const [silent, empty, gone, good] = ['a', 'b', 'c', 'd'].map(connect) as [ScriptedPeer, ScriptedPeer, ScriptedPeer, ScriptedPeer];
  for (const peer of [silent, empty, gone, good]) exchange.receive(peer, inv(first));
  expect(silent.last('get')?.txids).toEqual([first.txid]);
  expect(good.last('get')).toBeUndefined();
  await clock.advance(20_000);
  expect(silent.penalties).toBeGreaterThan(0);
  const asked = () => [empty, gone, good].filter((peer) => peer.last('get') !== undefined);
  for (let i = 0; good.last('get') === undefined && i < 3; i++) {
    const [current] = asked().filter((peer) => !peer.closed);
    if (current === empty) exchange.receive(empty, { t: 'tx', files: [], missing: [first.txid] });
    if (current === gone || i === 1) exchange.leave(gone);
    if (current !== undefined) current.closed = true;
  }
  expect(good.last('get')?.txids).toEqual([first.txid]);
});

test('takes an answer that comes late, from a phone that slept, and holds it against nobody', async () => {
  const { exchange, connect, clock, ledger } = await open();
  const sleeper = connect('a');
  exchange.receive(sleeper, inv(first));
  await clock.advance(20_000);
  const before = sleeper.penalties;
  exchange.receive(sleeper, tx(first));
  await clock.advance(1);
  expect(ledger.isAccepted(first.txid)).toBe(true);
  expect(sleeper.penalties).toBe(before);
});

test('forgets what only a peer that left had announced', async () => {
  const { exchange, connect } = await open();
  const peer = connect('a');
  exchange.receive(peer, inv(first, second));
  expect(exchange.toFetch).toBe(2);
  exchange.leave(peer);
  expect(exchange.toFetch).toBe(0);
});

test('counts holders of tracked transactions as peers come, tell and go', async () => {
  const { exchange, connect, acceptor } = await open();
  await acceptor.accept([first.bytes]);
  exchange.track(first.txid);
  const [a, b] = [connect('a'), connect('b')];
  exchange.receive(a, inv(first));
  exchange.receive(b, inv(first));
  expect(exchange.holdersOf(first.txid).size).toBe(2);
  exchange.leave(a);
  exchange.leave(b);
  expect(exchange.holdersOf(first.txid).size).toBe(0);
  expect(exchange.isDelivered(first.txid)).toBe(true);
});

test('looks for a file with every peer, those that come later too, and stops when told', async () => {
  const { exchange, connect } = await open();
  const ended = new AbortController();
  const sought = exchange.seek(first.txid, ended.signal);
  const late = connect('late');
  expect(late.last('get')?.txids).toEqual([first.txid]);
  exchange.receive(late, tx(first));
  await expect(sought).resolves.toEqual(first.bytes);
  const never = exchange.seek(second.txid, ended.signal);
  ended.abort('enough');
  await expect(never).rejects.toBe('enough');
});

test('a probed peer that answers stays, one that is silent is disconnected without a penalty', async () => {
  const { exchange, clock, connect } = await open();
  const [lively, dead] = [connect('lively'), connect('dead')];
  for (const peer of [lively, dead]) exchange.receive(peer, hello());
  exchange.probe();
  exchange.probe();
  expect(dead.heard.filter(({ t }) => t === 'get')).toHaveLength(1);
  expect(lively.last('get')?.txids).toEqual([network.id]);
  exchange.receive(lively, tx(genesis));
  await clock.advance(11_000);
  expect([lively.closed, dead.closed, lively.penalties, dead.penalties]).toEqual([false, true, 0, 0]);
  exchange.probe();
  expect(lively.heard.filter(({ t }) => t === 'get')).toHaveLength(2);
});

test('who has not what it announced loses score; who is asked on the off chance does not', async () => {
  const { exchange, connect } = await open();
  const [liar, honest] = [connect('liar'), connect('honest')];
  exchange.receive(liar, inv(first));
  exchange.receive(liar, { t: 'tx', files: [], missing: [first.txid] });
  const ended = new AbortController();
  const sought = exchange.seek(second.txid, ended.signal).catch((reason) => reason);
  exchange.receive(honest, { t: 'tx', files: [], missing: [second.txid] });
  expect([liar.penalties, honest.penalties, exchange.toFetch]).toEqual([10, 0, 0]);
  ended.abort('enough');
  expect(await sought).toBe('enough');
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
