/**
 * What a light node does with news. It follows no strangers' payments, but one that pays this wallet, or that spends money on the way to
 * this wallet a second time, must be noticed. So while news are few, their files are looked at, and thrown away when they are no concern of
 * its own: peers do not learn what is looked for. Where they are many, most are passed over; a payment then comes by its link. docs/light.md
 */
import { addressOf } from '../../core/address.ts';
import { isTtxError } from '../../core/error.ts';
import { type Address, type TxId, txidOf } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import { decodeTransaction, type TransactionFile } from '../../core/transaction.ts';
import type { Peer } from '../../net/swarm.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import { TokenBucket } from '../../time/token-bucket.ts';
import type { Acceptor } from '../ledger/accept.ts';
import type { Fetcher } from '../peers/fetcher.ts';
import { RecentSet } from '../peers/recent-set.ts';

/** News of each peer that are looked at: per second in the long run, some 10 kB, and of a burst. Nobody can use up what is for another. */
const LOOKS = { perSecond: 20, burst: 400 } as const;
/** News remembered that are to be looked at, and that were passed over. */
const MAX_REMEMBERED = 20_000;
/** Histories of news that are sought at a time, and for how long. */
const MAX_PURSUED = 4;
const PURSUED_MS = 300_000;
/** How often it is looked what a history still lacks. */
const STEP_MS = 1_000;
/** Ancestors asked for at a time. */
const MAX_SOUGHT = 512;

interface LightNewsOptions {
  readonly ledger: Ledger;
  readonly acceptor: Pick<Acceptor, 'accept' | 'missingAncestors' | 'pool'>;
  readonly fetcher: () => Pick<Fetcher, 'urge' | 'relax' | 'wants'>;
  readonly clock: Clock;
  readonly owner: () => Address;
  readonly isLight: () => boolean;
  readonly failed: (error: unknown) => void;
}

/** The news that one light node looks at. */
export class LightNews {
  readonly #options: LightNewsOptions;
  /** Asked for only to be looked at. */
  readonly #glanced = new RecentSet<TxId>(MAX_REMEMBERED);
  /** Looked at, and none of this node's business. */
  readonly #passedOver = new RecentSet<TxId>(MAX_REMEMBERED);
  readonly #pursued = new Set<TxId>();
  readonly #stopped = new AbortController();
  /** Goes with the peer. */
  readonly #budgets = new WeakMap<Peer, TokenBucket>();

  constructor(options: LightNewsOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** Which of the transactions that a peer announces are fetched. Until a file is here, whoever announces it may be asked: the first may never send it. */
  choose(peer: Peer, txids: readonly TxId[]): readonly TxId[] {
    const { isLight, clock, fetcher, ledger } = this.#options;
    if (!isLight()) return txids;
    const nowMs = clock.nowMs();
    const budget = this.#budgets.get(peer) ?? new TokenBucket(LOOKS, nowMs);
    this.#budgets.set(peer, budget);
    return txids.filter((txid) => {
      if (fetcher().wants(txid)) return true;
      if (this.#passedOver.has(txid) || ledger.find(txid) !== undefined || !budget.take(1, nowMs)) return false;
      this.#glanced.add(txid);
      return true;
    });
  }

  /** Whether a file that has come is kept; false for news that are none of this node's business. */
  keeps(txid: TxId, bytes: Uint8Array): boolean {
    const { isLight, fetcher } = this.#options;
    if (!isLight()) return true;
    // A second copy, of a peer that was slow, is passed over as the first was, unless it is wanted for something else by now.
    if (!this.#glanced.delete(txid)) return !this.#passedOver.has(txid) || fetcher().wants(txid);
    try {
      const file = decodeTransaction(bytes);
      if (!this.isOfConcern(file)) {
        this.#passedOver.add(txid);
        return false;
      }
      this.pursue(bytes);
      return true;
    } catch (error) {
      // The acceptor says what is wrong with it.
      if (isTtxError(error)) return true;
      throw error;
    }
  }

  /** Whether a transaction is by or for this wallet, or spends a coin again that was spent on the way to it. */
  isOfConcern({ transaction }: TransactionFile): boolean {
    const { ledger, owner, isLight } = this.#options;
    if (!isLight() || transaction.to === owner()) return true;
    const sender = addressOf(transaction.key, ledger.network.parameters.hrp);
    return sender === owner() || (transaction.prev ?? []).some((parent) => ledger.findSpender(txidOf(parent), sender) !== undefined);
  }

  /** Decides on a file whose history may not be here, and fetches that. */
  pursue(bytes: Uint8Array): void {
    this.#pursue(bytes).catch((error) => {
      if (!this.#stopped.signal.aborted) this.#options.failed(error);
    });
  }

  async #pursue(bytes: Uint8Array): Promise<void> {
    const { acceptor, fetcher, clock } = this.#options;
    const [outcome] = await acceptor.accept([bytes]);
    if (outcome?.kind !== 'pending') return;
    const { file } = outcome;
    // A person waits for it already, and more patiently.
    if (acceptor.pool.isPinned(file.txid) || this.#pursued.size >= MAX_PURSUED) return;
    this.#pursued.add(file.txid);
    acceptor.pool.pin(file.txid);
    const sought = new Set<TxId>();
    const untilMs = clock.nowMs() + PURSUED_MS;
    try {
      while (acceptor.pool.find(file.txid) !== undefined && clock.nowMs() < untilMs) {
        const missing = acceptor.missingAncestors(file).slice(0, MAX_SOUGHT).map(txidOf);
        for (const txid of missing) sought.add(txid);
        fetcher().urge(missing);
        await sleep(clock, STEP_MS, this.#stopped.signal);
      }
    } finally {
      fetcher().relax(sought);
      acceptor.pool.unpin(file.txid);
      this.#pursued.delete(file.txid);
    }
  }
}
