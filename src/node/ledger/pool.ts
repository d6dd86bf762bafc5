/**
 * The pool of orphans: well-formed, signed transactions whose ancestors are not all here. Signing orphans is free, so each is charged
 * to an account, and each account is bounded by count and bytes: whoever floods pushes out nothing but his own. The history of a
 * payment that a person waits for has an account of its own, and what is on it stays until the waiting ends.
 */

import { type TxId, txidOf } from '../../core/id.ts';
import type { CheckedFile } from './examine.ts';

/** What one account may hold. Bytes bound what large files cost, the count what small ones do in maps around them. */
export interface OrphanLimit {
  readonly count: number;
  readonly bytes: number;
}

/** A peer: gossip that overtakes its parents, with room for a busy minute. A dozen peers cost 24 MiB at most. */
const PEER_LIMIT: OrphanLimit = { count: 512, bytes: 2_097_152 };
/** What comes from this device, a proof file as a rule, and what peers that have left had brought: all of them together. */
const COMMON_LIMIT: OrphanLimit = { count: 4_096, bytes: 8_388_608 };
/** The pinned history of one payment: deeper ones come from the bottom, with the state of a peer, not from the top. */
const PINNED_LIMIT: OrphanLimit = { count: 2_048, bytes: 8_388_608 };
/** The same on a light node, where all history comes from the top. */
const DEEP_LIMIT: OrphanLimit = { count: 16_384, bytes: 16_777_216 };
/** Payments whose history is pinned at a time. */
const MAX_PINS = 8;

/** Orphans by txid and by the parents they list, without bounds. */
export class Orphans {
  readonly #orphans = new Map<TxId, CheckedFile>();
  readonly #children = new Map<TxId, Set<TxId>>();

  get size(): number {
    return this.#orphans.size;
  }

  find(txid: TxId): CheckedFile | undefined {
    return this.#orphans.get(txid);
  }

  add(orphan: CheckedFile): void {
    const { txid, transaction } = orphan.file;
    this.#orphans.set(txid, orphan);
    for (const parent of transaction.prev ?? []) {
      const siblings = this.#children.get(txidOf(parent)) ?? new Set();
      this.#children.set(txidOf(parent), siblings.add(txid));
    }
  }

  delete(txid: TxId): void {
    const orphan = this.#orphans.get(txid);
    if (orphan === undefined) return;
    this.#orphans.delete(txid);
    for (const parent of orphan.file.transaction.prev ?? []) {
      const siblings = this.#children.get(txidOf(parent));
      siblings?.delete(txid);
      if (siblings?.size === 0) this.#children.delete(txidOf(parent));
    }
  }

  /** The oldest first. */
  all(): IterableIterator<CheckedFile> {
    return this.#orphans.values();
  }

