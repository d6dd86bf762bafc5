import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encode } from './bencode.ts';
import { isTtxError } from './error.ts';
import { infohashFromBytes, txidFromBytes } from './id.ts';
import { MAX_FILE_BYTES, MAX_INV, MAX_MESSAGE_BYTES, MAX_TX_BATCH } from './limit.ts';
import type { Message } from './message.ts';
import { countFitting, decodeMessage, encodeMessage } from './message-codec.ts';
import vectors from './vectors/message.json' with { type: 'json' };

const txid = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(txidFromBytes);
const infohash = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(infohashFromBytes);
const whole = fc.maxSafeNat();
const printable = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)), minLength: 1, maxLength: 64 });
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    t: fc.constant('hello' as const),
    software: printable,
    protocol: whole.map((n) => Math.max(1, n)),
    genesis: txid,
    summary: fc.record({ transactions: whole }),
  }),
  fc.record({ t: fc.constant('inv' as const), held: fc.array(fc.record({ infohash, txid }), { maxLength: 20 }) }),
  fc.record({ t: fc.constant('get' as const), txids: fc.array(txid, { maxLength: 20 }) }),
  fc.record({
    t: fc.constant('tx' as const),
    files: fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 5 }),
    missing: fc.array(txid, { maxLength: 5 }),
  }),
);

describe('vectors', () => {
  test.each(vectors.valid.map((v) => [v.description, v] as const))('%s', (_, vector) => {
    const decoded = decodeMessage(hexToBytes(vector.hex));
    if (vector.message === undefined) {
      expect(decoded).toBeUndefined();
      return;
    }
    expect(JSON.parse(JSON.stringify(decoded, (_key, value) => (value instanceof Uint8Array ? bytesToHex(value) : value)))).toEqual(
      vector.message,
    );
    expect(decoded && bytesToHex(encodeMessage(decoded))).toBe(vector.hex);
  });

  test.each(vectors.invalid.map((v) => [v.description, v] as const))('refuses %s', (_, vector) => {
    expect(() => decodeMessage(hexToBytes(vector.hex))).toThrowError(expect.objectContaining({ code: vector.error }));
  });
});

test('decoding undoes encoding', () => {
  fc.assert(
    fc.property(message, (sample) => {
      expect(decodeMessage(encodeMessage(sample))).toEqual(sample);
    }),
  );
});

test('a damaged message is refused with a TtxError or re-encodes to the same bytes', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(message, damage, (sample, changes) => {
      const bytes = encodeMessage(sample);
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      let decoded: Message | undefined;
      try {
        decoded = decodeMessage(bytes);
      } catch (error) {
        expect(isTtxError(error, 'message', 'bencode')).toBe(true);
        return;
      }
      if (decoded !== undefined) expect(bytesToHex(encodeMessage(decoded))).toBe(bytesToHex(bytes));
    }),
    { numRuns: 2_000 },
  );
});

test('random bytes are refused with a TtxError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeMessage(bytes);
      } catch (error) {
        expect(isTtxError(error, 'message', 'bencode')).toBe(true);
      }
    }),
    { numRuns: 5_000 },
  );
});

describe('limits', () => {
  const id = txidFromBytes(new Uint8Array(32).fill(7));
  const held = { infohash: infohashFromBytes(new Uint8Array(20)), txid: id };
  const refused = expect.objectContaining({ code: 'message' });

  test('a message of unknown type is refused when it is too long', () => {
    expect(() => decodeMessage(encode({ t: 'later', x: new Uint8Array(MAX_MESSAGE_BYTES) }))).toThrowError(refused);
  });

  test('an inv or a get names at most MAX_INV transactions', () => {
    expect(decodeMessage(encodeMessage({ t: 'inv', held: Array(MAX_INV).fill(held) }))).toBeDefined();
    expect(() => encodeMessage({ t: 'inv', held: Array(MAX_INV + 1).fill(held) })).toThrowError(refused);
    expect(() => encodeMessage({ t: 'get', txids: Array(MAX_INV + 1).fill(id) })).toThrowError(refused);
    expect(() => decodeMessage(encode({ t: 'inv', held: new Uint8Array(52 * (MAX_INV + 1)) }))).toThrowError(refused);
    expect(() => decodeMessage(encode({ t: 'get', txids: new Uint8Array(32 * (MAX_INV + 1)) }))).toThrowError(refused);
  });

  test('a tx carries at most MAX_TX_BATCH files of at most MAX_FILE_BYTES', () => {
    const tiny = Uint8Array.of(1);
    expect(() => encodeMessage({ t: 'tx', files: Array(MAX_TX_BATCH + 1).fill(tiny), missing: [] })).toThrowError(refused);
    expect(() => decodeMessage(encode({ t: 'tx', files: Array(MAX_TX_BATCH + 1).fill(tiny), missing: '' }))).toThrowError(refused);
    expect(() => decodeMessage(encode({ t: 'tx', files: [new Uint8Array(MAX_FILE_BYTES + 1)], missing: '' }))).toThrowError(refused);
    expect(() => decodeMessage(encode({ t: 'tx', files: [''], missing: '' }))).toThrowError(refused);
  });

  test('as many files as countFitting says fit into one message', () => {
    const missing = Array(MAX_INV).fill(id);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: MAX_FILE_BYTES }), { maxLength: 300 }), (sizes) => {
        const count = countFitting(sizes);
        expect(count > 0 || sizes.length === 0).toBe(true);
        const files = sizes.slice(0, count).map((size) => new Uint8Array(size));
        expect(encodeMessage({ t: 'tx', files, missing }).length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
      }),
      { numRuns: 50 },
    );
  });
});
