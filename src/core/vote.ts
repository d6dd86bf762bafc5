/**
 * Work votes: hashing for one side of a conflict. A vote counts 2^(leading zero bits); the heaviest {@link MAX_VOTES} for a transaction
 * are kept, so that a flood of light ones changes nothing. docs/protocol.md, Conflicts.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { idBytes, type TxId } from './id.ts';
import { MAX_VOTES } from './limit.ts';
import { leadingZeroBits, workHash } from './work.ts';

const PREFIX = new TextEncoder().encode('ttx/1/vote\n');

/** What votes for `txid` work on: SHA-256("ttx/1/vote\n" ‖ genesis ‖ txid), 32 bytes. Searched like the work of a transaction. */
export const voteCore = (genesis: TxId, txid: TxId): Uint8Array => sha256(concatBytes(PREFIX, idBytes(genesis), idBytes(txid)));

/** Leading zero bits of SHA-256(core ‖ nonce as 8 big-endian bytes). */
export const voteBits = (core: Uint8Array, nonce: number): number => leadingZeroBits(workHash(core, nonce));

/** A vote that has been hashed. */
export interface CountedVote {
  readonly nonce: number;
  readonly bits: number;
}

/** Votes for one transaction, heaviest first; of equal ones the smaller nonce. */
export type Ballot = readonly CountedVote[];

const inOrder = (a: CountedVote, b: CountedVote): number => b.bits - a.bits || a.nonce - b.nonce;

/** The ballot with one more vote, or the same ballot if that one is known or too light: then nobody need be told. */
export function addVote(ballot: Ballot, vote: CountedVote): Ballot {
  const last = ballot[MAX_VOTES - 1];
  if (last !== undefined && inOrder(last, vote) < 0) return ballot;
  if (ballot.some(({ nonce }) => nonce === vote.nonce)) return ballot;
  const place = ballot.findIndex((other) => inOrder(other, vote) > 0);
  return (place < 0 ? [...ballot, vote] : ballot.toSpliced(place, 0, vote)).slice(0, MAX_VOTES);
}

/** Σ 2^bits. */
export const ballotWeight = (ballot: Ballot): bigint => ballot.reduce((total, { bits }) => total + (1n << BigInt(bits)), 0n);
