/** While orphans wait, those of their ancestors that nobody delivered are sought again now and then: who has them may have come since. */
import { type TxId, txidOf } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import type { Clock } from '../../time/clock.ts';
import type { Pool } from '../ledger/pool.ts';

/** Between two searches; twice as long each time while nothing is accepted. */
const FIRST_REST_MS = 30_000;
const LONGEST_REST_MS = 600_000;
/** Ancestors sought at a time. */
const MAX_SOUGHT = 256;

interface OrphanSearchOptions {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly pool: Pool;
  /** Whether a file is neither here nor asked for. */
  readonly isLost: (txid: TxId) => boolean;
  readonly seek: (txids: ReadonlySet<TxId>) => void;
}

/** The search for the ancestors of orphans. */
export class OrphanSearch {
  readonly #options: OrphanSearchOptions;
  /** While it waits. */
  #takeBack: (() => void) | undefined;
  #stopped = false;
  #restMs = FIRST_REST_MS;
  #sizeBefore = 0;

  constructor(options: OrphanSearchOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#stopped = true;
    this.#takeBack?.();
  }

  /** An orphan waits. */
  begin(): void {
    if (this.#takeBack !== undefined || this.#stopped) return;
    this.#takeBack = this.#options.clock.after(this.#restMs, () => {
      this.#takeBack = undefined;
      const { ledger, pool } = this.#options;
      const isIdle = pool.size > 0 && ledger.size === this.#sizeBefore;
      this.#sizeBefore = ledger.size;
      this.#restMs = isIdle ? Math.min(2 * this.#restMs, LONGEST_REST_MS) : FIRST_REST_MS;
      if (pool.size === 0) return;
      this.#options.seek(this.#lost());
      this.begin();
    });
  }

  #lost(): ReadonlySet<TxId> {
    const lost = new Set<TxId>();
    for (const { file } of this.#options.pool.all()) {
      for (const parent of file.transaction.prev ?? []) if (this.#options.isLost(txidOf(parent))) lost.add(txidOf(parent));
      if (lost.size >= MAX_SOUGHT) break;
    }
    return lost;
  }
}
