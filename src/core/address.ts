/** Addresses: bech32m (BIP 350) of SHA-256(public key) with the network's prefix. The checksum keeps a typo from burning money. */
import { TtxError } from './error.ts';
import { NOBLE } from './hashes.ts';
import { type Address, idBytes, markAddress, type PublicKey } from './id.ts';

/** Prefix of a network's addresses: `[a-z]{1,16}`. */
export const HRP = /^[a-z]{1,16}$/;
/** Prefix shown while no network is open, and the default of a new one. */
export const DEFAULT_HRP = 'ttx';

/** An address taken apart. */
export interface ParsedAddress {
  readonly address: Address;
  readonly hrp: string;
}

/** The address of a public key. `hrp` must match {@link HRP}. */
export function addressOf(key: PublicKey, hrp: string, { sha256 } = NOBLE): Address {
  const words = wordsOf(sha256(idBytes(key)));
  const checksum = checksumOf(hrp, words);
  for (let i = 0; i < CHECKSUM; i++) words[PAYLOAD + i] = (checksum >>> (5 * (CHECKSUM - 1 - i))) & 31;
  let text = `${hrp}1`;
  for (const word of words) text += ALPHABET[word];
  return markAddress(text);
}

/** What stands before the separator; empty where there is none. */
export const hrpOf = (text: string): string => text.slice(0, Math.max(text.lastIndexOf('1'), 0));

/**
 * CONSENSUS. Reads an address as it must stand in a transaction: lowercase, 32 bytes, exactly as it would be encoded again.
 * @throws {TtxError} `address`
 */
export function checkAddress(text: string): ParsedAddress {
  const hrp = hrpOf(text);
  if (!HRP.test(hrp) || !isWritten(hrp, text)) throw new TtxError('address', { text: text.slice(0, 100) });
  return { address: markAddress(text), hrp };
}

/** Whether behind the separator stand 32 bytes, padded with zeros, and their checksum. */
function isWritten(hrp: string, text: string): boolean {
  const start = hrp.length + 1;
  if (text.length !== start + PAYLOAD + CHECKSUM) return false;
  const words = new Uint8Array(PAYLOAD + CHECKSUM);
  let checksum = 0;
  for (let i = 0; i < words.length; i++) {
    const word = VALUES[text.charCodeAt(start + i)] ?? NONE;
    if (word === NONE) return false;
    words[i] = word;
    if (i >= PAYLOAD) checksum = (checksum << 5) | word;
  }
  return ((words[PAYLOAD - 1] ?? 0) & PADDING) === 0 && checksum === checksumOf(hrp, words);
}

/**
 * Reads an address as a person gives it: spaces around it and capitals (QR codes) are forgiven, errors are not.
 * @throws {TtxError} `address`
 */
export function parseAddress(text: string): ParsedAddress {
  const trimmed = text.trim();
  return checkAddress(trimmed === trimmed.toUpperCase() ? trimmed.toLowerCase() : trimmed);
}

const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
/** Characters behind the separator: 32 bytes in groups of 5 bits, then the checksum. */
const PAYLOAD = 52;
const CHECKSUM = 6;
/** Bits of the last group that stand for nothing. */
const PADDING = 0b1111;
const NONE = 255;
/** By character code: the value of a character of the alphabet. */
const VALUES = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = ALPHABET.indexOf(String.fromCharCode(code));
  return value < 0 ? NONE : value;
});

/** The generator of BIP 173 times each value that the five highest bits may have. */
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
const REMAINDERS = Int32Array.from({ length: 32 }, (_, top) =>
  GENERATOR.reduce((sum, part, bit) => ((top >> bit) & 1 ? sum ^ part : sum), 0),
);
/** What makes it bech32m, and not bech32 (BIP 350). */
const BECH32M = 0x2bc830a3;

const step = (checksum: number, word: number): number => ((checksum & 0x1ffffff) << 5) ^ word ^ (REMAINDERS[checksum >>> 25] ?? 0);

/**
 * The checksum of a prefix and the payload in `words`, 30 bits. By hand, as what is around it: the library, to which tests compare it, is made for text of
 * any length, and of each transaction that a node reads there are two addresses.
 */
function checksumOf(hrp: string, words: Uint8Array): number {
  let checksum = 1;
  for (let i = 0; i < hrp.length; i++) checksum = step(checksum, hrp.charCodeAt(i) >> 5);
  checksum = step(checksum, 0);
  for (let i = 0; i < hrp.length; i++) checksum = step(checksum, hrp.charCodeAt(i) & 31);
  for (let i = 0; i < PAYLOAD; i++) checksum = step(checksum, words[i] ?? 0);
  for (let i = 0; i < CHECKSUM; i++) checksum = step(checksum, 0);
  return checksum ^ BECH32M;
}

/** 32 bytes in groups of 5 bits, and room for the checksum. */
function wordsOf(payload: Uint8Array): Uint8Array {
  const words = new Uint8Array(PAYLOAD + CHECKSUM);
  let bits = 0;
  let count = 0;
  let at = 0;
  for (const byte of payload) {
    bits = ((bits << 8) | byte) & 0xfff;
    for (count += 8; count >= 5; count -= 5) words[at++] = (bits >> (count - 5)) & 31;
  }
  words[at] = (bits << (5 - count)) & 31;
  return words;
}

/** What an address holds: SHA-256 of its owner's public key, 32 bytes. */
export function addressPayload(address: Address): Uint8Array {
  const payload = new Uint8Array(32);
  const start = address.length - PAYLOAD - CHECKSUM;
  let bits = 0;
  let count = 0;
  let at = 0;
  for (let i = 0; i < PAYLOAD; i++) {
    bits = ((bits << 5) | (VALUES[address.charCodeAt(start + i)] ?? 0)) & 0xfff;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    payload[at++] = bits >>> count;
  }
  return payload;
}
