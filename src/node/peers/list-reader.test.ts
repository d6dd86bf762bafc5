import { describe, expect, test } from 'vitest';
import type { TxId } from '../../core/id.ts';
import { MAX_INV } from '../../core/limit.ts';
import type { Inv, Message } from '../../core/message.ts';
import { genesis, ledgerOf, makeHistory } from '../testkit/history.ts';
import { openSync, questions } from '../testkit/opened-sync.ts';

describe('reading lists', () => {
  const history = makeHistory(5_000);
  const other = ledgerOf(history);

  test('begins at the genesis with nothing, goes on as fast as files come, and ends with a page that is not full', async () => {
    const { sync, clock, ledger, join, answer, wait } = openSync([]);
    const peer = join('a', other.summary());
    expect([questions(peer), sync.isCatchingUp]).toEqual([[0], false]);
    answer(peer, other);
    expect([questions(peer), sync.isCatchingUp]).toEqual([[0, 1_000], true]);
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
    const { sync, join, answer } = openSync([]);
    answer(join('a', other.summary()), other);
    const entries = other.accepted(990, 20);
    expect(sync.takeNews(entries)).toEqual(entries.slice(10));
    expect(sync.takeNews(entries)).toEqual(entries);
  });

  test('begins where the list is new, if most is here already', () => {
    const { join, answer } = openSync(history.slice(0, 3_500));
    const peer = join('a', other.summary());
    expect(questions(peer)).toEqual([2_501]);
    for (let n = 0; n < 3; n++) answer(peer, other);
    expect(questions(peer)).toEqual([2_501, 3_501, 4_501]);
  });

  test('goes back where what is here is not the beginning of the list', () => {
    const { join, sync } = openSync(history.slice(0, 3_500));
    const peer = join('a', { ...other.summary(), transactions: 9_000 });
    const unknown: Inv['held'] = [{ infohash: genesis.infohash, txid: 'f'.repeat(64) as TxId }];
    for (let n = 0; n < 3; n++) {
      const { from = 0 } = peer.last('list') ?? {};
      sync.receive(peer, { t: 'inv', held: unknown, from });
    }
    expect(questions(peer)).toEqual([2_501, 1_501, 0]);
  });

  test('a silent peer loses score, and its list is read no more for a while; three are read at a time', async () => {
    const { clock, join } = openSync([]);
    const peers = ['a', 'b', 'c', 'd'].map((id) => join(id, other.summary()));
    expect(peers.map(questions)).toEqual([[0], [0], [0], []]);
    await clock.advance(16_000);
    expect(peers.map((peer) => peer.penalties)).toEqual([10, 10, 10, 0]);
    expect(peers.map(questions)).toEqual([[0], [0], [0], [0]]);
  });

  test('a list of which no file comes gives its place to another', async () => {
    const { clock, join, answer, wait } = openSync([]);
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
    const { sync, clock, join } = openSync([]);
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

  test('once in sync with anybody, good time stands still only for lists that bring something, whoever claims to have more', async () => {
    const { sync, clock, ledger, join, answer } = openSync(history.slice(0, 500));
    const claim = () => {
      const peer = join('b', other.summary());
      answer(peer, other);
      return peer;
    };
    const early = claim();
    expect(sync.isCatchingUp).toBe(true);
    join('a', ledger.summary());
    expect(sync.isCatchingUp).toBe(false);
    const missing = other.accepted(501, 10);
    sync.takeNews(missing.slice(1));
    sync.left(early);
    const late = claim();
    expect(sync.isCatchingUp).toBe(false);
    sync.takeNews(missing);
    expect(sync.isCatchingUp).toBe(true);
    await clock.advance(10_000);
    sync.left(late);
    await clock.advance(20_000);
    claim();
    expect(sync.isCatchingUp).toBe(false);
  });

  test('read to its end in vain, it gives way to the tree, and was none to catch up with', async () => {
    const { sync, clock, ledger, join, answer, answerAll } = openSync(history.slice(0, 3_000));
    const winners = [genesis.txid];
    for (const entry of other.accepted(3_001)) ledger.apply(entry.txid, { kind: 'conflicted', entry, winners });
    const peer = join('a', other.summary());
    for (let n = 0; n < 4; n++) {
      expect(sync.isCatchingUp).toBe(false);
      answer(peer, other);
    }
    expect(questions(peer)).toEqual([2_001, 3_001, 4_001, 5_001]);
    await clock.advance(6_000);
    expect(questions(peer).slice(4)).toEqual(['node']);
    answerAll(peer, other);
    expect(sync.relationTo('a')).toMatchObject({ kind: 'forked' });
    const walked = peer.heard.length;
    await clock.advance(6_000);
    expect(questions(peer).slice(walked)).toEqual([2_001]);
  });

  test('a page that names one transaction twice costs score', () => {
    const { sync, join } = openSync([]);
    const peer = join('a', other.summary());
    const [entry] = other.accepted(1, 1);
    const held = [entry, entry].flatMap((one) => (one === undefined ? [] : [{ infohash: one.infohash, txid: one.txid }]));
    sync.receive(peer, { t: 'inv', held, from: 0 });
    expect([peer.penalties, sync.isCatchingUp]).toEqual([50, false]);
  });

  test('a list that names the same over and over leads nowhere', () => {
    const { sync, join } = openSync(history.slice(0, MAX_INV));
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
    const { sync, join, answer } = openSync([]);
    const peer = join('a', { ...other.summary(), transactions: 1_000_000 });
    for (let n = 0; n < 6; n++) answer(peer, other);
    expect([sync.isCatchingUp, peer.penalties]).toEqual([false, 25]);
  });
});
