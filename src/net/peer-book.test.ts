import { expect, test } from 'vitest';
import { PeerBook } from './peer-book.ts';

const MINUTE_MS = 60_000;

test('bars a peer whose score is used up, for ten minutes', () => {
  const book = new PeerBook();
  expect(book.penalize('a', 60, 0)).toBe(false);
  expect(book.isBarred('a', 0)).toBe(false);
  expect(book.penalize('a', 60, 0)).toBe(true);
  expect(book.isBarred('a', 10 * MINUTE_MS - 1)).toBe(true);
  expect(book.isBarred('a', 10 * MINUTE_MS)).toBe(false);
  expect(book.isBarred('b', 0)).toBe(false);
});

test('bars a peer that errs again for twice as long each time, a day at most', () => {
  const book = new PeerBook();
  book.penalize('a', 100, 0);
  book.penalize('a', 100, 0);
  expect(book.isBarred('a', 20 * MINUTE_MS - 1)).toBe(true);
  for (let i = 0; i < 20; i++) book.penalize('a', 100, 0);
  expect(book.isBarred('a', 24 * 60 * MINUTE_MS - 1)).toBe(true);
  expect(book.isBarred('a', 24 * 60 * MINUTE_MS)).toBe(false);
});

test('lets a score recover with time, up to full', () => {
  const book = new PeerBook();
  book.penalize('a', 90, 0);
  expect(book.penalize('a', 90, 5 * MINUTE_MS)).toBe(true);
  book.penalize('b', 90, 0);
  expect(book.penalize('b', 90, 8 * MINUTE_MS)).toBe(false);
  expect(book.penalize('b', 11, 8 * MINUTE_MS)).toBe(true);
});

test('never raises a score by a negative penalty', () => {
  const book = new PeerBook();
  book.penalize('a', 99, 0);
  book.penalize('a', -1_000, 0);
  expect(book.penalize('a', 1, 0)).toBe(true);
});

test('forgets the peers unheard of for longest beyond a thousand', () => {
  const book = new PeerBook();
  book.penalize('first', 100, 0);
  for (let i = 0; i < 999; i++) book.penalize(`peer ${i}`, 1, 0);
  expect(book.isBarred('first', 1)).toBe(true);
  book.penalize('one more', 1, 0);
  expect(book.isBarred('first', 1)).toBe(false);
});
