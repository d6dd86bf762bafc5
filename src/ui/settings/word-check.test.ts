import { describe, expect, it } from 'vitest';
import { countWords, pickPositions } from './word-check.ts';

describe('checking a backup', () => {
  it('asks for three different words in order', () => {
    for (const value of [0, 0.5, 0.999_999]) {
      const picked = pickPositions(12, () => value);
      expect(new Set(picked).size).toBe(3);
      expect([...picked].sort((a, b) => a - b)).toEqual(picked);
      expect(picked.every((position) => position >= 0 && position < 12)).toBe(true);
    }
  });

  it('counts words between any spaces', () => {
    expect(countWords(' one  two\nthree\t')).toBe(3);
    expect(countWords('  ')).toBe(0);
  });
});
