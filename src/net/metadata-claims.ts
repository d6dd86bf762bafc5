/**
 * What peers say of the length of a torrent's metadata, before any of it is here. An ordinary torrent's is longer than a
 * transaction's can be, and is not fetched; somebody who pasted the link of a film must hear so all the same.
 *
 * `metadata_size` (BEP 9) is anybody's word: only the metadata itself could be checked against the infohash, and fetching up to 10 MB
 * from strangers to find out is what the limit is there to avoid. So one peer alone decides nothing, and neither do several
 * against one that says otherwise: a liar can then keep a film from a verdict, but not a payment from its owner, unless he
 * keeps everybody who holds it away as well.
 */
import type { Clock } from '../time/clock.ts';

/** Peers that must have said that the metadata is too long: one may lie or be broken. */
const WITNESSES = 2;
/**
 * How long after the first of them others may object. Longer than the longest wait between announces of a fetch, so that at least one
 * more has brought offers to whoever came to the swarm meanwhile.
 */
const OBJECTION_MS = 20_000;

/** For one fetch, until it ends. */
export class MetadataClaims {
  readonly #onTooLong: () => void;
  readonly #clock: Clock;
  readonly #witnesses = new Set<string>();
  #cancelWait: (() => void) | undefined;
  #hasWaited = false;
  #isSettled = false;

  /** @param onTooLong called once when it is taken for certain that no transaction is behind the infohash */
  constructor(clock: Clock, onTooLong: () => void) {
    this.#clock = clock;
    this.#onTooLong = onTooLong;
  }

  /** A peer named a length; `fits`: a transaction's metadata may be so long. */
  add(peerId: string, fits: boolean): void {
    if (this.#isSettled) return;
    if (fits) return this.settle();
    // Whoever comes under a thousand names takes no more memory than two.
    if (this.#witnesses.size < WITNESSES) this.#witnesses.add(peerId);
    this.#cancelWait ??= this.#clock.after(OBJECTION_MS, () => {
      this.#hasWaited = true;
      this.#conclude();
    });
    this.#conclude();
  }

  /** From now on nothing that is said counts: the metadata is here, somebody objected, or the fetch ended. */
  settle(): void {
    this.#isSettled = true;
    this.#cancelWait?.();
  }

  #conclude(): void {
    if (!this.#hasWaited || this.#witnesses.size < WITNESSES) return;
    this.settle();
    this.#onTooLong();
  }
}
