/**
 * The ledger: every checked transaction and who spent which coin, in memory. A ledger laid over another one holds only what a
 * batch adds, so that the batch can be written to disk before anybody sees it; then the lower one absorbs it.
 */
import type { Decision, LedgerView, Network } from './decide.ts';
import { type Coin, coinsOf, type Entry } from './entry.ts';
import { type Address, type Amount, amount, type CoinId, coinId, type TxId } from './id.ts';

/** Rejected txids remembered; forgetting one only costs a second check. */
const MAX_REJECTED = 10_000;

/** What has been decided, in order of decision. */
export class Ledger implements LedgerView {
  readonly network: Network;
  readonly #below: Ledger | undefined;
  readonly #entries = new Map<TxId, Entry>();
  readonly #winners = new Map<TxId, readonly TxId[]>();
  readonly #spenders = new Map<CoinId, TxId>();
  /** Conflicted transactions that spend a coin. */
  readonly #rivals = new Map<CoinId, number>();
  readonly #rejected = new Set<TxId>();
  #accepted = 0;
  #supply = 0n;

  /** @param below the ledger that this one is laid over, not to be changed meanwhile */
  constructor(network: Network, below?: Ledger) {
    this.network = network;
    this.#below = below;
  }

  /** Accepted transactions, those below included. */
  get size(): number {
    return this.#accepted + (this.#below?.size ?? 0);
  }

  /** Genesis + rewards − burns − charges; always the sum of all unspent coins. */
  get supply(): Amount {
    return amount(this.#supply + (this.#below?.supply ?? 0n));
  }

  find(txid: TxId): Entry | undefined {
    return this.#entries.get(txid) ?? this.#below?.find(txid);
  }

  findWinners(txid: TxId): readonly TxId[] | undefined {
    return this.#winners.get(txid) ?? this.#below?.findWinners(txid);
  }

  isRejected(txid: TxId): boolean {
    return this.#rejected.has(txid) || (this.#below?.isRejected(txid) ?? false);
  }

  findSpender(txid: TxId, owner: Address): TxId | undefined {
    return this.#spenders.get(coinId(txid, owner)) ?? this.#below?.findSpender(txid, owner);
  }

  /** How many conflicted transactions known here spend `owner`'s coin in `txid`. */
  rivalsOf(txid: TxId, owner: Address): number {
    return (this.#rivals.get(coinId(txid, owner)) ?? 0) + (this.#below?.rivalsOf(txid, owner) ?? 0);
  }

  /** Conflicted transactions, those below included. */
  get conflicted(): number {
    return this.#winners.size + (this.#below?.conflicted ?? 0);
  }

  /** Whether `txid` was accepted and has not lost a conflict. */
  isAccepted(txid: TxId): boolean {
    return this.find(txid) !== undefined && this.findWinners(txid) === undefined;
  }

  /** Remembers a decision; pending ones leave no trace here. */
  apply(txid: TxId, decision: Decision): void {
    if (decision.kind === 'accepted') this.#accept(decision.entry);
    else if (decision.kind === 'conflicted') {
      this.#entries.set(txid, decision.entry);
      this.#winners.set(txid, decision.winners);
      const { prev, sender } = decision.entry;
      for (const parent of prev) this.#addRivals(coinId(parent, sender), 1);
    } else if (decision.kind === 'rejected') this.#reject(txid);
  }

  #accept(entry: Entry): void {
    this.#entries.set(entry.txid, entry);
    for (const parent of entry.prev) this.#spenders.set(coinId(parent, entry.sender), entry.txid);
    this.#accepted++;
    this.#supply += entry.prev.length === 0 ? entry.tokens : entry.reward - entry.burn - entry.charge;
  }

  #addRivals(coin: CoinId, count: number): void {
    this.#rivals.set(coin, (this.#rivals.get(coin) ?? 0) + count);
  }

  #reject(txid: TxId): void {
    this.#rejected.add(txid);
    if (this.#rejected.size <= MAX_REJECTED) return;
    for (const oldest of this.#rejected) {
      this.#rejected.delete(oldest);
      return;
    }
  }

  /** Takes over everything of a ledger that was laid over this one. */
  absorb(above: Ledger): void {
    for (const [txid, entry] of above.#entries) this.#entries.set(txid, entry);
    for (const [txid, winners] of above.#winners) this.#winners.set(txid, winners);
    for (const [coin, spender] of above.#spenders) this.#spenders.set(coin, spender);
    for (const [coin, count] of above.#rivals) this.#addRivals(coin, count);
    for (const txid of above.#rejected) this.#reject(txid);
    this.#accepted += above.#accepted;
    this.#supply += above.#supply;
  }

  /** Accepted entries of this ledger in the order in which they were accepted. */
  *accepted(): Generator<Entry> {
    for (const entry of this.#entries.values()) if (!this.#winners.has(entry.txid)) yield entry;
  }

  /**
   * The cone of a transaction: itself and its ancestors along `prev`, nearest first. Walked, not
   * recursed, so that no history is too deep; stop reading when it is enough.
   */
  *cone(txid: TxId): Generator<Entry> {
    const seen = new Set<TxId>([txid]);
    // A Set is walked in the order of insertion, also while it grows.
    for (const next of seen) {
      const entry = this.find(next);
      if (entry === undefined) continue;
      yield entry;
      for (const parent of entry.prev) seen.add(parent);
    }
  }

  /** Accepted and conflicted entries of this ledger in the order in which they were decided. */
  entries(): Iterable<Entry> {
    return this.#entries.values();
  }

  /** The coins of `entry` that nobody has spent. */
  unspentCoins(entry: Entry): readonly Coin[] {
    return coinsOf(entry).filter((coin) => this.findSpender(coin.txid, coin.owner) === undefined);
  }
}
