import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { searchWork } from './search.ts';
import { type Draft, workCore } from './transaction.ts';
import vectors from './vectors/work.json' with { type: 'json' };
import { leadingZeroBits, workBits, workHash } from './work.ts';

describe('vectors', () => {
  test.each(vectors.valid.map((v) => [v.name, v] as const))('hashes %s', (_, vector) => {
    const hash = workHash(hexToBytes(vector.core), vector.nonce);
    expect(bytesToHex(hash)).toBe(vector.hash);
    expect(leadingZeroBits(hash)).toBe(vector.bits);
  });

  test.each(vectors.zeros.map((v) => [v.name, v] as const))('counts the leading zero bits of %s', (_, vector) => {
    expect(leadingZeroBits(hexToBytes(vector.hash))).toBe(vector.bits);
  });

  test('the work core leaves out nonce and signature', () => {
    for (const vector of vectors.core) {
      const { v: _, tokens, ...rest } = vector.transaction;
      const draft = { ...rest, tokens: BigInt(tokens) } as unknown as Draft;
      expect(bytesToHex(workCore(draft))).toBe(vector.core);
      expect(bytesToHex(workCore({ ...draft, nonce: 1, signature: 'x' } as Draft))).toBe(vector.core);
    }
  });
});

test('the search finds exactly what the library would', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.maxSafeNat(), fc.nat(6), (core, start, bits) => {
      const from = Math.min(start, Number.MAX_SAFE_INTEGER - 300);
      let expected: number | undefined;
      for (let nonce = from; nonce < from + 200 && expected === undefined; nonce++) {
        if (leadingZeroBits(workHash(core, nonce)) >= bits) expected = nonce;
      }
      expect(searchWork(core, bits, from, 200)).toBe(expected);
    }),
  );
});

test('work counts for one transaction only', () => {
  const [vector] = vectors.core;
  const { v: _, tokens, ...rest } = vector?.transaction ?? { v: 1, tokens: 0 };
  const draft = { ...rest, tokens: BigInt(tokens) } as unknown as Draft;
  const nonce = searchWork(workCore(draft), 12, 0, 100_000) ?? 0;
  expect(workBits(draft, nonce)).toBeGreaterThanOrEqual(12);
  expect(workBits({ ...draft, time: draft.time + 1 }, nonce)).toBeLessThan(12);
});
