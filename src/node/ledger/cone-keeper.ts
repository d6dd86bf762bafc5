/**
 * Keeps the store within its budget. Over it, the files of strangers' payments are dropped, oldest first; what stays of each is its entry,
 * which is all that conflicts, coins and state roots need. What the wallet needs to prove its coins is never dropped, and fetched
 * again where it was dropped before the wallet needed it: the holder's duty is its cones. docs/architecture.md, State.
 */
import type { StorageState } from '../../api/node.ts';
import type { TxId } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import type { Store } from '../../storage/store.ts';
import type { Clock } from '../../time/clock.ts';
import { ConeRefetch } from './cone-refetch.ts';

/** Dropping goes on down to this share of the budget: then it does not begin again with the next payment. */
const LOW = 0.9;
/** The latest transactions keep their files, because they are what peers ask for: so many, or one for so many bytes of a small budget. */
const KEPT_LATEST = 1_000;
const BYTES_PER_LATEST = 4_096;
/** Entries looked at in one go, a few milliseconds. */
const STEP = 2_000;
/** Files dropped in one commit: rewrites about half a megabyte. */
const DROPPED_AT_ONCE = 1_024;
/** Where all that may be dropped is dropped, growth by this share of the budget before it is looked at again. */
const PATIENCE = 0.02;

interface ConeKeeperOptions {
  readonly ledger: Ledger;
  readonly store: Store;
  readonly clock: Clock;
  readonly budgetBytes: number;
  /** What others keep within the same budget. */
  readonly otherBytes?: () => number;
  /** Transactions whose whole cones stay: those of the wallet's coins, and what is being accepted. */
  readonly roots: () => readonly TxId[];
  /** Transactions that stay by themselves: the wallet's history. */
  readonly own: () => readonly TxId[];
  /** Runs a task while nothing is being decided: commits must not overlap. */
  readonly quiet: (task: () => Promise<void>) => Promise<void>;
  /** Asks all peers in turn for these files. */
  readonly urge: (txids: readonly TxId[]) => void;
  /** Called before the first file is dropped: from then on the node is light. */
  readonly lightened: () => void;
  readonly changed: () => void;
  readonly failed: (error: unknown) => void;
}

/** What must stay. */
interface Pinned {
  /** With everything before it. */
  readonly cones: Set<TxId>;
  /** By itself. */
  readonly single: Set<TxId>;
}

/** Drops files of one network; holds nothing while there is room. */
export class ConeKeeper {
  readonly #options: ConeKeeperOptions;
  readonly #refetch: ConeRefetch;
  #budgetBytes: number;
  /** While files are being dropped; undefined otherwise. */
  #pinned: Pinned | undefined;
  /** Nothing more can be dropped until this much is used. */
  #patientUntilBytes = 0;
  #isLight = false;
  #isStopped = false;

  constructor(options: ConeKeeperOptions) {
    this.#options = options;
    this.#budgetBytes = options.budgetBytes;
    this.#refetch = new ConeRefetch(options);
  }

  describe(): Omit<StorageState, 'chosen'> {
    const { dropped } = this.#options.store.usage();
    return { mode: this.#isLight || dropped > 0 ? 'light' : 'full', usedBytes: this.#usedBytes, budgetBytes: this.#budgetBytes, dropped };
  }

  setBudget(bytes: number): void {
    this.#budgetBytes = bytes;
    this.#patientUntilBytes = 0;
    this.look();
  }

  /** The ledger was read from the disk. */
  start(): void {
    this.#refetch.look(this.#options.roots()).catch(this.#options.failed);
    this.look();
  }

  stop(): void {
    this.#isStopped = true;
    this.#refetch.stop();
  }

  /** A file has arrived, whose txid was computed from it. @returns whether it was missing here, and is kept */
  takeBack(txid: TxId, bytes: Uint8Array): boolean {
    return this.#refetch.take(txid, bytes);
  }

  /** Something was written. Begins to drop where too much is used; resolves at once. */
  look(): void {
    const used = this.#usedBytes;
    if (this.#isStopped || this.#pinned !== undefined || used <= this.#budgetBytes || used < this.#patientUntilBytes) return;
    this.#pinned = { cones: new Set(), single: new Set(this.#options.own()) };
    this.#shrink(this.#pinned)
      .catch(this.#options.failed)
      .finally(() => {
        this.#pinned = undefined;
        this.#options.changed();
      });
  }

  /** These have become the wallet's: their cones stay, also in the middle of dropping, and what of them is gone is fetched again. */
  took(txids: readonly TxId[]): void {
    if (txids.length > 0) this.#refetch.look(txids).catch(this.#options.failed);
    const pinned = this.#pinned;
    if (pinned === undefined) return;
    for (const _ of this.#pinCones(txids, pinned.cones));
  }

  get #usedBytes(): number {
    const { fileBytes, entryBytes } = this.#options.store.usage();
    return fileBytes + entryBytes + (this.#options.otherBytes?.() ?? 0);
  }

  async #shrink(pinned: Pinned): Promise<void> {
    const { ledger, store, quiet, roots } = this.#options;
    const mustStay = (txid: TxId) => pinned.cones.has(txid) || pinned.single.has(txid);
    let steps = 0;
    for (const _ of this.#pinCones(roots(), pinned.cones)) if (++steps % STEP === 0) await this.#breathe();
    // Both sides of a conflict are evidence.
    for (const { txid } of ledger.conflicted > 0 ? ledger.entries() : []) {
      const winners = ledger.findWinners(txid);
      for (const side of winners === undefined ? [] : [txid, ...winners]) pinned.single.add(side);
      if (++steps % STEP === 0) await this.#breathe();
    }
    let files: TxId[] = [];
    let fileBytes = 0;
    const drop = async () => {
      await quiet(async () => {
        // Some may have become the wallet's since they were chosen.
        const dropped = files.filter((txid) => !mustStay(txid));
        if (dropped.length === 0 || this.#isStopped) return;
        this.#lighten();
        await store.commit({ dropped });
      });
      files = [];
      fileBytes = 0;
    };
    let left = ledger.size - Math.min(KEPT_LATEST, Math.floor(this.#budgetBytes / BYTES_PER_LATEST));
    // Grows while it is walked, at its end.
    for (const { txid, sizeBytes } of ledger.entries()) {
      if (this.#isStopped || left-- <= 0 || this.#usedBytes - fileBytes <= LOW * this.#budgetBytes) break;
      if (store.holds(txid) && !mustStay(txid)) {
        files.push(txid);
        fileBytes += sizeBytes;
      }
      if (files.length === DROPPED_AT_ONCE) await drop();
      if (++steps % STEP === 0) await this.#breathe();
    }
    await drop();
    this.#patientUntilBytes = this.#usedBytes + PATIENCE * this.#budgetBytes;
  }

  /** Peers hear of it before they can ask in vain for what full nodes have. */
  #lighten(): void {
    const { mode } = this.describe();
    this.#isLight = true;
    if (mode === 'full') this.#options.lightened();
  }

  /** Pins cones, one entry at each step. What is pinned already is not walked again. */
  *#pinCones(roots: readonly TxId[], cones: Set<TxId>): Generator<void> {
    const worklist = [...roots];
    for (let txid = worklist.pop(); txid !== undefined; txid = worklist.pop()) {
      if (cones.has(txid)) continue;
      cones.add(txid);
      for (const parent of this.#options.ledger.find(txid)?.prev ?? []) worklist.push(parent);
      yield;
    }
  }

  /** Lets others have their turn. */
  #breathe(): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.after(0, resolve);
    });
  }
}
