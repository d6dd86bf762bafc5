import { hexToBytes } from '@noble/hashes/utils.js';
import { expect, test } from 'vitest';
import { txidFromBytes } from '../../core/id.ts';
import { MAX_INV } from '../../core/limit.ts';
import type { Message } from '../../core/message.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import { makePayment } from '../testkit/people.ts';
import { alice, bob, genesis, inv, missing, openTopics, type ScriptedPeer, tx } from '../testkit/scripted-peer.ts';
import { MAX_ANNOUNCED } from './fetch-queue.ts';

const open = () => openTopics(createMemoryStorage());

const first = makePayment(alice, [genesis], bob.address, 5_000_000n, 1);
const second = makePayment(alice, [first], bob.address, 5_000_000n, 2);

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
  const [silent, empty, gone, good] = ['a', 'b', 'c', 'd'].map((id) => connect(id)) as [
    ScriptedPeer,
    ScriptedPeer,
    ScriptedPeer,
    ScriptedPeer,
  ];
  for (const peer of [silent, empty, gone, good]) exchange.receive(peer, inv(first));
  expect(silent.last('get')?.txids).toEqual([first.txid]);
  expect(good.last('get')).toBeUndefined();
  await clock.advance(20_000);
  expect(silent.penalties).toBeGreaterThan(0);
  const asked = () => [empty, gone, good].filter((peer) => peer.last('get') !== undefined);
  for (let i = 0; good.last('get') === undefined && i < 3; i++) {
    const [current] = asked().filter((peer) => !peer.closed);
    if (current === empty) exchange.receive(empty, missing(first.txid));
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
  const { exchange, fetcher, connect } = await open();
  const peer = connect('a');
  exchange.receive(peer, inv(first, second));
  expect(fetcher.size).toBe(2);
  exchange.leave(peer);
  expect(fetcher.size).toBe(0);
});

test('looks for a file with every peer, those that come later too, and stops when told', async () => {
  const { exchange, fetcher, connect } = await open();
  const ended = new AbortController();
  const sought = fetcher.seek(first.txid, ended.signal);
  const late = connect('late');
  expect(late.last('get')?.txids).toEqual([first.txid]);
  exchange.receive(late, tx(first));
  await expect(sought).resolves.toEqual(first.bytes);
  const never = fetcher.seek(second.txid, ended.signal);
  ended.abort('enough');
  await expect(never).rejects.toBe('enough');
});

test('who has not what it announced loses score; who is asked on the off chance does not', async () => {
  const { exchange, fetcher, connect } = await open();
  const [liar, honest] = [connect('liar'), connect('honest')];
  exchange.receive(liar, inv(first));
  exchange.receive(liar, missing(first.txid));
  const ended = new AbortController();
  const sought = fetcher.seek(second.txid, ended.signal).catch((reason) => reason);
  exchange.receive(honest, missing(second.txid));
  expect([liar.penalties, honest.penalties, fetcher.size]).toEqual([10, 0, 0]);
  ended.abort('enough');
  expect(await sought).toBe('enough');
});

/** Payments that each spend the one before, none of them in the ledger. */
function chain(length: number, start = genesis): readonly TransactionFile[] {
  const files: TransactionFile[] = [];
  for (let n = 0; n < length; n++) files.push(makePayment(alice, [files.at(-1) ?? start], bob.address, 1n, 100 + n));
  return files;
}

/** Names without files: all a liar needs. */
const lies = (count: number, letter = 'f'): Message[] =>
  Array.from({ length: count / MAX_INV }, (_, page) => ({
    t: 'inv',
    held: Array.from({ length: MAX_INV }, (_, n) => {
      const hex = `${letter}${(page * MAX_INV + n).toString(16).padStart(8, '0')}`;
      return { infohash: genesis.infohash, txid: txidFromBytes(hexToBytes(hex.padStart(64, letter))) };
    }),
  }));

test('asks a new peer for little, for more as it answers in time, and for half as much when it is slow', async () => {
  const { exchange, connect, clock } = await open();
  const peer = connect('a');
  for (const page of lies(4_000)) exchange.receive(peer, page);
  const first = peer.asked().length;
  expect(first).toBe(32);
  await clock.advance(5_000);
  expect(peer.asked().length).toBe(first);
  const files = chain(40);
  const quick = connect('b');
  exchange.receive(quick, inv(...files));
  exchange.receive(quick, tx(...files.slice(0, 32)));
  await clock.advance(1);
  expect(quick.asked()).toEqual(files.map(({ txid }) => txid));
});

test('a peer that takes its time holds up nobody: after three seconds others are asked, and its answer still counts', async () => {
  const { exchange, connect, clock, ledger } = await open();
  const [loris, good] = [connect('loris'), connect('good')];
  const files = chain(8);
  for (const peer of [loris, good]) exchange.receive(peer, inv(...files));
  expect([loris.asked().length, good.asked().length]).toEqual([8, 0]);
  await clock.advance(4_100);
  expect(good.asked()).toEqual(files.map(({ txid }) => txid));
  exchange.receive(good, tx(...files));
  await clock.advance(1);
  expect(ledger.size).toBe(9);
  exchange.receive(loris, tx(...files));
  await clock.advance(1);
  expect([loris.penalties, good.penalties]).toEqual([0, 0]);
});

