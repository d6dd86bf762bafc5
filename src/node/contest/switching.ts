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

const UNCHANGED: Switch = { withdrawn: [], accepted: [], winners: new Map() };

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

  /** Goes over by the rules; not while it does so already. @returns false if that would withdraw what the owner chose */
  async goOver(rival: TxId): Promise<boolean> {
    if (this.#isBusy) return true;
    this.#isBusy = true;
    try {
      return await this.#switchTo(rival, undefined);
    } finally {
      this.#isBusy = false;
    }
  }

  /** Goes over for the owner, and stays; also where it is accepted already. Nothing happens where it cannot be. */
  async follow(rival: TxId): Promise<void> {
    await this.#switchTo(rival, this.#options.clock.nowMs());
  }

  /** On disk first; a node that dies before has not gone over, one that dies behind it has. */
  async #switchTo(rival: TxId, chosenMs: number | undefined): Promise<boolean> {
    const { ledger, acceptor, store, clock, settling, contests, nowMs, switched } = this.#options;
    const change = await acceptor.quiet(async () => {
      const isKept = chosenMs !== undefined && ledger.isAccepted(rival);
      const tried = isKept ? { draft: new Ledger(ledger.network, ledger), change: UNCHANGED } : this.tryOver(rival);
      if (tried === undefined) return undefined;
      const { winners, accepted, withdrawn } = tried.change;
      // Asked here, for the owner may have chosen while this waited its turn.
      if (chosenMs === undefined && withdrawn.some(({ txid }) => this.#chosenMs.has(txid))) return 'forbidden';
      const contestedMs = clock.nowMs();
      const lost = withdrawn.map(({ txid }) => ({ txid, withdrawnMs: contestedMs }));
      const again = accepted.map(({ txid }) => ({ txid, contestedMs }));
      const chosen = chosenMs === undefined ? [] : [{ txid: rival, chosenMs, settledMs: contestedMs }];
      const decided = [...winners].map(([txid, named]) => ({ txid, winners: named }));
      await store.commit({ amended: [...decided, ...lost, ...again, ...chosen] });
      ledger.absorb(tried.draft);
      for (const { txid, withdrawnMs } of lost) this.#withdrawnMs.set(txid, withdrawnMs);
      if (chosenMs !== undefined) this.#chosenMs.set(rival, chosenMs);
      return tried.change;
    });
    if (change === 'forbidden') return false;
    if (change === undefined) return true;
    for (const { txid } of change.withdrawn) settling.delete(txid);
    for (const entry of change.accepted) {
      if (contests.of(entry.txid).length > 0) settling.contest(entry, nowMs());
      else settling.add(entry, nowMs());
    }
    const chosen = chosenMs === undefined ? undefined : ledger.find(rival);
    if (chosen !== undefined) settling.choose(chosen, nowMs());
    await switched(change);
    return true;
  }
}
