import { describe, expect, it } from 'vitest';
import {
  addressGroups,
  formatBytes,
  formatCount,
  formatDay,
  formatRoom,
  formatSeconds,
  plural,
  roughTtx,
  shortAddress,
  shorten,
  splitAmount,
  syncSentence,
} from './format.ts';

const NOON = new Date(2026, 10, 20, 12).getTime();
const HOUR_MS = 3_600_000;

describe('days', () => {
  it('calls the last minute of yesterday yesterday', () => {
    expect(formatDay(new Date(2026, 10, 19, 23, 59).getTime(), NOON)).toBe('Yesterday');
    expect(formatDay(new Date(2026, 10, 20, 0, 0).getTime(), NOON)).toBe('Today');
  });

  it('names other days, with the year when it is another', () => {
    expect(formatDay(NOON - 48 * HOUR_MS, NOON)).toBe('Wednesday 18 November');
    expect(formatDay(new Date(2025, 0, 2, 12).getTime(), NOON)).toBe('2 January 2025');
  });
});

describe('numbers', () => {
  it('tells the way to what others have without digits that flicker', () => {
    const plain = (text: string) => text.replace(/\u202f/g, ' ');
    expect(plain(syncSentence({ held: 12_300, about: 100_012, perSec: 1_249 }))).toBe('12 300 of about 100 000 payments, 1 250 a second');
    expect(plain(syncSentence({ held: 1_001, about: 1_001, perSec: 0 }))).toBe('1 001 of about 1 001 payments');
  });

  it('writes room in the unit in which it is given', () => {
    expect([65_536, 16 * 2 ** 20, 1.25 * 2 ** 20, 2 ** 30].map(formatRoom)).toEqual(['64 KiB', '16 MiB', '1.3 MiB', '1 GiB']);
  });

  it('groups digits as amounts do', () => {
    expect(formatCount(1_234_567)).toBe('1\u202f234\u202f567');
    expect(plural(1, 'device')).toBe('1 device');
    expect(plural(0, 'device')).toBe('0 devices');
  });

  it('writes sizes', () => {
    expect([formatBytes(1), formatBytes(560), formatBytes(16_384), formatBytes(2_000_000)]).toEqual([
      '1 byte',
      '560 bytes',
      '16.4 kB',
      '2.0 MB',
    ]);
  });

  it('never claims more exactness than it has', () => {
    expect([0.2, 4.2, 100, 7_200, Number.POSITIVE_INFINITY].map(formatSeconds)).toEqual([
      'about a second',
      'about 4 seconds',
      'about 2 minutes',
      'about 2 hours',
      'about a second',
    ]);
  });

  it('rounds costs', () => {
    expect([0, 560_000, 1_234_567, 123_456_789].map(roughTtx)).toEqual(['0', '0.56', '1.2', '123']);
  });

  it('splits off decimals', () => {
    expect(splitAmount('1 234.5')).toEqual(['1 234', '.5']);
    expect(splitAmount('7')).toEqual(['7', '']);
  });
});

describe('addresses', () => {
  const ADDRESS = `ttx1${'q'.repeat(58)}`;

  it('loses nothing by grouping', () => {
    expect(addressGroups(ADDRESS).join('')).toBe(ADDRESS);
    expect(addressGroups(ADDRESS)[0]).toBe('ttx1');
  });

  it('shows the prefix and both ends in short', () => {
    expect(shortAddress('river1abcdefghijklmnop')).toBe('river1abcd…mnop');
  });

  it('cuts long texts also without a tail', () => {
    expect(shorten('abcdefgh', 3, 0)).toBe('abc…');
    expect(shorten('abc', 3, 0)).toBe('abc');
  });
});
