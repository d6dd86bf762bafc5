/** How far this node is on its way to what its peers have: for people, "n of about m". */
import type { SyncState } from '../../api/node.ts';
import type { Clock } from '../../time/clock.ts';

/** Fewer to come are no journey worth showing: they are there before it is read. */
const WORTH_SHOWING = 16;
/** The rate is that of the last few seconds: less jumps, more lags. */
const RATE_WINDOW_MS = 5_000;
/** In less, a batch more or less would make it jump. */
const LEAST_WINDOW_MS = 500;

interface SyncProgressOptions {
  readonly clock: Clock;
  /** Accepted here. */
  readonly held: () => number;
  /** What each peer says that it has accepted. */
  readonly peers: () => readonly number[];
  /** Whether anything is on its way. */
  readonly isBusy: () => boolean;
}

/** The progress of one network's node. */
export class SyncProgress {
  readonly #options: SyncProgressOptions;
  #taken: { readonly atMs: number; readonly count: number }[] = [];
  #isShown = false;

  constructor(options: SyncProgressOptions) {
    this.#options = options;
  }

  /** So many more were accepted. */
  take(count: number): void {
    const nowMs = this.#options.clock.nowMs();
    this.#taken = this.#taken.filter(({ atMs }) => nowMs - atMs < RATE_WINDOW_MS);
    this.#taken.push({ atMs: nowMs, count });
  }

  /** Undefined when there is nothing to catch up with. */
  state(): SyncState | undefined {
    const { held, isBusy } = this.#options;
    const about = this.#about();
    const toCome = about - held();
    this.#isShown = isBusy() && toCome >= (this.#isShown ? 1 : WORTH_SHOWING);
    return this.#isShown ? { held: held(), about, perSec: this.#perSec() } : undefined;
  }

  /** What the best peer has; of three or more the second best, so that one liar can't make the way look endless. */
  #about(): number {
    const counts = [...this.#options.peers()].sort((a, b) => b - a);
    return (counts.length > 2 ? counts[1] : counts[0]) ?? 0;
  }

  #perSec(): number {
    const nowMs = this.#options.clock.nowMs();
    const [first, ...later] = this.#taken.filter(({ atMs }) => nowMs - atMs < RATE_WINDOW_MS);
    if (first === undefined) return 0;
    // How long the first of them took to come is not known: it only starts the clock.
    const count = later.reduce((sum, taken) => sum + taken.count, 0);
    return Math.round((count * 1_000) / Math.max(LEAST_WINDOW_MS, nowMs - first.atMs));
  }
}