test('a peer that delivers one file at a time, just in time, is asked for no more meanwhile', async () => {
  const { exchange, connect, clock } = await open();
  const loris = connect('loris');
  const files = chain(128);
  exchange.receive(loris, inv(...files));
  const rounds: number[] = [];
  for (let round = 0; round < 4; round++) {
    rounds.push(loris.asked().length);
    for (let n = 0; n < 4; n++) {
      await clock.advance(4_000);
      const next = files.find(({ txid }) => txid === loris.asked()[4 * round + n]);
      if (next !== undefined) exchange.receive(loris, tx(next));
    }
  }
  expect(rounds).toEqual([32, 32, 32, 32]);
  expect(loris.penalties).toBe(0);
});

test('a peer that is slow, and not silent, is not blamed', async () => {
  const { exchange, connect, clock, ledger } = await open();
  const slow = connect('slow');
  const files = chain(300);
  exchange.receive(slow, inv(...files));
  let sent = 0;
  for (let second = 0; second < 240 && sent < files.length; second++) {
    await clock.advance(1_000);
    const due = slow.asked().slice(sent, sent + 2);
    sent += due.length;
    exchange.receive(slow, tx(...files.filter(({ txid }) => due.includes(txid))));
  }
  await clock.advance(1);
  expect([ledger.size, slow.penalties]).toEqual([301, 0]);
});

test('a thread that was busy reads what has come before it blames anybody', async () => {
  const { exchange, connect, clock } = await open();
  const peer = connect('a');
  exchange.receive(peer, inv(first));
  await clock.sleep(20_000);
  expect(peer.penalties).toBe(0);
  await clock.advance(3_000);
  expect(peer.penalties).toBe(10);
});

test('an endless list of lies costs the liar, and does not delay what others announce', async () => {
  const { exchange, connect, fetcher, clock, ledger } = await open();
  const [liar, honest] = [connect('liar'), connect('honest')];
  for (const page of lies(50_000)) exchange.receive(liar, page);
  expect(fetcher.size).toBe(MAX_ANNOUNCED);
  exchange.receive(honest, inv(first));
  exchange.receive(honest, tx(first));
  await clock.advance(1);
  expect(ledger.isAccepted(first.txid)).toBe(true);
  for (let silent = 0; silent < 9; silent++) await clock.advance(60_000);
  expect(liar.penalties).toBeGreaterThanOrEqual(50);
  exchange.leave(liar);
  expect(fetcher.size).toBe(0);
});

test('what most peers announced is fetched before what one announced first', async () => {
  const { exchange, connect } = await open();
  const [pushy, a, b] = [connect('pushy'), connect('a'), connect('b')];
  for (const page of lies(1_000)) exchange.receive(pushy, page);
  for (const page of lies(1_000, 'e')) exchange.receive(a, page);
  exchange.receive(b, inv(first));
  // It is busy with the liar: the next place goes to what others have seen as well.
  exchange.receive(a, inv(second));
  exchange.receive(pushy, inv(second));
  exchange.receive(pushy, missing(...pushy.asked()));
  expect(pushy.asked()[32]).toBe(second.txid);
});

test('a late answer is taken once, and a file that was never asked for is none', async () => {
  const { exchange, connect, clock } = await open();
  const sleeper = connect('a');
  exchange.receive(sleeper, inv(first));
  await clock.advance(20_000);
  const before = sleeper.penalties;
  exchange.receive(sleeper, tx(first));
  await clock.advance(1);
  expect(sleeper.penalties).toBe(before);
  exchange.receive(sleeper, tx(first));
  exchange.receive(sleeper, tx(second));
  await clock.advance(1);
  expect(sleeper.penalties).toBe(before + 20);
});

test('a flood of orphans pushes out nobody else, and their ancestors are not chased without end', async () => {
  const { exchange, connect, acceptor, clock, ledger } = await open();
  const [flooder, honest] = [connect('flooder'), connect('honest')];
  exchange.receive(honest, inv(second));
  exchange.receive(honest, tx(second));
  await clock.advance(1);
  const flood = chain(300, makePayment(alice, [genesis], bob.address, 9n, 9)).slice(1);
  let answered = 0;
  exchange.receive(flooder, inv(...flood.slice(-1)));
  for (let step = 0; step < 400; step++) {
    const next = flood.find(({ txid }) => txid === flooder.asked()[answered]);
    if (next === undefined) break;
    answered++;
    exchange.receive(flooder, tx(next));
    await clock.advance(0);
  }
  expect(answered).toBeGreaterThan(200);
  expect(answered).toBeLessThan(280);
  expect(acceptor.pool.find(second.txid)).toBeDefined();
  exchange.receive(honest, tx(first));
  await clock.advance(1);
  expect(ledger.isAccepted(second.txid)).toBe(true);
}, 30_000);

