import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TxId } from '../../core/id.ts';
import { FetchQueue, MAX_ANNOUNCED } from './fetch-queue.ts';

const txid = (name: string | number) => String(name).padStart(64, '0') as TxId;
const names = (txids: readonly TxId[]) => txids.map((id) => id.replace(/^0+/, ''));

function queueOf(announcements: Record<string, readonly string[]>): FetchQueue {
  const queue = new FetchQueue();
  for (const peer of Object.keys(announcements)) queue.join(peer);
  for (const [peer, held] of Object.entries(announcements)) for (const name of held) queue.announce(peer, txid(name));
  return queue;
}

test('each file is asked of one peer, in the order in which it was announced', () => {
  const queue = queueOf({ p: ['a', 'b', 'c'], q: ['a', 'b', 'c', 'd'] });
  expect(names(queue.take('p', 2))).toEqual(['a', 'b']);
  expect(names(queue.take('q', 9))).toEqual(['c', 'd']);
  expect(queue.take('p', 9)).toEqual([]);
  expect(queue.size).toBe(4);
});

test('what somebody waits for comes first, then what most peers announced, then the ancestors of orphans', () => {
  const queue = queueOf({ p: ['one', 'two', 'four'], q: ['two', 'four'], r: ['four'], s: ['four'] });
  queue.chase('p', [], txid('ancestor'));
  queue.announce('p', txid('awaited'));
  queue.urge(txid('awaited'));
  expect(names(queue.take('p', 9))).toEqual(['awaited', 'four', 'two', 'one', 'ancestor']);
});

test('an endless list of one peer keeps nobody else out, and what others announce as well comes first', () => {
  const queue = queueOf({ liar: [], honest: [] });
  const taken = Array.from({ length: MAX_ANNOUNCED + 5 }, (_, n) => queue.announce('liar', txid(`a${n}`))).filter(Boolean);
  expect([taken.length, queue.size]).toEqual([MAX_ANNOUNCED, MAX_ANNOUNCED]);
  expect(queue.announce('honest', txid('b'))).toBe(true);
  expect(queue.announce('honest', txid(`a${MAX_ANNOUNCED - 1}`))).toBe(true);
  expect(names(queue.take('honest', 1))).toEqual([`a${MAX_ANNOUNCED - 1}`]);
  expect(names(queue.take('honest', 1))).toEqual(['b']);
});

test('what a peer does not deliver is asked of the others before all else, and forgotten when none is left', () => {
  const queue = queueOf({ p: ['a'], q: ['b', 'a'] });
  queue.take('p', 1);
  queue.fail('p', txid('a'));
  expect(names(queue.take('q', 1))).toEqual(['a']);
  queue.fail('q', txid('a'));
  expect([queue.size, queue.has(txid('a'))]).toEqual([1, false]);
});

test('what a peer takes long for is asked of others as well, and of nobody twice', () => {
  const queue = queueOf({ p: ['a'], q: ['a'] });
  queue.take('p', 1);
  queue.share('p', txid('a'));
  expect(queue.take('p', 1)).toEqual([]);
  expect(names(queue.take('q', 1))).toEqual(['a']);
  queue.share('q', txid('a'));
  expect([queue.take('p', 1), queue.take('q', 1)]).toEqual([[], []]);
  queue.fail('p', txid('a'));
  expect(queue.announce('p', txid('a'))).toBe(true);
  expect(names(queue.take('p', 1))).toEqual(['a']);
});

test('a peer that leaves takes along what only it announced, and frees what it was asked for', () => {
  const queue = queueOf({ p: ['a', 'b'], q: ['b'] });
  queue.take('p', 2);
  queue.leave('p');
  expect(queue.size).toBe(1);
  expect(names(queue.take('q', 2))).toEqual(['b']);
});

test('what is urgent goes round: those who should have it, then everybody, whoever comes later too; and rests until it is urged again', () => {
  const queue = queueOf({ p: ['a'], q: [] });
  queue.urge(txid('a'));
  expect(queue.take('q', 1)).toEqual([]);
  expect(names(queue.take('p', 1))).toEqual(['a']);
  queue.fail('p', txid('a'));
  expect(names(queue.take('q', 1))).toEqual(['a']);
  queue.fail('q', txid('a'));
  expect([queue.take('p', 1), queue.take('q', 1)]).toEqual([[], []]);
  queue.join('late');
  expect(names(queue.take('late', 1))).toEqual(['a']);
  queue.fail('late', txid('a'));
  queue.urge(txid('a'));
  expect(names(queue.take('p', 1))).toEqual(['a']);
  queue.relax(txid('a'));
  expect(queue.size).toBe(0);
});

