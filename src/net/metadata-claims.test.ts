import { beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../time/virtual-clock.ts';
import { MetadataClaims } from './metadata-claims.ts';

let clock: VirtualClock;
let verdicts: number;
let claims: MetadataClaims;
beforeEach(() => {
  clock = new VirtualClock(0);
  verdicts = 0;
  claims = new MetadataClaims(clock, () => verdicts++);
});

test('two peers decide when nobody has objected for a while, once', () => {
  claims.add('a', false);
  clock.leap(15_000);
  claims.add('b', false);
  expect(verdicts).toBe(0);
  clock.leap(5_000);
  expect(verdicts).toBe(1);
  claims.add('c', false);
  clock.leap(60_000);
  expect(verdicts).toBe(1);
});

test('one peer decides nothing, however often it says so; a second one decides later', () => {
  for (let i = 0; i < 10; i++) {
    claims.add('a', false);
    clock.leap(60_000);
  }
  expect(verdicts).toBe(0);
  claims.add('b', false);
  expect(verdicts).toBe(1);
});

test.each([0, 1, 2])('one that says otherwise after %i others leaves it open for good', (before) => {
  for (let i = 0; i < before; i++) claims.add(`liar ${i}`, false);
  clock.leap(10_000);
  claims.add('honest', true);
  for (let i = 0; i < 100; i++) claims.add(`another liar ${i}`, false);
  clock.leap(600_000);
  expect(verdicts).toBe(0);
});

test('a fetch that ended hears of no verdict', () => {
  claims.add('a', false);
  claims.add('b', false);
  claims.settle();
  clock.leap(60_000);
  expect(verdicts).toBe(0);
});
