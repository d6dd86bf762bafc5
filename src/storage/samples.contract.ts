/** What tests of storage share: things to be kept. */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Entry } from '../core/entry.ts';
import { amount, infohashFromBytes, markAddress, type TxId, txidFromBytes } from '../core/id.ts';
import type { Store, StoredEntry, StoredTransaction, Want } from './store.ts';

/** A file of `sizeBytes` that no other `n` has. */
export function file(n: number, sizeBytes = 40): Uint8Array {
  const bytes = new Uint8Array(sizeBytes).fill(n % 251);
  new DataView(bytes.buffer).setUint32(0, n);
  return bytes;
}

/** An entry of a file that nobody has decided on: a store does not know the rules. */
export function entryOf(bytes: Uint8Array, facts: Partial<Entry> = {}): Entry {
  return {
    txid: txidFromBytes(sha256(bytes)),
    infohash: infohashFromBytes(sha256(bytes).slice(0, 20)),
    prev: [],
    sender: markAddress('ttx1sender'),
    to: markAddress('ttx1receiver'),
    tokens: amount(5),
    change: amount(7),
    burn: amount(1),
    reward: amount(0),
    charge: amount(0),
    trail: [3, 1],
    sizeBytes: bytes.length,
    ...facts,
  };
}

export function transaction(n: number, { bytes = file(n), ...facts }: Partial<StoredTransaction> = {}): StoredTransaction {
  return { entry: entryOf(bytes), bytes, winners: [], firstSeenMs: 1_000 + n, ...facts };
}

/** As it comes back. */
export const stored = ({ bytes: _, ...kept }: StoredTransaction): StoredEntry => kept;
export const txidOf = ({ entry }: StoredEntry): TxId => entry.txid;

export const NETWORK = txidFromBytes(sha256(file(1_000_001)));
export const OTHER = txidFromBytes(sha256(file(1_000_002)));
export const INFOHASH = infohashFromBytes(new Uint8Array(20).fill(7));

export function attachedFile(n: number) {
  const infohash = infohashFromBytes(new Uint8Array(20).fill(n));
  const attachment = { infohash, sha256: 'a'.repeat(64), name: `${n}.png`, size: 40, type: 'image/png' };
  return { attachment, info: file(n, 10), content: file(n) };
}

export const want = (id: string, startedAtMs: number): Want => ({ id, infohash: INFOHASH, trackers: ['ws://localhost:1'], startedAtMs });

export async function loadAll(store: Store): Promise<StoredEntry[]> {
  const all: StoredEntry[] = [];
  await store.load((page) => all.push(...page));
  return all;
}

/** Something a caller could only pass by lying about its type: no database can keep it. */
export const uncloneable = { ...want('broken', 0), trackers: [() => 'a function'] } as unknown as Want;
