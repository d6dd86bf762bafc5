import original from 'bencode';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encode as encodeCanonical } from '../core/bencode.ts';
import { infoDictionary } from '../core/torrent.ts';
import bencode from './bencode-shim.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('decode', () => {
  test.each([
    ['a negative length, on which the original hangs', 'l-3:'],
    ['a negative length for a key', 'd-3:'],
    ['a negative length in an extended handshake', 'd1:ml-3:e'],
    ['an unfinished list, on which the original throws late', 'l'],
    ['an unfinished dictionary', 'd'],
    ['a string longer than the data', '9:abc'],
    ['an integer beyond 2^53', 'i99999999999999999999e'],
    ['nesting 100,000 deep', 'l'.repeat(100_000)],
  ])('refuses %s', (_, text) => {
    expect(() => bencode.decode(bytes(text))).toThrowError('Invalid bencoding');
  });

  test('ends on every input', () => {
    const syntax = fc.array(fc.constantFrom(...bytes('ilde:-012')), { maxLength: 30 }).map((list) => Uint8Array.from(list));
    fc.assert(
      fc.property(syntax, (sample) => {
        try {
          bencode.decode(sample);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  test('reads what the original reads', () => {
    const samples = [
      'd1:md11:ut_metadatai2e3:ttxi3ee13:metadata_sizei111e4:reqqi250ee',
      'd8:msg_typei1e5:piecei0e10:total_sizei111eetrailing bytes',
      'd1:bi1e1:ai2ee',
      'li-5e0:l1:xee',
    ];
    for (const sample of samples) expect(bencode.decode(bytes(sample))).toEqual(original.decode(bytes(sample)));
    expect(bencode.decode('d8:msg_typei0e5:piecei0ee')).toEqual({ msg_type: 0, piece: 0 });
    expect(bencode.decode(new Uint8Array())).toBeNull();
    expect(bencode.decode(Uint8Array.of(0x64, 0x31, 0x3a, 0xff, 0x69, 0x31, 0x65, 0x65))).toEqual({ ff: 1 });
  });

  test('keeps a key named __proto__ as data', () => {
    const value = bencode.decode(bytes('d9:__proto__d1:xi1eee')) as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(bencode.encode(value)).toEqual(bytes('d9:__proto__d1:xi1eee'));
  });

  test('keeps an info dictionary byte for byte through decode and encode', () => {
    const info = infoDictionary(bytes('{}'));
    const metainfo = encodeCanonical({ announce: 'wss://tracker.example', info: bencode.decode(info) as never });
    const { info: again } = bencode.decode(metainfo) as { info: unknown };
    expect(bencode.encode(again)).toEqual(info);
  });
});

describe('encode', () => {
  test('writes what the original writes', () => {
    const values: unknown[] = [
      { m: { ut_metadata: 1, ttx: 3 }, metadata_size: 111, none: undefined },
      { b: [1, -2, 'é', Uint8Array.of(0, 255)], a: { c: 0 } },
      { 'announce-list': [], 'url-list': [], private: 1 },
      [null, 'x', new Map([['k', 1]]), new Set(['s'])],
      new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
    ];
    for (const value of values) expect(bencode.encode(value)).toEqual(original.encode(value));
    expect(bencode.encodingLength({ a: 'xy' })).toBe(original.encode({ a: 'xy' }).length);
  });
});
