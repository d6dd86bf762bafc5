import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TxId } from './id.ts';
import { RecentWork, type Weighed } from './weight.ts';

const id = (name: string) => name as TxId;
const one = (name: string, prev: string[], ref: string[] = [], workBits = 0): Weighed => ({
  txid: id(name),
  prev: prev.map(id),
  ref: ref.map(id),
  workBits,
});
const none = () => 0n;

function weigh(sides: string[], some: readonly Weighed[], votes: (txid: TxId) => bigint = none) {
  const recent = new RecentWork();
  for (const weighed of some) recent.add(weighed);
  return recent.weigh(sides.map(id), votes);
}

test('a side weighs what it, its descendants and those that vouch for one of these worked', () => {
  const some = [one('a', ['coin'], [], 3), one('b', ['coin'], [], 2), one('child', ['a'], [], 4), one('voucher', ['x'], ['child'], 5)];
  expect(weigh(['a', 'b'], some)).toEqual([8n + 16n + 32n, 4n]);
  expect(weigh(['a', 'b'], some, (txid) => (txid === 'b' ? 100n : 0n))).toEqual([56n, 104n]);
});

test('what builds on a voucher does not vouch', () => {
  const some = [one('a', ['coin']), one('b', ['coin']), one('voucher', ['x'], ['a'], 1), one('child', ['voucher'], [], 9)];
  expect(weigh(['a', 'b'], some)).toEqual([3n, 1n]);
});

test('what is for both sides is for none', () => {
  const some = [one('a', ['coin']), one('b', ['coin']), one('both', ['a'], ['b'], 10), one('merged', ['a', 'b'], [], 10)];
  expect(weigh(['a', 'b'], some)).toEqual([1n, 1n]);
});

test('is counted once, however many ways lead to it', () => {
  const some = [one('a', ['coin']), one('b', ['coin']), one('c', ['a']), one('d', ['a']), one('e', ['c', 'd'], [], 6)];
  expect(weigh(['a', 'b'], some)).toEqual([1n + 1n + 1n + 64n, 1n]);
});

test('does not depend on the order of arrival', () => {
  const weighed = fc.record({
    prev: fc.array(fc.nat(30), { maxLength: 3 }),
    ref: fc.array(fc.nat(30), { maxLength: 2 }),
    workBits: fc.nat(9),
  });
  const world = fc.array(weighed, { minLength: 2, maxLength: 30 }).map((some) =>
    some.map(({ prev, ref, workBits }, i) => {
      const earlier = (picks: number[]) => (i < 2 ? ['coin'] : picks.map((pick) => `t${pick % i}`));
      return one(`t${i}`, earlier(prev), i < 2 ? [] : earlier(ref), workBits);
    }),
  );
  fc.assert(
    fc.property(world, fc.infiniteStream(fc.nat()), (some, numbers) => {
      const shuffled = some.map((each) => ({ each, at: numbers.next().value })).sort((a, b) => a.at - b.at);
      expect(
        weigh(
          ['t0', 't1'],
          shuffled.map(({ each }) => each),
        ),
      ).toEqual(weigh(['t0', 't1'], some));
    }),
  );
});

test('a chain of 100,000 is counted as far as the bound, without recursion', () => {
  const chain = Array.from({ length: 100_000 }, (_, i) => one(`c${i}`, [i === 0 ? 'coin' : `c${i - 1}`]));
  const [weight] = weigh(['c99000', 'x'], chain);
  expect(weight).toBe(1_000n);
  expect(weigh(['c90000', 'x'], chain)[0]).toBe(4_096n);
});

test('tips are what nothing spends, those first that fewest vouch for', () => {
  const work = new RecentWork();
  for (const weighed of [one('a', []), one('b', ['a']), one('c', ['a']), one('d', []), one('e', [], ['b', 'd']), one('f', [], ['b'])])
    work.add(weighed);
  const tips = (count: number, not: readonly string[] = []) =>
    work.tips(
      (txid) => !not.includes(txid),
      count,
      () => 0.5,
    );
  expect(tips(8)).toEqual(['b', 'c', 'd', 'e', 'f']);
  expect(tips(3)).toEqual(['c', 'e', 'f']);
  expect(tips(4)).toEqual(['c', 'd', 'e', 'f']);
  expect(tips(3, ['e', 'f'])).toEqual(['b', 'c', 'd']);
});
