/** What is wrong with the node itself: faults that no caller waits for are shown, and the node lives on. */
import type { ErrorReport } from '../api/node.ts';
import { isTtxError, TtxError } from '../core/error.ts';
import { isDeleted, isStorageFault } from './ledger/watched-store.ts';
import { isDismissal } from './wallet/dismissal.ts';

/** The fault reported last, until the disk is well again if it was the disk's. */
export class Trouble {
  readonly #changed: () => void;
  #fault: TtxError | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  report(error: unknown): void {
    if (isDismissal(error)) return;
    this.#fault = isTtxError(error) ? error : new TtxError('bug', { message: String(error).slice(0, 200) });
    this.#changed();
  }

  /** Something was written: a full disk has room again, a closed database is open. */
  wrote(): void {
    if (!isStorageFault(this.#fault) || isDeleted(this.#fault)) return;
    this.#fault = undefined;
    this.#changed();
  }

  /** A part of the app that could not be loaded is here now. */
  loaded(): void {
    if (!isTtxError(this.#fault, 'work-lost')) return;
    this.#fault = undefined;
    this.#changed();
  }

  describe(): ErrorReport | undefined {
    return this.#fault && { code: this.#fault.code, detail: this.#fault.detail };
  }
}