test('ancestors are sought for as many orphans of a peer as it may have, and another peer is not the poorer', () => {
  const queue = queueOf({ p: [], q: [] });
  for (let n = 0; n < 10_000; n++) queue.chase('p', [], txid(`a${n}`));
  const most = queue.size;
  expect(most).toBeLessThan(5_000);
  queue.chase('q', ['p'], txid('b'));
  expect(queue.size).toBe(most + 1);
  for (const id of queue.take('p', 10)) queue.finish(id);
  queue.chase('p', [], txid('c'));
  expect(queue.has(txid('c'))).toBe(true);
});

test('whatever happens, no file is asked of two peers that are both in time, and none is lost while somebody has it', () => {
  const peers = ['p', 'q', 'r'];
  const step = fc.record({
    peer: fc.constantFrom(...peers),
    file: fc.integer({ min: 0, max: 9 }),
    what: fc.constantFrom('announce', 'chase', 'take', 'share', 'fail', 'finish', 'repeat', 'leave', 'join', 'urge', 'relax'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new FetchQueue();
      for (const peer of peers) queue.join(peer);
      // Asked, and of others since.
      const slow = new Set<string>();
      const connected = new Set(peers);
      // Whom each file was asked of: nobody else may be asked until that one failed, shared or left.
      const asked = new Map<TxId, string>();
      // Who announced what, and has neither failed nor left nor been slow with it since.
      const willing = new Set<string>();
      const release = (peer: string, id: TxId) => {
        willing.delete(peer + id);
        if (asked.get(id) === peer) asked.delete(id);
      };
      for (const { peer, file, what } of steps) {
        const id = txid(file);
        switch (what) {
          case 'announce':
            if (queue.announce(peer, id) && !slow.has(peer + id)) willing.add(peer + id);
            break;
          case 'chase':
            queue.chase(peer, peers, id);
            break;
          case 'take':
            for (const next of queue.take(peer, 3)) {
              expect([asked.get(next), slow.has(peer + next)]).toEqual([undefined, false]);
              asked.set(next, peer);
            }
            break;
          case 'share':
            if (asked.get(id) === peer) slow.add(peer + id);
            queue.share(peer, id);
            if (slow.has(peer + id)) release(peer, id);
            break;
          case 'fail':
            queue.fail(peer, id);
            slow.delete(peer + id);
            release(peer, id);
            break;
          case 'finish':
            queue.finish(id);
            for (const each of peers) {
              slow.delete(each + id);
              release(each, id);
            }
            break;
          case 'repeat':
            queue.repeat(id);
            asked.delete(id);
            break;
          case 'urge':
            queue.urge(id);
            break;
          case 'relax':
            queue.relax(id);
            if (queue.has(id)) break;
            asked.delete(id);
            for (const each of peers) slow.delete(each + id);
            break;
          case 'leave':
            queue.leave(peer);
            connected.delete(peer);
            for (let n = 0; n < 10; n++) {
              slow.delete(peer + txid(n));
              release(peer, txid(n));
            }
            break;
          case 'join':
            if (!connected.has(peer)) queue.join(peer);
            connected.add(peer);
        }
      }
      for (const peer of connected) for (let n = 0; n < 10; n++) for (const id of queue.take(peer, 9)) asked.set(id, peer);
      for (const key of willing) expect(asked.has(key.slice(1) as TxId)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('no step takes longer because 240,000 files are wanted', () => {
  const peers = Array.from({ length: 12 }, (_, n) => `peer ${n}`);
  const perStepUs = (each: number) => {
    const queue = new FetchQueue();
    for (const peer of peers) queue.join(peer);
    let steps = 0;
    const startMs = performance.now();
    for (const [n, peer] of peers.entries()) {
      // Half of it only this peer has, half of it everybody.
      for (let i = 0; i < each; i++, steps++) queue.announce(peer, txid(i % 2 === 0 ? `${n}a${i}` : `b${i}`));
    }
    for (let left = each / 100; left > 0; left--) {
      for (const peer of peers) {
        for (const [i, id] of queue.take(peer, 50).entries()) {
          steps++;
          if (i % 10 === 0) queue.fail(peer, id);
          else if (i % 10 === 1) queue.share(peer, id);
          else queue.finish(id);
        }
      }
    }
    for (const peer of peers) queue.leave(peer);
    expect(queue.size).toBe(0);
    return ((performance.now() - startMs) * 1_000) / steps;
  };
  perStepUs(500);
  const [small, large] = [perStepUs(1_000), perStepUs(MAX_ANNOUNCED)];
  // A scan would make it two hundred times as long.
  expect(large).toBeLessThan(small * 20);
});
