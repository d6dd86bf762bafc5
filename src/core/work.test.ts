import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import scalar from '../../workers/wasm/search.ts?wasm';
import simd from '../../workers/wasm/search.ts?wasm=simd';
import { moduleSearch, type Search, type SearchModule, searchWork } from './search.ts';
import { type Draft, workBits, workCore } from './transaction.ts';
import vectors from './vectors/work.json' with { type: 'json' };
import { leadingZeroBits, workHash } from './work.ts';

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

function instantiate(base64: string): Search {
  const module = new WebAssembly.Module(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
  return moduleSearch(new WebAssembly.Instance(module).exports as unknown as SearchModule);
}

describe.each([
  ['SIMD', instantiate(simd)],
  ['WebAssembly without SIMD', instantiate(scalar)],
  ['plain JavaScript', searchWork],
] as const)('the search in %s', (_, search) => {
  const core = fc.uint8Array({ minLength: 32, maxLength: 32 });

  function firstByLibrary(core: Uint8Array, bits: number, from: number, count: number): number | undefined {
    for (let nonce = from; nonce < from + count; nonce++) if (leadingZeroBits(workHash(core, nonce)) >= bits) return nonce;
    return undefined;
  }

  test('finds exactly what the library would', () => {
    fc.assert(
      fc.property(core, fc.maxSafeNat(), fc.nat(8), fc.nat(200), (core, start, bits, count) => {
        const from = Math.min(start, Number.MAX_SAFE_INTEGER - 300);
        expect(search(core, bits, from, count)).toBe(firstByLibrary(core, bits, from, count));
      }),
    );
  });

  test('goes on where the upper half of the nonce changes', () => {
    fc.assert(
      fc.property(core, fc.integer({ min: 1, max: 2 ** 20 }), fc.nat(100), (core, high, before) => {
        const from = high * 2 ** 32 - before;
        expect(search(core, 6, from, 200)).toBe(firstByLibrary(core, 6, from, 200));
      }),
      { numRuns: 30 },
    );
  });

  test('finds the first of several', () => {
    const core = new Uint8Array(32).fill(7);
    for (let from = 0; from < 2_000; ) {
      const expected = firstByLibrary(core, 4, from, 1_000) ?? Number.NaN;
      expect(search(core, 4, from, 1_000)).toBe(expected);
      from = expected + 1;
    }
  });
});

test('a module that takes every nonce for a find is overruled', () => {
  const search = moduleSearch({ memory: new WebAssembly.Memory({ initial: 1 }), search: () => 0 });
  const core = new Uint8Array(32).fill(7);
  expect(search(core, 8, 0, 5_000)).toBe(searchWork(core, 8, 0, 5_000));
  expect(search(core, 256, 0, 50)).toBeUndefined();
});

test('work counts for one transaction only', () => {
  const [vector] = vectors.core;
  const { v: _, tokens, ...rest } = vector?.transaction ?? { v: 1, tokens: 0 };
  const draft = { ...rest, tokens: BigInt(tokens) } as unknown as Draft;
  const nonce = searchWork(workCore(draft), 12, 0, 100_000) ?? 0;
  expect(workBits(draft, nonce)).toBeGreaterThanOrEqual(12);
  expect(workBits({ ...draft, time: draft.time + 1 }, nonce)).toBeLessThan(12);
});
