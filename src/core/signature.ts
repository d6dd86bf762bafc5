/**
 * CONSENSUS. Signatures: ed25519 under the ZIP-215 rules, with keys that only their owner can sign for. Implementations of
 * ed25519 disagree on crafted keys, and a disagreement is a chain split, so there is one rule for every node.
 */
import { getPublicKey, sign } from '@noble/ed25519';
import { concatBytes } from '@noble/hashes/utils.js';
import { checkMessage, type SignatureVerdict, type SignedMessage } from './ed25519.ts';
import { idBytes, type PublicKey, publicKeyFromBytes, type Signature, signatureFromBytes } from './id.ts';
import { type Draft, signedJson, signedJsonOf, type Transaction, type TransactionFile } from './transaction.ts';

const PREFIX = new TextEncoder().encode('ttx/1/tx\n');

/** What is signed: a prefix that no other use of the key shares, then the canonical JSON without `signature`. */
export const signedMessage = (draft: Draft, nonce: number): Uint8Array => concatBytes(PREFIX, signedJson(draft, nonce));

/** What there is to check of a decoded file. */
export function signedMessageOf(file: TransactionFile): SignedMessage {
  const { key, signature } = file.transaction;
  return { key: idBytes(key), signature: idBytes(signature), message: concatBytes(PREFIX, ...signedJsonOf(file)) };
}

/** Checks key and signature of a transaction. About half a millisecond. */
export function checkSignature(transaction: Transaction): SignatureVerdict {
  const { key, signature, nonce } = transaction;
  return checkMessage({ key: idBytes(key), signature: idBytes(signature), message: signedMessage(transaction, nonce) });
}

/** Public key of a 32-byte ed25519 seed (RFC 8032). */
export const publicKeyOf = (secretKey: Uint8Array): PublicKey => publicKeyFromBytes(getPublicKey(secretKey));

/** Signs deterministically (RFC 8032): equal inputs give equal bytes, so that a repeated payment is the same payment. */
export function signDraft(draft: Draft, nonce: number, secretKey: Uint8Array): Transaction {
  const signature: Signature = signatureFromBytes(sign(signedMessage(draft, nonce), secretKey));
  return { ...draft, nonce, signature };
}
