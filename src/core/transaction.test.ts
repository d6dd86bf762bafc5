import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import { TtxError } from './error.ts';
import { decodeTransaction, encodeTransaction, fileLength, workCore } from './transaction.ts';
import vectors from './vectors/transaction.json' with { type: 'json' };
import { workBits } from './work.ts';

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
    expect(workBits(file.transaction, file.transaction.nonce)).toBe(vector.workBits);
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
