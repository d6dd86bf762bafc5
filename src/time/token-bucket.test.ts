import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

test('gives its burst at once, then what the rate refills', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 0);
  expect(bucket.take(5, 0)).toBe(true);
  expect(bucket.take(1, 50)).toBe(false);
  expect(bucket.take(1, 100)).toBe(true);
  expect(bucket.take(5, 10_000)).toBe(true);
  expect(bucket.take(1, 10_000)).toBe(false);
});

test('takes nothing when there is too little', () => {
  const bucket = new TokenBucket({ perSecond: 0, burst: 5 }, 0);
  expect(bucket.take(6, 0)).toBe(false);
  expect(bucket.take(5, 0)).toBe(true);
});

test('keeps granted tokens above the burst until they are used', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 0);
  bucket.grant(100);
  expect(bucket.take(100, 60_000)).toBe(true);
  expect(bucket.take(5, 60_000)).toBe(true);
  expect(bucket.take(1, 60_000)).toBe(false);
});
