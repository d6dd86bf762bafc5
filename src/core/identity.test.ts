import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { expect, test } from 'vitest';
import type { Infohash } from './id.ts';
import { createIdentity, isProof } from './identity.ts';
import vectors from './vectors/identity.json' with { type: 'json' };

type Vector = (typeof vectors.invalid)[number] | (typeof vectors.valid)[number];
const bytes = (hex: string | null) => (hex === null ? undefined : hexToBytes(hex));
const introducedOf = ({ infohash, from, to, fromFingerprint, toFingerprint }: Vector) => ({
  infohash: infohash as Infohash,
  from,
  to,
  fromFingerprint: bytes(fromFingerprint),
  toFingerprint: bytes(toFingerprint),
});

test.each(vectors.valid.map((v) => [v.description, v] as const))('proves %s', (_, vector) => {
  const identity = createIdentity(hexToBytes(vector.seed));
  expect(identity.peerId).toBe(vector.from);
  expect(bytesToHex(identity.prove(introducedOf(vector)))).toBe(vector.proof);
  expect(isProof(hexToBytes(vector.proof), introducedOf(vector))).toBe(true);
});

test.each(vectors.invalid.map((v) => [v.description, v] as const))('refuses %s', (_, vector) => {
  expect(isProof(hexToBytes(vector.proof), introducedOf(vector))).toBe(false);
});

test('what is no byte string is no proof', () => {
  const [valid] = vectors.valid;
  if (valid === undefined) throw new Error('no vector');
  for (const value of [undefined, null, 1, valid.proof, [], {}]) expect(isProof(value, introducedOf(valid))).toBe(false);
});
