/**
 * CONSENSUS. Signatures: ed25519 under the ZIP-215 rules, with keys that only their owner can sign for. Implementations of
 * ed25519 disagree on crafted keys, and a disagreement is a chain split, so there is one rule for every node.
 */
import { getPublicKey, hashes, Point, sign, verify } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { idBytes, type PublicKey, publicKeyFromBytes, type Signature, signatureFromBytes } from './id.ts';
import { type Draft, signedJson, type Transaction } from './transaction.ts';

hashes.sha512 = sha512;

const PREFIX = new TextEncoder().encode('ttx/1/tx\n');

/** What is signed: a prefix that no other use of the key shares, then the canonical JSON without `signature`. */
export const signedMessage = (draft: Draft, nonce: number): Uint8Array => concatBytes(PREFIX, signedJson(draft, nonce));

/**
 * Whether a key may own coins: canonically encoded, and not of small order. Anybody can sign for a small-order key, and then
 * a double-spend proof would prove nothing.
 */
export function isAdmissibleKey(key: PublicKey): boolean {
  try {
    return !Point.fromBytes(idBytes(key), false).isSmallOrder();
  } catch {
    return false;
  }
}

/** ZIP-215 verification of raw bytes, 64-byte signature and 32-byte key; the authority that faster verifiers answer to. */
export function verifyBytes(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  return verify(signature, message, key, { zip215: true });
}

/** Verdict on a transaction: `key` for an inadmissible key, `signature` for a wrong signature. An input of `decide`. */
export type SignatureVerdict = 'valid' | 'key' | 'signature';

/** Checks key and signature of a transaction. About half a millisecond. */
export function checkSignature(transaction: Transaction): SignatureVerdict {
  if (!isAdmissibleKey(transaction.key)) return 'key';
  const message = signedMessage(transaction, transaction.nonce);
  return verifyBytes(idBytes(transaction.signature), message, idBytes(transaction.key)) ? 'valid' : 'signature';
}

/** Public key of a 32-byte ed25519 seed (RFC 8032). */
export const publicKeyOf = (secretKey: Uint8Array): PublicKey => publicKeyFromBytes(getPublicKey(secretKey));

/** Signs deterministically (RFC 8032): equal inputs give equal bytes, so that a repeated payment is the same payment. */
export function signDraft(draft: Draft, nonce: number, secretKey: Uint8Array): Transaction {
  const signature: Signature = signatureFromBytes(sign(signedMessage(draft, nonce), secretKey));
  return { ...draft, nonce, signature };
}
