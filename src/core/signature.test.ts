import { Point } from '@noble/ed25519';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import { checkMessage, isAdmissibleEncoding, isAdmissibleKey, type SignatureVerdict, verifyBytes } from './ed25519.ts';
import type { PublicKey } from './id.ts';
import { checkSignature, publicKeyOf, signDraft, signedMessage } from './signature.ts';
import { decodeTransaction } from './transaction.ts';
import { ed25519Vectors } from './vectors/ed25519.ts';
import vectors from './vectors/signature.json' with { type: 'json' };

const decode = (text: string) => decodeTransaction(new TextEncoder().encode(text)).transaction;

describe('vectors', () => {
  test.each(vectors.valid.map((v) => [v.name, v] as const))('signs %s as every other implementation', (_, vector) => {
    const transaction = decode(vector.text);
    const seed = hexToBytes(vector.seed);
    expect(publicKeyOf(seed)).toBe(transaction.key);
    expect(bytesToHex(signedMessage(transaction, transaction.nonce))).toBe(vector.message);
    expect(signDraft(transaction, transaction.nonce, seed).signature).toBe(vector.signature);
    expect(checkSignature(transaction)).toBe('valid');
  });

  test.each(vectors.invalid.map((v) => [v.name, v] as const))('refuses %s', (_, vector) => {
    expect(checkSignature(decode(vector.text))).toBe(vector.error);
  });

  test.each(vectors.admissible.map((v) => [v.name, v] as const))('admits %s', (_, { key }) => {
    expect(isAdmissibleKey(key as PublicKey)).toBe(true);
  });

  test.each(vectors.inadmissible.map((v) => [v.name, v] as const))('does not admit %s', (_, { key }) => {
    expect(isAdmissibleKey(key as PublicKey)).toBe(false);
  });

  test('a key of large order is refused for its encoding alone', () => {
    const vector = vectors.inadmissible.find(({ name }) => name === 'large-order-beyond');
    expect(Point.fromBytes(hexToBytes(vector?.key ?? ''), true).isSmallOrder()).toBe(false);
  });

  test('a small-order key would let anybody sign under ZIP-215', () => {
    const forged = vectors.invalid.find(({ name }) => name === 'key-small-order');
    const { key, signature, nonce, ...draft } = decode(forged?.text ?? '');
    expect(verifyBytes(hexToBytes(signature), signedMessage({ ...draft, key }, nonce), hexToBytes(key))).toBe(true);
  });
});

describe('ed25519 of other projects', () => {
  const verdict = (vector: (typeof ed25519Vectors)[number]): SignatureVerdict =>
    checkMessage({ key: hexToBytes(vector.key), signature: hexToBytes(vector.signature), message: hexToBytes(vector.message) });

  test('every vector has its verdict', () => {
    expect(ed25519Vectors).toHaveLength(926);
    expect(ed25519Vectors.filter((vector) => verdict(vector) !== vector.verdict).map(({ name }) => name)).toEqual([]);
  });

  test('every verdict occurs', () => {
    const count = (wanted: SignatureVerdict) => ed25519Vectors.filter((vector) => vector.verdict === wanted).length;
    expect([count('valid') > 100, count('key') > 100, count('signature') > 10]).toEqual([true, true, true]);
  });

  test('a key is admissible if it is a point whose encoding allows it', () => {
    const isPoint = (key: string) => {
      try {
        Point.fromBytes(hexToBytes(key), true);
        return true;
      } catch {
        return false;
      }
    };
    const listed = [...vectors.admissible, ...vectors.inadmissible].map(({ key }) => key);
    const keys = new Set([...ed25519Vectors.map(({ key }) => key), ...listed]);
    // Every byte of each changed too, and every encoding beyond 2^255 − 19.
    for (const key of [...keys])
      for (const at of [0, 1, 30, 31]) {
        const changed = hexToBytes(key);
        changed[at] = (changed[at] ?? 0) ^ (at === 31 ? 0x80 : 1);
        keys.add(bytesToHex(changed));
      }
    for (let low = 0xea; low <= 0xff; low++) for (const high of ['7f', 'ff']) keys.add(`${low.toString(16)}${'ff'.repeat(30)}${high}`);
    const points = [...keys].filter((key) => key.length === 64 && isPoint(key));
    expect(points.length).toBeGreaterThan(30);
    expect(points.filter((key) => isAdmissibleEncoding(hexToBytes(key)) !== isAdmissibleKey(key as PublicKey))).toEqual([]);
  });

  test('verification never throws on random lengths', () => {
    expect(verifyBytes(new Uint8Array(64), new Uint8Array(0), new Uint8Array(32).fill(255))).toBe(false);
  });
});
