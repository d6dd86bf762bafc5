/** One owner's view of one network: coins, balance and history, kept up to date with what is decided. */
import type { ActivityEntry, Balance, Standing, TransactionState } from '../../api/node.ts';
import { coinsOf, type Entry } from '../../core/entry.ts';
import { type Address, amount, type CoinId, coinId, locator, type TxId } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import type { SpendableCoin } from '../../core/payment.ts';
import { decodeTransaction, type Transaction } from '../../core/transaction.ts';
import type { Store } from '../../storage/store.ts';
import type { Decided } from '../ledger/accept.ts';

/** Lines of history in every state; more are paged. */
export const RECENT_ACTIVITY = 50;

/** What others have to do with a transaction: who holds it, and where it stands. */
export type Reach = Pick<ActivityEntry, 'holders' | 'delivered' | 'standing' | 'differing' | 'chosenAtMs' | 'withdrawnAtMs'>;

/** A transaction as the history keeps it. */
export interface HistoryItem {
  readonly entry: Entry;
  readonly note: string | undefined;
  readonly seenAtMs: number;
}

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
  readonly #seenAtMs: (txid: TxId) => number;
  /** In order of arrival. */
  readonly #history: Entry[] = [];
  readonly #known = new Set<TxId>();
  /** Of those whose files have been looked at. */
  readonly #notes = new Map<TxId, string | undefined>();

  private constructor(owner: Address, ledger: Ledger, seenAtMs: (txid: TxId) => number) {
    this.owner = owner;
    this.#ledger = ledger;
    this.#seenAtMs = seenAtMs;
  }

  /** Finds everything of `owner` in a ledger, without reading files; `seenAtMs` tells when a transaction came. */
  static find(owner: Address, ledger: Ledger, seenAtMs: (txid: TxId) => number): Wallet {
    const wallet = new Wallet(owner, ledger, seenAtMs);
    for (const entry of ledger.entries()) if (wallet.#concerns(entry)) wallet.#record(entry);
    return wallet;
  }

  /** Reads the notes of a page of the history, newest first. They are in the files; where a file was dropped there is none. */
  async loadNotes(store: Store, offset: number, count: number): Promise<void> {
    const unread = this.#page(offset, count).filter(({ txid }) => !this.#notes.has(txid));
    if (unread.length === 0) return;
    const files = await store.loadFiles(unread.map(({ txid }) => txid));
    for (const { txid } of unread) {
      const bytes = files.get(txid);
      this.#notes.set(txid, bytes && noteOf(decodeTransaction(bytes).transaction));
    }
  }

  #concerns(entry: Entry): boolean {
    return entry.to === this.owner || entry.sender === this.owner;
  }

  /** Takes notice of newly decided transactions. @returns those that concern the owner */
  take(batch: readonly Decided[]): readonly TxId[] {
    const own: TxId[] = [];
    for (const { file, decision } of batch) {
      if (decision.kind === 'rejected' || !this.#concerns(decision.entry)) continue;
      this.#notes.set(file.txid, noteOf(file.transaction));
      this.#record(decision.entry);
      own.push(file.txid);
    }
    return own;
  }

  #record(entry: Entry): void {
    if (this.#known.has(entry.txid)) return;
    this.#known.add(entry.txid);
    this.#history.push(entry);
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
    return this.#history.map(({ txid }) => txid).reverse();
  }

  /** A page of the history, newest first. */
  activity(offset: number, count: number, facts: (txid: TxId) => Reach): readonly ActivityEntry[] {
    return this.#page(offset, count).map((entry) => {
      const { txid } = entry;
      const item = { entry, note: this.#notes.get(txid), seenAtMs: this.#seenAtMs(txid) };
      return describe(item, this.owner, this.#ledger, facts(txid));
    });
  }

  #page(offset: number, count: number): readonly Entry[] {
    const end = this.#history.length - offset;
    return this.#history.slice(Math.max(0, end - count), Math.max(0, end)).reverse();
  }
}

/** One line of history, as `owner` sees it. Of a stranger's transaction: received, from its sender. */
export function describe(item: HistoryItem, owner: Address, ledger: Ledger, reach: Reach): ActivityEntry {
  const { entry, note, seenAtMs } = item;
  const { txid, infohash } = entry;
  return {
    ...summarize(entry, owner),
    infohash,
    note,
    seenAtMs,
    state: stateOf(ledger, txid, reach.standing),
    cheat: cheatOf(entry, ledger, reach.standing),
    ...reach,
  };
}

/** What a line of history is about. */
export function summarize(entry: Entry, owner: Address): Pick<ActivityEntry, 'txid' | 'kind' | 'amount' | 'counterparty'> {
  const kind = kindOf(entry, owner);
  return { txid: entry.txid, kind, amount: entry.tokens, counterparty: kind === 'received' ? entry.sender : entry.to };
}

function kindOf(entry: Entry, owner: Address): ActivityEntry['kind'] {
  if (entry.prev.length === 0) return 'founded';
  if (entry.sender === entry.to) return 'self';
  return entry.sender === owner ? 'sent' : 'received';
}

/** Who spent the money twice, where somebody did and it matters. */
function cheatOf({ txid, prev, sender }: Entry, ledger: Ledger, standing: Standing | undefined): ActivityEntry['cheat'] {
  const winners = ledger.findWinners(txid);
  if (winners === undefined) return standing?.stage !== 'contested' ? undefined : standing.rivals.length > 0 ? 'sender' : 'earlier';
  const rivals = prev.flatMap((parent) => ledger.findSpender(parent, sender) ?? []);
  return rivals.some((rival) => winners.includes(rival)) ? 'sender' : 'earlier';
}

/** Where a transaction stands. */
export function stateOf(ledger: Ledger, txid: TxId, standing: Standing | undefined): TransactionState {
  if (ledger.isRejected(txid)) return 'rejected';
  if (ledger.find(txid) === undefined) return 'mempool';
  if (ledger.findWinners(txid) !== undefined) return 'conflicted';
  const stage = standing?.stage;
  return stage === 'contested' || stage === 'confirmed' ? stage : 'unconfirmed';
}
