/** Keys from words: BIP39 entropy and SLIP-0010 derivation for ed25519 (hardened only). The slow step, PBKDF2, is the caller's. */
import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { TtxError } from './error.ts';

const HARDENED = 0x80000000;
const CURVE = new TextEncoder().encode('ed25519 seed');

/** Path of a wallet's key: purpose 44, "ttx" in ASCII as the coin type (unregistered), account 0; all hardened. */
export const WALLET_PATH: readonly number[] = [44, 0x747478, 0];

/** The 12 English BIP39 words of 16 bytes of entropy. */
export const wordsOf = (entropy: Uint8Array): string => entropyToMnemonic(entropy, wordlist);

/**
 * The entropy of 12 words as people type them: any spaces, any case, composed or decomposed letters.
 * @returns 16 bytes
 * @throws {TtxError} `words` with `unknown` = the first word that is not in the list, or `count`, or neither for a wrong checksum
 */
export function entropyOf(text: string): Uint8Array {
  const words = text
    .normalize('NFKD')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
  const unknown = words.find((word) => !wordlist.includes(word));
  if (words.length !== 12) throw new TtxError('words', { count: words.length });
  if (unknown !== undefined) throw new TtxError('words', { unknown: unknown.slice(0, 20) });
  try {
    return mnemonicToEntropy(words.join(' '), wordlist);
  } catch (cause) {
    throw new TtxError('words', {}, { cause });
  }
}

/**
 * SLIP-0010 for ed25519: the 32-byte secret key at `path`, all of it hardened.
 * @param seed 16 … 64 bytes, of BIP39: 64
 */
export function deriveKey(seed: Uint8Array, path: readonly number[]): Uint8Array {
  let node = hmac(sha512, CURVE, seed);
  for (const index of path) {
    const data = new Uint8Array(37);
    data.set(node.subarray(0, 32), 1);
    new DataView(data.buffer).setUint32(33, index + HARDENED);
    node = hmac(sha512, node.slice(32), data);
  }
  return concatBytes(node.subarray(0, 32));
}
