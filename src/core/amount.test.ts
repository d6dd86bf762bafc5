import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAmount, parseAmount } from './amount.ts';
import { isTtxError } from './error.ts';
import vectors from './vectors/amount.json' with { type: 'json' };

describe('vectors', () => {
  test.each(vectors.valid.map((v) => [v.name, v] as const))('reads %s', (_, { text, units }) => {
    expect(String(parseAmount(text))).toBe(units);
  });

  test.each(vectors.invalid.map((v) => [v.name, v] as const))('refuses %s', (_, { text, error }) => {
    expect(() => parseAmount(text)).toThrowError(expect.objectContaining({ code: error }));
  });

  test.each(vectors.format.map((v) => [v.name, v] as const))('writes %s', (_, { units, grouped, plain }) => {
    expect(formatAmount(BigInt(units))).toBe(grouped);
    expect(formatAmount(BigInt(units), 'plain')).toBe(plain);
  });
});

test('reading undoes writing', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (units) => {
      expect(parseAmount(formatAmount(BigInt(units)))).toBe(BigInt(units));
      expect(parseAmount(formatAmount(BigInt(units), 'plain'))).toBe(BigInt(units));
    }),
  );
});

test('any text is an amount or the error amount', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[\d. ,]*$/)), (text) => {
      try {
        expect(parseAmount(text)).toBeGreaterThanOrEqual(0n);
      } catch (error) {
        expect(isTtxError(error, 'amount')).toBe(true);
      }
    }),
  );
});
