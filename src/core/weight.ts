/**
 * Weight: how much work stands behind one side of a conflict. Only what is recent is known here; what has settled moves nobody, and so an old
 * history, however heavy, costs nothing. docs/protocol.md, Conflicts.
 */
import type { TxId } from './id.ts';

/** What weighs of a transaction. */
export interface Weighed {
  readonly txid: TxId;
  readonly prev: readonly TxId[];
  /** Transactions that it vouches for. */
  readonly ref: readonly TxId[];
  readonly workBits: number;
}

/** Transactions remembered; more than a busy network sends while anything is open. */
const MAX_RECENT = 20_000;
/** Descendants counted for one side: chains of one's own are cheap to write and must not be dear to count. */
const MAX_COUNTED = 4_096;

/** The latest transactions, accepted or not, and who builds on or vouches for whom. Order of arrival does not matter. */
export class RecentWork {
  readonly #recent = new Map<TxId, Weighed>();
  /** Kept, because a new iterator would walk over all that was deleted. */
  readonly #oldest = this.#recent.values();
  readonly #children = new Map<TxId, Set<TxId>>();
  readonly #vouchers = new Map<TxId, Set<TxId>>();

  add(weighed: Weighed): void {
    if (this.#recent.has(weighed.txid)) return;
    this.#recent.set(weighed.txid, weighed);
    for (const parent of weighed.prev) note(this.#children, parent, weighed.txid);
    for (const txid of weighed.ref) note(this.#vouchers, txid, weighed.txid);
    if (this.#recent.size > MAX_RECENT) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const oldest = this.#oldest.next().value;
    if (oldest === undefined) return;
    const { txid, prev, ref } = oldest;
    this.#recent.delete(txid);
    for (const parent of prev) erase(this.#children, parent, txid);
    for (const vouched of ref) erase(this.#vouchers, vouched, txid);
  }

  /** A transaction, its descendants along `prev`, nearest first, and those that vouch for one of these. */
  #supporters(txid: TxId): ReadonlySet<TxId> {
    const line = new Set<TxId>([txid]);
    // A Set is walked in the order of insertion, also while it grows.
    for (const next of line) {
      for (const child of this.#children.get(next) ?? []) {
        if (line.size === MAX_COUNTED) break;
        line.add(child);
      }
    }
    const supporters = new Set(line);
    for (const next of line) for (const voucher of this.#vouchers.get(next) ?? []) supporters.add(voucher);
    return supporters;
  }

  /**
   * Transactions that nothing known spends, ascending: of those that qualify, the ones that fewest vouch for; of equal ones, any.
   * @param random 0 ≤ x < 1
   */
  tips(isOffered: (txid: TxId) => boolean, count: number, random: () => number): readonly TxId[] {
    return [...this.#recent.keys()]
      .filter((txid) => !this.#children.has(txid) && isOffered(txid))
      .map((txid) => ({ txid, order: (this.#vouchers.get(txid)?.size ?? 0) + random() }))
      .sort((a, b) => a.order - b.order)
      .slice(0, count)
      .map(({ txid }) => txid)
      .sort();
  }

  /**
   * Σ 2^(work bits) of what supports each side; what supports several counts for none.
   * @param votes weight of the votes for a side
   * @returns one weight for each side, in their order
   */
  weigh(sides: readonly TxId[], votes: (txid: TxId) => bigint): readonly bigint[] {
    const supporters = sides.map((txid) => this.#supporters(txid));
    return sides.map((side, i) => {
      let weight = votes(side);
      for (const txid of supporters[i] ?? []) {
        const { workBits } = this.#recent.get(txid) ?? {};
        if (workBits === undefined || supporters.some((others, j) => j !== i && others.has(txid))) continue;
        weight += 1n << BigInt(workBits);
      }
      return weight;
    });
  }
}

function note(index: Map<TxId, Set<TxId>>, key: TxId, value: TxId): void {
  const values = index.get(key);
  if (values === undefined) index.set(key, new Set([value]));
  else values.add(value);
}

function erase(index: Map<TxId, Set<TxId>>, key: TxId, value: TxId): void {
  const values = index.get(key);
  if (values?.delete(value) && values.size === 0) index.delete(key);
}
