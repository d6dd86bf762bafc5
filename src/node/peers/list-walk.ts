/**
 * Reading a peer's list of transactions, which is in the order in which it accepted them: page by page, from where it goes beyond what is
 * here. docs/protocol.md, State.
 */
import type { TxId } from '../../core/id.ts';
import { MAX_INV } from '../../core/limit.ts';

/** Pages in a row that name nothing new, before a list counts as leading nowhere. */
const MAX_STALE_PAGES = 20;

/** `taken`: there is more; `end`: that was the last page; `stale`: it leads nowhere; `false`: no honest list looks like that. */
export type ListOutcome = 'taken' | 'end' | 'stale' | 'false';

/** One reading of one peer's list. */
export class ListWalk {
  readonly #isMissing: (txid: TxId) => boolean;
  #from: number;
  /** While it is not known from where on the list is new: how far to go back next. */
  #back: number;
  #stalePages = 0;

  /** @param from where the list may begin to be new; if it is new there already, it is read from further up */
  constructor(from: number, isMissing: (txid: TxId) => boolean) {
    this.#isMissing = isMissing;
    this.#from = from;
    this.#back = from === 0 ? 0 : MAX_INV;
  }

  /** Position from which the next page is to be asked for. */
  get from(): number {
    return this.#from;
  }

  /** Takes the page at {@link from}. @returns what of it is missing here, and how it goes on */
  take(page: readonly TxId[]): { readonly fresh: readonly TxId[]; readonly outcome: ListOutcome } {
    if (new Set(page).size < page.length) return { fresh: [], outcome: 'false' };
    const fresh = page.filter(this.#isMissing);
    if (this.#back > 0 && fresh.length > 0 && this.#from > 0) {
      this.#from = Math.max(0, this.#from - this.#back);
      this.#back *= 4;
      return { fresh, outcome: 'taken' };
    }
    this.#back = 0;
    this.#from += page.length;
    this.#stalePages = fresh.length === 0 ? this.#stalePages + 1 : 0;
    if (page.length < MAX_INV) return { fresh, outcome: 'end' };
    return { fresh, outcome: this.#stalePages >= MAX_STALE_PAGES ? 'stale' : 'taken' };
  }
}
