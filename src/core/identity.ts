/**
 * Who a peer is, for one run: its peer id commits to an ed25519 key, and a signature over one connection shows that it has that key.
 * Else anybody could take an honest peer's id, and get it barred or stand in its place. See docs/protocol.md, Identity.
 */
import { sign } from '@noble/ed25519';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { isAdmissibleKey, verifyBytes } from './ed25519.ts';
import { type Infohash, idBytes, publicKeyFromBytes } from './id.ts';
import { publicKeyOf } from './signature.ts';

/** First 8 bytes of every peer id, as other clients name themselves (BEP 20); the other 12 are the first of SHA-256(key). */
const CLIENT = bytesToHex(new TextEncoder().encode('-Tx0100-'));

/** Whether a peer id says that it can be proved. */
export const isProvable = (peerId: string): boolean => peerId.startsWith(CLIENT);

const DOMAIN = new TextEncoder().encode('ttx/1/peer\n');
const KEY_BYTES = 32;
/** Key and signature, one behind the other. */
const PROOF_BYTES = KEY_BYTES + 64;
const FINGERPRINT_BYTES = 32;

/** One direction of a connection: `from` shows to `to` who it is. */
export interface Introduced {
  readonly infohash: Infohash;
  /** Peer ids, 40 hex digits. */
  readonly from: string;
  readonly to: string;
  /** SHA-256 of the DTLS certificate at each end, 32 bytes; undefined where the connection is not WebRTC. */
  readonly fromFingerprint: Uint8Array | undefined;
  readonly toFingerprint: Uint8Array | undefined;
}

/** A peer id and what it takes to prove it. */
export interface Identity {
  /** 40 hex digits. */
  readonly peerId: string;
  /** The proof for one connection, 96 bytes. `from` must be this identity. */
  prove(introduced: Introduced): Uint8Array;
}

/** The identity of a 32-byte ed25519 seed. Drawn anew at each start: a node is not to be recognised tomorrow. */
export function createIdentity(seed: Uint8Array): Identity {
  const key = idBytes(publicKeyOf(seed));
  return { peerId: peerIdOf(key), prove: (introduced) => concatBytes(key, sign(signedBytes(introduced), seed)) };
}

/** Whether `proof`, which may be anything, shows that `from` is at the other end. About a millisecond. */
export function isProof(proof: unknown, introduced: Introduced): boolean {
  if (!(proof instanceof Uint8Array) || proof.length !== PROOF_BYTES) return false;
  const key = proof.slice(0, KEY_BYTES);
  if (peerIdOf(key) !== introduced.from || !isAdmissibleKey(publicKeyFromBytes(key))) return false;
  return verifyBytes(proof.slice(KEY_BYTES), signedBytes(introduced), key);
}

const peerIdOf = (key: Uint8Array) => CLIENT + bytesToHex(sha256(key).subarray(0, 12));

/** The certificates tie the signature to this connection: whoever sits between two peers and passes on what they say has others. */
function signedBytes({ infohash, from, to, fromFingerprint, toFingerprint }: Introduced): Uint8Array {
  const none = new Uint8Array(FINGERPRINT_BYTES);
  return concatBytes(DOMAIN, idBytes(infohash), hexToBytes(from), hexToBytes(to), fromFingerprint ?? none, toFingerprint ?? none);
}
