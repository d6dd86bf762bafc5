import { bytesToHex } from '@noble/hashes/utils.js';
import { bech32m } from '@scure/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressOf, addressPayload, checkAddress, parseAddress } from './address.ts';
import { isTtxError } from './error.ts';
import { type PublicKey, publicKeyFromBytes } from './id.ts';
import vectors from './vectors/address.json' with { type: 'json' };

const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(publicKeyFromBytes);
const hrp = fc.stringMatching(/^[a-z]{1,16}$/);

describe('vectors', () => {
  test.each(vectors.valid.map((v) => [v.name, v] as const))('accepts %s', (_, vector) => {
    expect(addressOf(vector.key as PublicKey, vector.hrp)).toBe(vector.address);
    expect(checkAddress(vector.address)).toEqual({ address: vector.address, hrp: vector.hrp });
    expect(bytesToHex(bech32m.fromWords(bech32m.decode(vector.address as `${string}1${string}`).words))).toBe(vector.payload);
    expect(bytesToHex(addressPayload(addressOf(vector.key as PublicKey, vector.hrp)))).toBe(vector.payload);
  });

  test.each(vectors.invalid.map((v) => [v.name, v] as const))('refuses %s', (_, vector) => {
    expect(() => checkAddress(vector.address)).toThrowError(expect.objectContaining({ code: vector.error }));
  });
});

test('decoding undoes encoding, also in capitals and between spaces', () => {
  fc.assert(
    fc.property(key, hrp, (publicKey, prefix) => {
      const address = addressOf(publicKey, prefix);
      expect(checkAddress(address)).toEqual({ address, hrp: prefix });
      expect(parseAddress(` ${address.toUpperCase()}\n`)).toEqual({ address, hrp: prefix });
    }),
  );
});

test('no single wrong character goes unnoticed', () => {
  fc.assert(
    fc.property(key, hrp, fc.nat(), fc.constantFrom(...'qpzry9x8gf2tvdw0s3jn54khce6mua7l1b'), (publicKey, prefix, at, character) => {
      const address = addressOf(publicKey, prefix);
      const index = at % address.length;
      fc.pre(address[index] !== character);
      expect(() => checkAddress(address.slice(0, index) + character + address.slice(index + 1))).toThrow();
    }),
  );
});

test('any text is an address or the error address', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string().map((tail) => `ttx1${tail}`),
      ),
      (text) => {
        try {
          expect(checkAddress(text).address).toBe(text);
        } catch (error) {
          expect(isTtxError(error, 'address')).toBe(true);
        }
      },
    ),
  );
});

test('of texts with a right checksum only those are taken that encoding writes', () => {
  const words = fc.oneof(
    fc.array(fc.nat({ max: 31 }), { minLength: 50, maxLength: 54 }),
    // 32 bytes with any padding.
    fc
      .tuple(fc.array(fc.nat({ max: 31 }), { minLength: 51, maxLength: 51 }), fc.constantFrom(0, 16, 1, 8))
      .map(([all, last]) => [...all, last]),
  );
  fc.assert(
    fc.property(hrp, words, fc.boolean(), (prefix, written, isUpper) => {
      const text = isUpper ? bech32m.encode(prefix, written).toUpperCase() : bech32m.encode(prefix, written);
      const isPadded = written.length === 52 && (written[51] ?? 0) % 16 === 0;
      let isTaken = true;
      try {
        const { address } = checkAddress(text);
        expect(bech32m.encode(prefix, bech32m.toWords(addressPayload(address)))).toBe(text);
      } catch (error) {
        isTaken = !isTtxError(error, 'address');
      }
      expect(isTaken).toBe(isPadded && !isUpper);
    }),
    { numRuns: 2_000 },
  );
});
