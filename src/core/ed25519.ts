/**
 * CONSENSUS. ed25519 on bytes: ZIP-215 by noble is the authority, and only keys count that nobody but their owner can sign for.
 * `signature.ts` applies it to transactions.
 */
import { hashes, Point, verify } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { idBytes, type PublicKey } from './id.ts';

hashes.sha512 = sha512;

/** Verdict on a signed message: `key` for an inadmissible key, `signature` for a wrong signature. An input of `decide`. */
export type SignatureVerdict = 'valid' | 'key' | 'signature';

/** A message of any length, with a key of 32 bytes and a signature of 64. */
export interface SignedMessage {
  readonly key: Uint8Array;
  readonly signature: Uint8Array;
  readonly message: Uint8Array;
}

/**
 * Whether a key may own coins: canonically encoded, and not of small order. Anybody can sign for a small-order key, and then
 * a double-spend proof would prove nothing.
 */
export function isAdmissibleKey(key: PublicKey): boolean {
  return isAdmissiblePoint(idBytes(key));
}

function isAdmissiblePoint(key: Uint8Array): boolean {
  try {
    return !Point.fromBytes(key, false).isSmallOrder();
  } catch {
    return false;
  }
}

/** Encodings of the points of orders 1, 2, 4 and 8 (of that, two), without the sign bit: y = 1, −1, 0 and ±the root. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  `01${'00'.repeat(31)}`,
  `ec${'ff'.repeat(30)}7f`,
  '00'.repeat(32),
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
]);
/** What follows the first byte of 2^255 − 19 and of all that is beyond. */
const BEYOND = `${'ff'.repeat(30)}7f`;

/**
 * Whether the encoding of a point allows it to be an admissible key, read off the bytes. The same as {@link isAdmissibleKey} for
 * bytes that are a point, and a hundred times as quick.
 */
export function isAdmissibleEncoding(key: Uint8Array): boolean {
  const y = key.slice();
  y[31] = (y[31] ?? 0) & 0x7f;
  const hex = bytesToHex(y);
  return !SMALL_ORDER.has(hex) && !(hex.endsWith(BEYOND) && (y[0] ?? 0) >= 0xed);
}

/** ZIP-215 verification of raw bytes, 64-byte signature and 32-byte key; the authority that faster verifiers answer to. */
export function verifyBytes(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  return verify(signature, message, key, { zip215: true });
}

/** The verdict of the authority. About half a millisecond. */
export function checkMessage({ key, signature, message }: SignedMessage): SignatureVerdict {
  if (!isAdmissiblePoint(key)) return 'key';
  return verifyBytes(signature, message, key) ? 'valid' : 'signature';
}
