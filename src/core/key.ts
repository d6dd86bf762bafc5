/** Keys from words: BIP39 entropy and SLIP-0010 derivation for ed25519 (hardened only). PBKDF2 and HMACs are the caller's to compute. */
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

/** An HMAC-SHA512 to be computed. */
export interface HmacTask {
  readonly key: Uint8Array;
  readonly data: Uint8Array;
}

/**
 * SLIP-0010 for ed25519: the 32-byte secret key at `path`, all of it hardened. Asks for its HMACs, because browsers compute them on other
 * threads, and sooner than a library that has to be compiled first.
 * @param seed 16 … 64 bytes, of BIP39: 64
 */
export function* deriveKey(seed: Uint8Array, path: readonly number[]): Generator<HmacTask, Uint8Array, Uint8Array> {
  let node = yield { key: CURVE, data: seed };
  for (const index of path) {
    const data = new Uint8Array(37);
    data.set(node.subarray(0, 32), 1);
    new DataView(data.buffer).setUint32(33, index + HARDENED);
    node = yield { key: node.slice(32), data };
  }
  return node.slice(0, 32);
}
