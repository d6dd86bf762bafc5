import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bencoded, decode, type Encodable, encode } from './bencode.ts';
import { isTtxError } from './error.ts';

const text = (value: Uint8Array) => String.fromCharCode(...value);
const read = (written: string, maxDepth = 8) => decode(utf8ToBytes(written), { maxDepth });

describe('decode', () => {
  test('reads integers, strings, lists and dictionaries', () => {
    expect(read('i-42e')).toBe(-42);
    expect(read('i0e')).toBe(0);
    expect(text(read('4:spam') as Uint8Array)).toBe('spam');
    expect(read('l0:i1ee')).toEqual([new Uint8Array(), 1]);
    expect(read('d1:ai1e2:aali2eee')).toEqual(
      new Map<string, Bencoded>([
        ['a', 1],
        ['aa', [2]],
      ]),
    );
  });

  test.each([
    ['nothing', ''],
    ['trailing bytes', 'i1ei2e'],
    ['a leading zero', 'i01e'],
    ['a leading zero in a length', '01:a'],
    ['negative zero', 'i-0e'],
    ['a lone sign', 'i-e'],
    ['a plus sign', 'i+1e'],
    ['an empty integer', 'ie'],
    ['a fraction', 'i1.5e'],
    ['an integer above 2^53 − 1', 'i9007199254740992e'],
    ['an integer of a thousand digits', `i${'9'.repeat(1000)}e`],
    ['a negative length', 'l-3:'],
    ['a string longer than the data', '5:spam'],
    ['a huge length', '9007199254740991:a'],
    ['an empty length', ':a'],
    ['an unfinished list', 'l'],
    ['an unfinished dictionary', 'd1:a'],
    ['a key without a value', 'd1:ae'],
    ['a key that is an integer', 'di1ei2ee'],
    ['unsorted keys', 'd1:bi1e1:ai2ee'],
    ['a repeated key', 'd1:ai1e1:ai2ee'],
    ['a stray end', 'e'],
  ])('refuses %s', (_, written) => {
    expect(() => read(written)).toThrowError(expect.objectContaining({ code: 'bencode' }));
  });

  test('refuses nesting beyond the limit without using the stack', () => {
    expect(read('llleee', 3)).toEqual([[[]]]);
    expect(() => read('llleee', 2)).toThrowError(expect.objectContaining({ code: 'bencode' }));
    expect(() => read('l'.repeat(1_000_000))).toThrowError(expect.objectContaining({ code: 'bencode' }));
  });

  test('refuses with a TtxError or re-encodes to the same bytes, whatever the bytes', () => {
    // Mostly syntax, so that a good part of the samples decodes.
    const bytes = fc.array(fc.constantFrom(...utf8ToBytes('ilde:-0123a')), { maxLength: 24 }).map((list) => Uint8Array.from(list));
    fc.assert(
      fc.property(fc.oneof(bytes, fc.uint8Array({ maxLength: 40 })), (sample) => {
        let value: Bencoded;
        try {
          value = decode(sample, { maxDepth: 5 });
        } catch (error) {
          expect(isTtxError(error, 'bencode')).toBe(true);
          return;
        }
        expect(bytesToHex(encode(value))).toBe(bytesToHex(sample));
      }),
      { numRuns: 20_000 },
    );
  });
});

describe('encode', () => {
  const { value } = fc.letrec<{ value: Bencoded }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', maxDepth: 4 },
      fc.maxSafeInteger().map((n) => (Object.is(n, -0) ? 0 : n)),
      fc.uint8Array({ maxLength: 12 }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc
        .array(
          fc.tuple(fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)), maxLength: 4 }), tie('value')),
          { maxLength: 4 },
        )
        .map((entries) => new Map(entries)),
    ),
  }));

  test('is undone by decode', () => {
    fc.assert(
      fc.property(value, (sample) => {
        expect(decode(encode(sample), { maxDepth: 8 })).toEqual(sample);
      }),
    );
  });

  test('sorts the keys of a plain object and writes text as UTF-8', () => {
    expect(text(encode({ b: 'é', a: [1, { z: -1 }] }))).toBe('d1:ali1ed1:zi-1eee1:b2:\u00c3\u00a9e');
  });

  test.each<[string, Encodable]>([
    ['a fraction', 1.5],
    ['an unsafe integer', 2 ** 53],
    ['not-a-number', Number.NaN],
    ['a key outside U+00FF', { ключ: 1 }],
  ])('refuses %s', (_, sample) => {
    expect(() => encode(sample)).toThrowError(expect.objectContaining({ code: 'bencode' }));
  });
});
