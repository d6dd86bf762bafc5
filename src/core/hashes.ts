/** The two hash functions of the protocol, behind one interface: whoever hashes many files has a quicker implementation that says the same. */
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { joinBytes } from './bytes.ts';

/** Each hashes `parts` end to end, 16,384 bytes at most. */
export interface Hashes {
  /** 32 bytes. */
  sha256(...parts: readonly Uint8Array[]): Uint8Array;
  /** 20 bytes. */
  sha1(...parts: readonly Uint8Array[]): Uint8Array;
}

const join = (parts: readonly Uint8Array[]): Uint8Array => (parts.length === 1 && parts[0] !== undefined ? parts[0] : joinBytes(parts));

/** @noble/hashes: the authority. */
export const NOBLE: Hashes = { sha256: (...parts) => sha256(join(parts)), sha1: (...parts) => sha1(join(parts)) };