  /** Orphans that list `parent` in `prev`. */
  childrenOf(parent: TxId): readonly CheckedFile[] {
    return [...(this.#children.get(parent) ?? [])].map((txid) => this.#orphans.get(txid)).filter((orphan) => orphan !== undefined);
  }
}

/** Who pays for orphans. */
interface Account {
  readonly limit: OrphanLimit;
  /** It belongs to a payment that is waited for. */
  readonly isPinned: boolean;
  /** The oldest first. */
  readonly txids: Set<TxId>;
  sizeBytes: number;
}

const newAccount = (limit: OrphanLimit): Account => ({
  limit,
  isPinned: limit === PINNED_LIMIT || limit === DEEP_LIMIT,
  txids: new Set(),
  sizeBytes: 0,
});

/** The orphans that are kept. */
export class Pool {
  readonly #orphans = new Orphans();
  readonly #accountOf = new Map<TxId, Account>();
  readonly #common = newAccount(COMMON_LIMIT);
  readonly #peers = new Map<string, Account>();
  /** By the payment that is waited for; the one pinned first comes first. */
  readonly #pins = new Map<TxId, Account>();
  /** Whether histories that are waited for come from the top alone, and so may be long. */
  isDeep = false;

  get size(): number {
    return this.#orphans.size;
  }

  find(txid: TxId): CheckedFile | undefined {
    return this.#orphans.find(txid);
  }

  childrenOf(parent: TxId): readonly CheckedFile[] {
    return this.#orphans.childrenOf(parent);
  }

  all(): IterableIterator<CheckedFile> {
    return this.#orphans.all();
  }

  /** Keeps an orphan; the oldest ones of whoever brought it make room. @param peer id of the peer that brought it, if one did */
  add(orphan: CheckedFile, peer?: string): void {
    const { txid } = orphan.file;
    if (this.#orphans.find(txid) !== undefined) return;
    this.#orphans.add(orphan);
    this.#charge(this.#accountFor(peer), orphan);
    const pin = this.#pinOfChildren(txid);
    if (pin !== undefined) this.#pull(pin, txid);
  }

  delete(txid: TxId): void {
    this.#discharge(txid);
    this.#orphans.delete(txid);
  }

  /** A peer is gone. What it brought stays while there is room for what is nobody's. */
  leave(peer: string): void {
    const account = this.#peers.get(peer);
    this.#peers.delete(peer);
    if (account !== undefined) this.#release(account);
  }

  /** Whether a peer has brought so many orphans that their ancestors are better not sought: they come with its list, parents first. */
  isCrowded(peer: string): boolean {
    const account = this.#peers.get(peer);
    return account !== undefined && (account.txids.size * 2 > account.limit.count || account.sizeBytes * 2 > account.limit.bytes);
  }

  /** Keeps an orphan and its history, as far as it is here and as it comes, within a limit, until {@link unpin}. */
  pin(txid: TxId): void {
    if (this.#pins.has(txid) || this.#orphans.find(txid) === undefined) return;
    const [first] = this.#pins.keys();
    if (this.#pins.size >= MAX_PINS && first !== undefined) this.unpin(first);
    const account = newAccount(this.isDeep ? DEEP_LIMIT : PINNED_LIMIT);
    this.#pins.set(txid, account);
    this.#pull(account, txid);
  }

  unpin(txid: TxId): void {
    const account = this.#pins.get(txid);
    this.#pins.delete(txid);
    if (account !== undefined) this.#release(account);
  }

  /** Whether somebody waits for this orphan, or for one that builds on it. */
  isPinned(txid: TxId): boolean {
    return this.#accountOf.get(txid)?.isPinned ?? false;
  }

  #pinOfChildren(txid: TxId): Account | undefined {
    for (const child of this.#orphans.childrenOf(txid)) if (this.isPinned(child.file.txid)) return this.#accountOf.get(child.file.txid);
    return undefined;
  }

  /** Charges an orphan and its history to a pinned account, as far as there is room. */
  #pull(pin: Account, txid: TxId): void {
    // A Set is walked in the order of insertion, also while it grows.
    const cone = new Set([txid]);
    for (const next of cone) {
      const orphan = this.#orphans.find(next);
      if (orphan === undefined || this.isPinned(next)) continue;
      if (!hasRoom(pin, orphan)) return;
      this.#discharge(next);
      this.#charge(pin, orphan);
      for (const parent of orphan.file.transaction.prev ?? []) cone.add(txidOf(parent));
    }
  }

  #accountFor(peer: string | undefined): Account {
    if (peer === undefined) return this.#common;
    const account = this.#peers.get(peer) ?? newAccount(PEER_LIMIT);
    this.#peers.set(peer, account);
    return account;
  }

  #charge(account: Account, orphan: CheckedFile): void {
    const { txid, bytes } = orphan.file;
    // Pinned accounts are asked for room before: only the others make it.
    for (const oldest of account.txids) {
      if (hasRoom(account, orphan)) break;
      this.delete(oldest);
    }
    account.txids.add(txid);
    account.sizeBytes += bytes.length;
    this.#accountOf.set(txid, account);
  }

  #discharge(txid: TxId): void {
    const account = this.#accountOf.get(txid);
    const orphan = this.#orphans.find(txid);
    if (account === undefined || orphan === undefined) return;
    account.txids.delete(txid);
    account.sizeBytes -= orphan.file.bytes.length;
    this.#accountOf.delete(txid);
  }

  /** What an account that is closed held is nobody's now. */
  #release(account: Account): void {
    for (const txid of [...account.txids]) {
      const orphan = this.#orphans.find(txid);
      this.#discharge(txid);
      if (orphan !== undefined) this.#charge(this.#common, orphan);
    }
  }
}

const hasRoom = ({ limit, txids, sizeBytes }: Account, { file }: CheckedFile): boolean =>
  txids.size < limit.count && sizeBytes + file.bytes.length <= limit.bytes;