test('a peer that slept is asked again later, at ever longer intervals', async () => {
  const { exchange, connect, clock } = await open();
  const peer = connect('a');
  exchange.receive(peer, inv(first));
  const asked = async (durationMs: number) => {
    const before = peer.asked().length;
    await clock.advance(durationMs);
    return peer.asked().length - before;
  };
  expect(peer.asked()).toEqual([first.txid]);
  expect(await asked(40_000)).toBe(0);
  expect(await asked(20_000)).toBe(1);
  expect(await asked(55_000)).toBe(0);
  expect(await asked(3_600_000)).toBeLessThan(12);
});

test('once it is closed nothing waits that would hold it in memory: neither for silent peers nor for orphans', async () => {
  const { exchange, connect, clock, fetcher } = await open();
  const waiting = new Set<() => void>();
  const after = clock.after.bind(clock);
  clock.after = (delayMs, action) => {
    const ring = () => {
      waiting.delete(ring);
      action();
    };
    const takeBack = after(delayMs, ring);
    waiting.add(ring);
    return () => {
      waiting.delete(ring);
      takeBack();
    };
  };
  const [silent, honest] = [connect('a'), connect('b')];
  exchange.receive(silent, inv(first));
  exchange.receive(honest, inv(second));
  exchange.receive(honest, tx(second));
  await clock.advance(20_000);
  for (const peer of [silent, honest]) exchange.leave(peer);
  fetcher.stop();
  await clock.advance(1_000);
  expect(waiting.size).toBe(0);
});

test('an ancestor that nobody delivered is sought again now and then, of one peer after another, while its orphan waits', async () => {
  const { exchange, connect, clock, ledger } = await open();
  const [a, b] = [connect('a'), connect('b')];
  exchange.receive(a, inv(second));
  exchange.receive(a, tx(second));
  await clock.advance(1);
  exchange.receive(a, missing(first.txid));
  expect(b.asked()).toEqual([]);
  for (let n = 0; n < 360; n++) {
    await clock.advance(10_000);
    for (const peer of [a, b]) exchange.receive(peer, missing(first.txid));
  }
  const times = [a, b].map((peer) => peer.asked().filter((txid) => txid === first.txid).length);
  expect(Math.min(...times)).toBeGreaterThan(1);
  expect(Math.max(...times)).toBeLessThan(9);
  const later = connect('c');
  exchange.receive(later, inv(first));
  exchange.receive(later, tx(first));
  await clock.advance(1);
  expect(ledger.isAccepted(second.txid)).toBe(true);
  expect([a.penalties, b.penalties]).toEqual([0, 0]);
});

test('a light node that has dropped a file has not lied', async () => {
  const { exchange, connect, fetcher } = await open();
  const light = connect('a', 'light');
  exchange.receive(light, inv(first));
  exchange.receive(light, missing(first.txid));
  expect([light.penalties, fetcher.size]).toEqual([0, 0]);
});

test('says that somebody waits for an orphan, and asks all peers for its ancestors in turn until one has it', async () => {
  const { exchange, connect, acceptor, fetcher, awaited, clock } = await open();
  const [a, b, c] = [connect('a'), connect('b'), connect('c')];
  await acceptor.accept([second.bytes]);
  acceptor.pool.pin(second.txid);
  fetcher.urge([first.txid]);
  const turn = () => [a, b, c].map((peer) => peer.asked().length);
  expect(turn()).toEqual([1, 0, 0]);
  exchange.receive(a, missing(first.txid));
  expect(turn()).toEqual([1, 1, 0]);
  await clock.advance(4_000);
  expect(turn()).toEqual([1, 1, 1]);
  exchange.receive(c, tx(first));
  await clock.advance(1);
  expect(fetcher.size).toBe(0);
  const third = makePayment(alice, [second], bob.address, 1n, 3);
  const fourth = makePayment(alice, [third], bob.address, 1n, 4);
  await acceptor.accept([makePayment(alice, [fourth], bob.address, 1n, 5).bytes]);
  const fifth = makePayment(alice, [fourth], bob.address, 1n, 5);
  acceptor.pool.pin(fifth.txid);
  exchange.receive(a, inv(fourth));
  exchange.receive(a, tx(fourth));
  await clock.advance(1);
  expect(awaited()).toBe(1);
});

test('what is decided after its peer has gone is charged to nobody', async () => {
  const { exchange, connect, acceptor, clock } = await open();
  const charged: boolean[] = [];
  const leave = acceptor.pool.leave.bind(acceptor.pool);
  acceptor.pool.leave = (peer) => {
    charged.push(acceptor.pool.find(second.txid) !== undefined);
    leave(peer);
  };
  const flooder = connect('flooder');
  exchange.receive(flooder, inv(second));
  exchange.receive(flooder, tx(second));
  exchange.leave(flooder);
  await clock.advance(1);
  expect(charged).toEqual([false, true]);
});
