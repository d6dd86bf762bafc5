/** Going over to another side of a conflict: by the rules, or because this node's owner says so. docs/protocol.md, Conflicts. */
import { type Switch, switchTo } from '../../core/contest-switch.ts';
import type { TxId } from '../../core/id.ts';
import { Ledger } from '../../core/ledger.ts';
import type { Store, StoredEntry } from '../../storage/store.ts';
import type { Clock } from '../../time/clock.ts';
import type { Acceptor } from '../ledger/accept.ts';
import type { Contests } from './contests.ts';
import type { Settling } from './settling.ts';

interface SwitchingOptions {
  readonly ledger: Ledger;
  readonly acceptor: Acceptor;
  readonly store: Store;
  readonly clock: Clock;
  readonly settling: Settling;
  readonly contests: Contests;
  /** Good time. */
  readonly nowMs: () => number;
  readonly weightOf: (txid: TxId) => bigint;
  /** This node has gone over. Resolves when the wallet knows. */
  readonly switched: (change: Switch) => Promise<void>;
}

/** What one network's node goes over to. */
export class Switching {
  readonly #options: SwitchingOptions;
  /** What the owner chose, and when; also what lost again since. */
  readonly #chosenMs = new Map<TxId, number>();
  readonly #withdrawnMs = new Map<TxId, number>();
  #isBusy = false;

  constructor(options: SwitchingOptions) {
    this.#options = options;
  }

  /** Takes back what was chosen, and what was withdrawn. */
  restore({ entry, chosenMs, withdrawnMs }: StoredEntry): void {
    if (chosenMs !== undefined) this.#chosenMs.set(entry.txid, chosenMs);
    if (withdrawnMs !== undefined) this.#withdrawnMs.set(entry.txid, withdrawnMs);
  }

  /** When a transaction was last withdrawn after it had been accepted, Unix milliseconds. */
  withdrawnAtMs(txid: TxId): number | undefined {
    return this.#withdrawnMs.get(txid);
  }

  /** When the owner chose a transaction, Unix milliseconds. What is chosen and accepted is left for no rule. */
  chosenAtMs(txid: TxId): number | undefined {
    return this.#chosenMs.get(txid);
  }

  /** Whether an accepted transaction has settled here. */
  isSettled(txid: TxId): boolean {
    return this.#options.settling.isSettled(txid);
  }

  /** What going over would change, on a ledger laid over the real one; undefined where it cannot be. */
  tryOver(rival: TxId): { readonly draft: Ledger; readonly change: Switch } | undefined {
    const { ledger, weightOf } = this.#options;
    const draft = new Ledger(ledger.network, ledger);
    const change = switchTo(draft, rival, weightOf);
    return change && { draft, change };
  }

  /** Goes over by the rules; not while it does so already. */
  async goOver(rival: TxId): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      await this.#switchTo(rival, undefined);
    } finally {
      this.#isBusy = false;
    }
  }

  /** Goes over for the owner, and stays. Nothing happens where it is accepted already, or cannot be. */
  follow(rival: TxId): Promise<void> {
    return this.#switchTo(rival, this.#options.clock.nowMs());
  }

  /** On disk first; a node that dies before has not gone over, one that dies behind it has. */
  async #switchTo(rival: TxId, chosenMs: number | undefined): Promise<void> {
    const { ledger, acceptor, store, clock, settling, contests, nowMs, switched } = this.#options;
    const change = await acceptor.quiet(async () => {
      const tried = this.tryOver(rival);
      if (tried === undefined) return undefined;
      const { winners, accepted, withdrawn } = tried.change;
      const contestedMs = clock.nowMs();
      const lost = withdrawn.map(({ txid }) => ({ txid, withdrawnMs: contestedMs }));
      const again = accepted.filter(({ txid }) => contests.of(txid).length > 0).map(({ txid }) => ({ txid, contestedMs }));
      const chosen = chosenMs === undefined ? [] : [{ txid: rival, chosenMs, settledMs: contestedMs }];
      const decided = [...winners].map(([txid, named]) => ({ txid, winners: named }));
      await store.commit({ amended: [...decided, ...lost, ...again, ...chosen] });
      ledger.absorb(tried.draft);
      for (const { txid, withdrawnMs } of lost) this.#withdrawnMs.set(txid, withdrawnMs);
      return tried.change;
    });
    if (change === undefined) return;
    if (chosenMs !== undefined) this.#chosenMs.set(rival, chosenMs);
    for (const { txid } of change.withdrawn) settling.delete(txid);
    for (const entry of change.accepted) {
      if (chosenMs !== undefined && entry.txid === rival) settling.settle(entry, nowMs());
      else if (contests.of(entry.txid).length > 0) settling.contest(entry, nowMs());
      else settling.add(entry, nowMs());
    }
    await switched(change);
  }
}
