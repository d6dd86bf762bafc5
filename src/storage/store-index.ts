/** What a store knows in memory of what is on disk: which transaction stands where, and whether its file is kept. */
import type { Entry } from '../core/entry.ts';
import type { EarlierEntries } from '../core/entry-codec.ts';
import type { Address, TxId } from '../core/id.ts';
import type { StoreUsage } from './store.ts';

/** A pack on disk. */
export interface PackPlace {
  readonly first: number;
  readonly count: number;
  readonly sizeBytes: number;
}

/** Positions are those of the order of commits, from 0. */
export class StoreIndex implements EarlierEntries {
  /** By position. The ledger has the same objects. */
  readonly #entries: Entry[] = [];
  readonly #positions = new Map<TxId, number>();
  readonly #payees = new Map<Address, number>();
  readonly #dropped = new Set<number>();
  #fileBytes = 0;
  /** In order. */
  packs: readonly PackPlace[] = [];
  /** Records of amendments that are not written into the packs yet. */
  amendments = 0;

  get count(): number {
    return this.#entries.length;
  }

  at(position: number): Entry | undefined {
    return this.#entries[position];
  }

  positionOf(txid: TxId): number | undefined {
    return this.#positions.get(txid);
  }

  payeeAt(address: Address): number | undefined {
    return this.#payees.get(address);
  }

  add(entry: Entry, isDropped: boolean): void {
    if (!this.#payees.has(entry.to)) this.#payees.set(entry.to, this.#entries.length);
    this.#positions.set(entry.txid, this.#entries.length);
    if (isDropped) this.#dropped.add(this.#entries.length);
    else this.#fileBytes += entry.sizeBytes;
    this.#entries.push(entry);
  }

  /** Whether the file of the transaction at `position` is kept. */
  holds(position: number): boolean {
    return position < this.#entries.length && !this.#dropped.has(position);
  }

  /** Remembers that a file was dropped, or is here again. */
  setDropped(position: number, isDropped: boolean): void {
    const entry = this.#entries[position];
    if (entry === undefined || this.#dropped.has(position) === isDropped) return;
    this.#fileBytes += isDropped ? -entry.sizeBytes : entry.sizeBytes;
    if (isDropped) this.#dropped.add(position);
    else this.#dropped.delete(position);
  }

  /** The pack that has `position`. */
  packOf(position: number): PackPlace | undefined {
    return this.packs.findLast(({ first }) => first <= position);
  }

  get usage(): StoreUsage {
    return {
      fileBytes: this.#fileBytes,
      entryBytes: this.packs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      dropped: this.#dropped.size,
    };
  }
}
