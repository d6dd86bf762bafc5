import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { admit, MAX_INCOMING, MAX_PLACES, type Place, rotated, wantsFrom } from './places.ts';

const HOUR_MS = 3_600_000;
let count = 0;
const place = (changes: Partial<Place> = {}): Place => ({
  id: String(++count),
  source: 'a',
  isIncoming: false,
  sinceMs: 0,
  usefulMinutes: 0,
  ...changes,
});
const places = (n: number, changes?: Partial<Place>) => Array.from({ length: n }, () => place(changes));
const now = { nowMs: HOUR_MS, takenAtMs: Number.NEGATIVE_INFINITY, random: 0 };

describe('looking for more', () => {
  test('goes on until as many are there as are wanted', () => {
    expect([wantsFrom('a', places(7), 8), wantsFrom('a', places(8, { source: 'b' }).concat(), 8)]).toEqual([true, true]);
    expect(wantsFrom('a', [...places(4), ...places(4, { source: 'b' })], 8)).toBe(false);
  });

  test('goes on a little longer where nearly all came by one way, by other ways only', () => {
    const crowd = places(8, { source: 'a' });
    expect([wantsFrom('a', crowd, 8), wantsFrom('b', crowd, 8)]).toEqual([false, true]);
    expect(wantsFrom('c', [...crowd, place({ source: 'b' }), place({ source: 'd' })], 8)).toBe(false);
  });
});

describe('a newcomer', () => {
  test('finds a place until there are 12, of whom 8 came to us', () => {
    expect(admit({ isIncoming: true }, places(11), now)).toEqual({ kind: 'free' });
    expect(admit({ isIncoming: true }, places(MAX_INCOMING, { isIncoming: true, sinceMs: HOUR_MS }), now)).toEqual({ kind: 'full' });
    expect(admit({ isIncoming: false }, places(MAX_INCOMING, { isIncoming: true }), now)).toEqual({ kind: 'free' });
  });

  test('takes the place of somebody of the largest crowd, once in a minute', () => {
    const all = [...places(5, { source: 'a' }), ...places(7, { source: 'b' })];
    const admission = admit({ isIncoming: false }, all, now);
    expect(admission.kind === 'instead' && all.find(({ id }) => id === admission.of)?.source).toBe('b');
    expect(admit({ isIncoming: false }, all, { ...now, takenAtMs: HOUR_MS - 59_000 })).toEqual({ kind: 'full' });
  });

  test('who comes to us takes no place of those whom we found, and nobody takes one of the four of longest use', () => {
    const arbitrary = fc.record({
      source: fc.constantFrom('a', 'b', 'c'),
      isIncoming: fc.boolean(),
      sinceMs: fc.integer({ min: 0, max: HOUR_MS }),
      usefulMinutes: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(
        fc.array(arbitrary, { maxLength: MAX_PLACES }),
        fc.boolean(),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (made, isIncoming, random) => {
          const all = made.map((fields, i) => ({ ...fields, id: String(i) }));
          const admission = admit({ isIncoming }, all, { ...now, random });
          const incoming = all.filter((one) => one.isIncoming).length;
          if (admission.kind === 'free') {
            expect(all.length).toBeLessThan(MAX_PLACES);
            expect(isIncoming && incoming >= MAX_INCOMING).toBe(false);
          }
          if (admission.kind !== 'instead') return;
          const leaver = all.find(({ id }) => id === admission.of);
          if (leaver === undefined) throw new Error('nobody of that name');
          expect(HOUR_MS - leaver.sinceMs).toBeGreaterThanOrEqual(600_000);
          const better = all.filter((one) => one.usefulMinutes > leaver.usefulMinutes || one.usefulMinutes === leaver.usefulMinutes);
          expect(leaver.usefulMinutes === 0 || better.length > 4).toBe(true);
          if (isIncoming && incoming >= MAX_INCOMING) expect(leaver.isIncoming).toBe(true);
        },
      ),
    );
  });
});

test('rotation spares those of use and those who have just come', () => {
  const useful = places(4, { usefulMinutes: 1 });
  expect(rotated(useful, HOUR_MS, 0)).toBeUndefined();
  expect(rotated(places(3, { sinceMs: HOUR_MS - 1_000 }), HOUR_MS, 0)).toBeUndefined();
  const other = place();
  expect(rotated([...useful, other], HOUR_MS, 0.99)).toBe(other);
});
