import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressOf } from './address.ts';
import { TtxError } from './error.ts';
import { amount, infohashFromBytes, locator, publicKeyFromBytes, signatureFromBytes, txidFromBytes, txidOf } from './id.ts';
import type { Json, JsonObject } from './json.ts';
import {
  decodeTransaction,
  encodeTransaction,
  fileLength,
  signedJson,
  signedJsonOf,
  type Transaction,
  workBits,
  workCore,
  workCoreOf,
} from './transaction.ts';
import vectors from './vectors/transaction.json' with { type: 'json' };

const utf8 = new TextEncoder();
const fileOf = (vector: { readonly text?: string; readonly hex?: string }) =>
  vector.hex === undefined ? utf8.encode(vector.text ?? '') : hexToBytes(vector.hex);

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof TtxError ? error.code : `not a TtxError: ${String(error)}`;
  }
  return 'nothing thrown';
}

describe('vectors', () => {
  test.each(vectors.valid.map((v) => [v.name, v] as const))('accepts %s', (_, vector) => {
    const file = decodeTransaction(fileOf(vector));
    expect(file.txid).toBe(vector.txid);
    expect(file.infohash).toBe(vector.infohash);
    expect(bytesToHex(workCore(file.transaction))).toBe(vector.workCore);
    expect(bytesToHex(workCoreOf(file))).toBe(vector.workCore);
    expect(workBits(file.transaction, file.transaction.nonce)).toBe(vector.workBits);
    expect(file.workBits).toBe(vector.workBits);
    expect(concatBytes(...signedJsonOf(file))).toEqual(signedJson(file.transaction, file.transaction.nonce));
    expect(encodeTransaction(file.transaction)).toEqual(file.bytes);
  });

  test.each(vectors.invalid.map((v) => [v.name, v] as const))('refuses %s', (_, vector) => {
    expect(codeOf(() => decodeTransaction(fileOf(vector)))).toBe(vector.error);
  });

  test('the length with a nonce of 16 digits is known before the work', () => {
    for (const vector of vectors.valid) {
      const { transaction, bytes } = decodeTransaction(fileOf(vector));
      if (String(transaction.nonce).length === 16) expect(fileLength(transaction)).toBe(bytes.length);
    }
  });
});

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const text = fc.string({ unit: 'binary', maxLength: 20 });
const { json } = fc.letrec<{ json: Json; members: JsonObject }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 8 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    text,
    fc.array(tie('json'), { maxLength: 3 }),
    tie('members'),
  ),
  members: fc.dictionary(fc.oneof(text, fc.constantFrom('__proto__', 'toJSON', 'constructor', '10', '9')), tie('json'), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
}));
const moduleValue = fc.oneof(text, fc.dictionary(text, json, { maxKeys: 3, noNullPrototype: true }));
const modules = fc.dictionary(
  fc.stringMatching(/^[a-z0-9-]{1,32}$/).filter((name) => name !== 'network'),
  moduleValue,
  { minKeys: 1, maxKeys: 3, noNullPrototype: true },
);
const anyLocator = fc.tuple(bytes(20), bytes(32)).map(([hash, id]) => locator(infohashFromBytes(hash), txidFromBytes(id)));
const transaction: fc.Arbitrary<Transaction> = fc.record(
  {
    time: fc.maxSafeNat(),
    to: fc.tuple(bytes(32), fc.stringMatching(/^[a-z]{1,16}$/)).map(([key, hrp]) => addressOf(publicKeyFromBytes(key), hrp)),
    tokens: fc.maxSafeNat().map((units) => amount(units)),
    key: bytes(32).map(publicKeyFromBytes),
    prev: fc.uniqueArray(anyLocator, { minLength: 1, maxLength: 32, selector: txidOf }).map((list) => [...list].sort()),
    ref: fc.uniqueArray(bytes(32).map(txidFromBytes), { maxLength: 8 }).map((list) => [...list].sort()),
    modules,
    nonce: fc.maxSafeNat(),
    signature: bytes(64).map(signatureFromBytes),
  },
  { requiredKeys: ['time', 'to', 'tokens', 'key', 'prev', 'ref', 'nonce', 'signature'] },
);

describe('properties', () => {
  test('decoding undoes encoding', () => {
    fc.assert(
      fc.property(transaction, (sample) => {
        fc.pre(new Set([...(sample.prev ?? []).map(txidOf), ...sample.ref]).size === (sample.prev ?? []).length + sample.ref.length);
        const file = encodeTransaction(sample);
        const decoded = decodeTransaction(file);
        expect(decoded.transaction).toEqual(sample);
        expect(encodeTransaction(decoded.transaction)).toEqual(file);
        expect(workCoreOf(decoded)).toEqual(workCore(sample));
        expect(concatBytes(...signedJsonOf(decoded))).toEqual(signedJson(sample, sample.nonce));
      }),
      { numRuns: 300 },
    );
  });

  const CODES = ['size', 'depth', 'encoding', 'canonical', 'schema', 'address'];
  /** What is not refused re-encodes to itself; what is refused has a code of the protocol. */
  function checkStrict(file: Uint8Array): void {
    try {
      expect(encodeTransaction(decodeTransaction(file).transaction)).toEqual(file);
    } catch (error) {
      expect(error instanceof TtxError && CODES.includes(error.code)).toBe(true);
    }
  }

  test('any damaged file is refused with a code, or stands for itself', () => {
    const samples = vectors.valid.map(fileOf).filter((file) => file.length < 4000);
    const edit = fc.record({
      at: fc.nat(),
      remove: fc.nat(3),
      insert: fc.oneof(
        bytes(1),
        fc.constantFrom('[', '"', '\\', '{}', '1', ',', ' ', '\\u0000').map((s) => utf8.encode(s)),
      ),
    });
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 3 }), (sample, edits) => {
        let file = sample;
        for (const { at, remove, insert } of edits) {
          const index = at % (file.length + 1);
          file = Uint8Array.from([...file.subarray(0, index), ...insert, ...file.subarray(index + remove)]);
        }
        checkStrict(file);
      }),
      { numRuns: 2000 },
    );
  });

  test('any bytes are refused with a code', () => {
    const brackets = fc.array(fc.constantFrom(...'[]{}",:\\0a'), { maxLength: 60 }).map((list) => utf8.encode(list.join('')));
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), brackets), checkStrict), { numRuns: 1000 });
  });

  test('an amount that JSON cannot carry is never written', () => {
    const [vector] = vectors.valid;
    const decoded = decodeTransaction(fileOf(vector ?? {})).transaction;
    expect(codeOf(() => encodeTransaction({ ...decoded, tokens: amount(2n ** 53n) }))).toBe('bug');
  });
});
