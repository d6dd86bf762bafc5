import { beforeEach, expect, test } from 'vitest';
import { MetadataClaims } from './metadata-claims.ts';
import { ManualScheduler } from './scheduler.ts';

let scheduler: ManualScheduler;
let verdicts: number;
let claims: MetadataClaims;
beforeEach(() => {
  scheduler = new ManualScheduler();
  verdicts = 0;
  claims = new MetadataClaims(scheduler, () => verdicts++);
});

test('two peers decide when nobody has objected for a while, once', () => {
  claims.add('a', false);
  scheduler.advance(15_000);
  claims.add('b', false);
  expect(verdicts).toBe(0);
  scheduler.advance(5_000);
  expect(verdicts).toBe(1);
  claims.add('c', false);
  scheduler.advance(60_000);
  expect(verdicts).toBe(1);
});

test('one peer decides nothing, however often it says so; a second one decides later', () => {
  for (let i = 0; i < 10; i++) {
    claims.add('a', false);
    scheduler.advance(60_000);
  }
  expect(verdicts).toBe(0);
  claims.add('b', false);
  expect(verdicts).toBe(1);
});

test.each([0, 1, 2])('one that says otherwise after %i others leaves it open for good', (before) => {
  for (let i = 0; i < before; i++) claims.add(`liar ${i}`, false);
  scheduler.advance(10_000);
  claims.add('honest', true);
  for (let i = 0; i < 100; i++) claims.add(`another liar ${i}`, false);
  scheduler.advance(600_000);
  expect(verdicts).toBe(0);
});

test('a fetch that ended hears of no verdict', () => {
  claims.add('a', false);
  claims.add('b', false);
  claims.settle();
  scheduler.advance(60_000);
  expect(verdicts).toBe(0);
});
