import { expect, test } from 'vitest';
import { RecentSet } from './recent-set.ts';

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);

test('the latest half is remembered for certain, and no more than all', () => {
  const set = new RecentSet<number>(100);
  for (const n of numbers(0, 1_234)) {
    set.add(n);
    const kept = numbers(0, n + 1).filter((one) => set.has(one));
    expect(kept.slice(-50)).toEqual(numbers(Math.max(0, n - 49), n + 1));
    expect(kept.length).toBeLessThanOrEqual(100);
  }
});

test('what is added again is as good as new, and what is deleted is gone from both generations', () => {
  const set = new RecentSet<number>(10);
  for (const n of numbers(0, 5)) set.add(n);
  set.add(0);
  for (const n of numbers(5, 9)) set.add(n);
  expect([set.has(0), set.has(4)]).toEqual([true, false]);
  expect([set.delete(0), set.delete(0), set.has(0)]).toEqual([true, false, false]);
});

test('filtering leaves what is to stay', () => {
  const set = new RecentSet<number>(10);
  for (const n of numbers(0, 8)) set.add(n);
  set.filter((n) => n % 2 === 0);
  expect(numbers(0, 8).filter((n) => set.has(n))).toEqual([0, 2, 4, 6]);
});
