/** One owner's view of one network: coins, balance and history, kept up to date with what is decided. */
import type { ActivityEntry, Balance, TransactionState } from '../api/node.ts';
import { coinsOf, type Entry } from '../core/entry.ts';
import { type Address, amount, type CoinId, coinId, locator, type TxId } from '../core/id.ts';
import type { Ledger } from '../core/ledger.ts';
import type { SpendableCoin } from '../core/payment.ts';
import { decodeTransaction, type Transaction } from '../core/transaction.ts';
import type { Store } from '../storage/store.ts';
import type { Decided } from './accept.ts';

/** Who else holds a transaction. */
export type Reach = Pick<ActivityEntry, 'holders' | 'delivered'>;

/** A transaction as the history keeps it. */
export interface HistoryItem {
  readonly entry: Entry;
  readonly note: string | undefined;
  readonly claimedAtMs: number;
  readonly seenAtMs: number;
}

/** Files read back at a time while the history is built. */
const PAGE = 500;

/** The note of a transaction, `modules.comment`, if it is text. */
export function noteOf(transaction: Transaction): string | undefined {
  const comment = transaction.modules?.comment;
  return typeof comment === 'string' ? comment : undefined;
}

/** Coins and history of one address. */
export class Wallet {
  readonly owner: Address;
  readonly #ledger: Ledger;
  readonly #coins = new Map<CoinId, SpendableCoin>();
  /** In order of arrival. */
  #history: HistoryItem[] = [];
  #known = new Set<TxId>();

  private constructor(owner: Address, ledger: Ledger) {
    this.owner = owner;
    this.#ledger = ledger;
  }

  /** Finds everything of `owner` in a ledger; `seenAtMs` tells when a transaction came. */
  static async load(owner: Address, ledger: Ledger, store: Store, seenAtMs: (txid: TxId) => number): Promise<Wallet> {
    const wallet = new Wallet(owner, ledger);
    const own = [...ledger.entries()].filter((entry) => wallet.#concerns(entry));
    for (let i = 0; i < own.length; i += PAGE) {
      const page = own.slice(i, i + PAGE);
      const files = await store.loadFiles(page.map((entry) => entry.txid));
      for (const entry of page) {
        const bytes = files.get(entry.txid);
        if (bytes !== undefined) wallet.#record(entry, decodeTransaction(bytes).transaction, seenAtMs(entry.txid));
      }
    }
    return wallet;
  }

  #concerns(entry: Entry): boolean {
    return entry.to === this.owner || entry.sender === this.owner;
  }

  /** Takes notice of newly decided transactions. @returns those that concern the owner */
  take(batch: readonly Decided[]): readonly TxId[] {
    const own: TxId[] = [];
    for (const { file, decision, firstSeenMs } of batch) {
      if (decision.kind === 'rejected' || !this.#concerns(decision.entry)) continue;
      this.#record(decision.entry, file.transaction, firstSeenMs);
      own.push(file.txid);
    }
    return own;
  }

  #record(entry: Entry, transaction: Transaction, seenAtMs: number): void {
    if (this.#known.has(entry.txid)) return;
    this.#known.add(entry.txid);
    this.#history.push({ entry, note: noteOf(transaction), claimedAtMs: transaction.time, seenAtMs });
    if (!this.#ledger.isAccepted(entry.txid)) return;
    if (entry.sender === this.owner) for (const parent of entry.prev) this.#coins.delete(coinId(parent, this.owner));
    for (const coin of coinsOf(entry)) {
      if (coin.owner !== this.owner || this.#ledger.findSpender(coin.txid, coin.owner) !== undefined) continue;
      this.#coins.set(coin.id, { locator: locator(entry.infohash, entry.txid), amount: coin.amount, trail: entry.trail });
    }
  }

  get coins(): readonly SpendableCoin[] {
    return [...this.#coins.values()];
  }

  get balance(): Balance {
    return { total: amount(this.coins.reduce((total, coin) => total + coin.amount, 0n)), coins: this.#coins.size };
  }

  get historyLength(): number {
    return this.#history.length;
  }

  /** Txids of the owner's transactions, newest first. */
  txids(): readonly TxId[] {
    return this.#history.map((item) => item.entry.txid).reverse();
  }

  /** A page of the history, newest first. */
  activity(offset: number, count: number, facts: (txid: TxId) => Reach): readonly ActivityEntry[] {
    const end = this.#history.length - offset;
    return this.#history
      .slice(Math.max(0, end - count), Math.max(0, end))
      .reverse()
      .map((item) => describe(item, this.owner, this.#ledger, facts(item.entry.txid)));
  }
}

/** One line of history, as `owner` sees it. Of a stranger's transaction: received, from its sender. */
export function describe(item: HistoryItem, owner: Address, ledger: Ledger, reach: Reach): ActivityEntry {
  const { entry, note, seenAtMs } = item;
  const { txid, infohash } = entry;
  const kind = kindOf(entry, owner);
  const counterparty = kind === 'received' ? entry.sender : entry.to;
  return { txid, infohash, kind, amount: entry.tokens, counterparty, note, seenAtMs, state: stateOf(ledger, txid), ...reach };
}

function kindOf(entry: Entry, owner: Address): ActivityEntry['kind'] {
  if (entry.prev.length === 0) return 'founded';
  if (entry.sender === entry.to) return 'self';
  return entry.sender === owner ? 'sent' : 'received';
}

/** Where a decided transaction stands. Settling, and so `contested` and `confirmed`, needs votes that this version does not have yet. */
export function stateOf(ledger: Ledger, txid: TxId): TransactionState {
  if (ledger.isRejected(txid)) return 'rejected';
  if (ledger.find(txid) === undefined) return 'mempool';
  return ledger.findWinners(txid) === undefined ? 'unconfirmed' : 'conflicted';
}
