import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { mnemonicToSeedSync } from '@scure/bip39';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressOf } from './address.ts';
import { isTtxError } from './error.ts';
import { deriveKey, entropyOf, WALLET_PATH, wordsOf } from './key.ts';
import { publicKeyOf } from './signature.ts';
import vectors from './vectors/key.json' with { type: 'json' };

function keyAt(seed: Uint8Array, path: readonly number[]): Uint8Array {
  const derivation = deriveKey(seed, path);
  let step = derivation.next();
  while (step.done !== true) step = derivation.next(hmac(sha512, step.value.key, step.value.data));
  return step.value;
}

describe('vectors', () => {
  test.each(vectors.bip39.map((v) => [v.name, v] as const))('%s', (_, { entropy, words, seed }) => {
    expect(wordsOf(hexToBytes(entropy ?? ''))).toBe(words);
    expect(bytesToHex(entropyOf(words ?? ''))).toBe(entropy);
    expect(bytesToHex(mnemonicToSeedSync(words ?? '', 'TREZOR'))).toBe(seed);
  });

  test.each(vectors.slip10.map((v) => [v.name, v] as const))('%s', (_, { seed, path, secret, key }) => {
    const derived = keyAt(hexToBytes(seed), path);
    expect(bytesToHex(derived)).toBe(secret);
    expect(publicKeyOf(derived)).toBe(key);
  });

  test.each(vectors.wallet.map((v) => [v.name, v] as const))('%s: from words to address', (_, { words, seed, secret, key, address }) => {
    const seedBytes = mnemonicToSeedSync(wordsOf(entropyOf(words)));
    expect(bytesToHex(seedBytes)).toBe(seed);
    const derived = keyAt(seedBytes, WALLET_PATH);
    expect(bytesToHex(derived)).toBe(secret);
    expect(publicKeyOf(derived)).toBe(key);
    expect(addressOf(publicKeyOf(derived), 'ttx')).toBe(address);
  });

  test.each(vectors.typed.map((v) => [v.name, v] as const))('reads words as people type them: %s', (_, { text, entropy }) => {
    expect(bytesToHex(entropyOf(text))).toBe(entropy);
  });

  test.each(vectors.invalid.map((v) => [v.name, v] as const))('refuses %s', (_, { text, error }) => {
    expect(() => entropyOf(text)).toThrowError(expect.objectContaining({ code: error }));
  });
});

test('entropy survives being written down', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (entropy) => {
      expect(entropyOf(wordsOf(entropy))).toEqual(entropy);
    }),
  );
});

test('any text is twelve words or the error words', () => {
  const word = fc.constantFrom('abandon', 'about', 'zoo', 'wrong', 'x');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(word, { minLength: 11, maxLength: 13 }).map((w) => w.join(' ')),
      ),
      (text) => {
        try {
          expect(entropyOf(text)).toHaveLength(16);
        } catch (error) {
          expect(isTtxError(error, 'words')).toBe(true);
        }
      },
    ),
  );
});
