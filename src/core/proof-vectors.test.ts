import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import type { Locator } from './id.ts';
import { decodeProofFile, encodeProofFile } from './proof-file.ts';
import vectors from './vectors/proof.json' with { type: 'json' };

describe('vectors', () => {
  test.each(vectors.valid.map((v) => [v.name, v] as const))('reads %s', (_, { hex, infohash, network, trackers, files, written }) => {
    const proof = decodeProofFile(hexToBytes(hex));
    expect({ ...proof, files: proof.files.map((file) => bytesToHex(file)) }).toEqual({ infohash, network, trackers, files });
    const locator = network as Locator | undefined;
    if (written && locator !== undefined) expect(bytesToHex(encodeProofFile(proof.files, locator, trackers))).toBe(hex);
  });

  test.each(vectors.invalid.map((v) => [v.name, v] as const))('refuses %s', (_, { hex, error }) => {
    expect(() => decodeProofFile(hexToBytes(hex))).toThrowError(expect.objectContaining({ code: error }));
  });
});
