/**
 * The pool of orphans: well-formed, signed transactions whose ancestors are not all here. Bounded, because signing orphans is
 * free; what a person is waiting for is pinned and never pushed out.
 */
import type { TxId } from '../core/id.ts';
import { txidOf } from '../core/id.ts';
import type { SignatureVerdict } from '../core/signature.ts';
import type { TransactionFile } from '../core/transaction.ts';

/** Most orphans kept: at 16 KiB each 64 MiB in the worst case, a few MiB as a rule. */
const MAX_ORPHANS = 4_096;

/** A decoded file with its signature's verdict, so that neither is done twice. */
export interface CheckedFile {
  readonly file: TransactionFile;
  readonly verdict: SignatureVerdict;
}

/** Orphans by txid and by the parents they list. */
export class Pool {
  readonly #orphans = new Map<TxId, CheckedFile>();
  readonly #children = new Map<TxId, Set<TxId>>();
  readonly #pinned = new Set<TxId>();

  get size(): number {
    return this.#orphans.size;
  }

  find(txid: TxId): CheckedFile | undefined {
    return this.#orphans.get(txid);
  }

  /** Keeps an orphan; the oldest one that is not pinned makes room. */
  add(orphan: CheckedFile): void {
    const { txid, transaction } = orphan.file;
    this.#orphans.set(txid, orphan);
    for (const parent of transaction.prev ?? []) {
      const siblings = this.#children.get(txidOf(parent)) ?? new Set();
      this.#children.set(txidOf(parent), siblings.add(txid));
    }
    if (this.#orphans.size <= MAX_ORPHANS) return;
    for (const oldest of this.#orphans.keys()) {
      if (this.#pinned.has(oldest)) continue;
      this.delete(oldest);
      return;
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

  /** All orphans, the oldest first. */
  all(): readonly CheckedFile[] {
    return [...this.#orphans.values()];
  }

  /** Orphans that list `parent` in `prev`. */
  childrenOf(parent: TxId): readonly CheckedFile[] {
    return [...(this.#children.get(parent) ?? [])].map((txid) => this.#orphans.get(txid)).filter((orphan) => orphan !== undefined);
  }

  /** Keeps `txid` however full the pool is, until {@link unpin}. */
  pin(txid: TxId): void {
    this.#pinned.add(txid);
  }

  unpin(txid: TxId): void {
    this.#pinned.delete(txid);
  }
}
