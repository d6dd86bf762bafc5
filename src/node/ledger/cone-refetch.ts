/**
 * Brings back files that were dropped as strangers' and now belong to the cone of a coin of the wallet: whoever holds money keeps its
 * history. Peers are asked for them like for anything that somebody here waits for; what comes was checked when it was accepted, so its
 * txid says that it is the same file.
 */
import type { TxId } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import type { Store, StoredTransaction } from '../../storage/store.ts';
import type { Clock } from '../../time/clock.ts';

/** Files asked for at a time: room is left for what a person waits for. */
const AT_ONCE = 256;
/** Before those that nobody had are asked for again. */
const RETRY_MS = 60_000;
/** Entries looked at in one go, a few milliseconds. */
const STEP = 2_000;

interface ConeRefetchOptions {
  readonly ledger: Ledger;
  readonly store: Store;
  readonly clock: Clock;
  /** Asks all peers in turn for these, also those that failed before. */
  readonly urge: (txids: readonly TxId[]) => void;
  /** Runs a task while nothing is being decided: commits must not overlap. */
  readonly quiet: (task: () => Promise<void>) => Promise<void>;
  readonly changed: () => void;
  readonly failed: (error: unknown) => void;
}

/** Does nothing where nothing was dropped. */
export class ConeRefetch {
  readonly #options: ConeRefetchOptions;
  readonly #wanted = new Set<TxId>();
  #arrived: StoredTransaction[] = [];
  #isKeeping = false;
  #stopWaiting: () => void = () => {};
  #isStopped = false;

  constructor(options: ConeRefetchOptions) {
    this.#options = options;
  }

  /** The cones of these are the wallet's. Resolves when it is known what of them is not here; it is being fetched then. */
  async look(roots: Iterable<TxId>): Promise<void> {
    const { ledger, store, clock } = this.#options;
    if (store.usage().dropped === 0) return;
    const seen = new Set(roots);
    let steps = 0;
    // Grows while it is walked, at its end.
    for (const txid of seen) {
      const entry = ledger.find(txid);
      if (entry === undefined) continue;
      if (!store.holds(txid)) this.#wanted.add(txid);
      for (const parent of entry.prev) seen.add(parent);
      if (++steps % STEP === 0) await new Promise<void>((resolve) => void clock.after(0, resolve));
    }
    this.#ask();
  }

  /** A file has arrived, whose txid was computed from it. @returns whether it was wanted back */
  take(txid: TxId, bytes: Uint8Array): boolean {
    const { ledger, failed } = this.#options;
    const entry = ledger.find(txid);
    if (entry === undefined || !this.#wanted.delete(txid)) return false;
    // What else is known of it has stayed.
    this.#arrived.push({ entry, winners: ledger.findWinners(txid) ?? [], bytes, firstSeenMs: 0 });
    this.#keep().catch(failed);
    return true;
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopWaiting();
  }

  #ask(): void {
    const { clock, urge } = this.#options;
    this.#stopWaiting();
    if (this.#wanted.size === 0 || this.#isStopped) return;
    const some = [...this.#wanted].slice(0, AT_ONCE);
    this.#stopWaiting = clock.after(RETRY_MS, () => {
      // Others have their turn: nobody may have these.
      for (const txid of some) if (this.#wanted.delete(txid)) this.#wanted.add(txid);
      this.#ask();
    });
    urge(some);
  }

  async #keep(): Promise<void> {
    const { store, quiet, changed } = this.#options;
    if (this.#isKeeping) return;
    this.#isKeeping = true;
    try {
      while (this.#arrived.length > 0 && !this.#isStopped)
        await quiet(async () => {
          const added = this.#arrived;
          this.#arrived = [];
          try {
            if (!this.#isStopped) await store.commit({ added });
          } catch (error) {
            // No room: another time.
            for (const { entry } of added) this.#wanted.add(entry.txid);
            throw error;
          }
        });
    } finally {
      this.#isKeeping = false;
      changed();
    }
    this.#ask();
  }
}
