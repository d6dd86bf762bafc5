/** Works for a transaction: gives work workers one slice of nonces after another, so that they can be stopped and watched. */
import type { WorkApi } from '../../api/work.ts';
import { TtxError } from '../../core/error.ts';
import { MAX_INTEGER, MIN_WALLET_NONCE } from '../../core/limit.ts';
import { leadingZeroBits, workHash } from '../../core/work.ts';
import type { Clock, Random } from '../../time/clock.ts';

/** Length of a slice: after it every worker has stopped. Long enough that asking costs nothing. */
const SLICE_MS = 10;
const FIRST_SLICE = 20_000;
/** However quick the device, or its clock when it is set meanwhile. */
const LONGEST_SLICE = 1_000_000;
/** Slices that each worker is measured by, after some in which it starts and its code is compiled. */
const MEASURED = { before: 3, counted: 8 } as const;
/** More work than this is offered to nobody: at ten million tries a second it takes seven minutes. */
export const MAX_WORK_BITS = 32;

export interface WorkProgress {
  readonly tries: number;
  readonly triesPerSec: number;
}

/** The one who works. */
export class Miner {
  readonly #worker: WorkApi;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #parallel: number;
  #sliceLength = FIRST_SLICE;
  #mining = 0;

  /** @param parallel how many slices `worker` searches at a time */
  constructor(worker: WorkApi, clock: Clock, random: Random, parallel = 1) {
    this.#worker = worker;
    this.#clock = clock;
    this.#random = random;
    this.#parallel = parallel;
  }

  /** Tries per second of this device; measured by a search that finds nothing, about a tenth of a second. */
  async measure(): Promise<number> {
    let triesPerSec = 0;
    for (const slices of [MEASURED.before, MEASURED.counted]) {
      let left = slices * this.#parallel;
      const measured = (progress: WorkProgress) => (triesPerSec = progress.triesPerSec);
      await this.#search(new Uint8Array(32), 256, () => left-- > 0, measured);
    }
    return triesPerSec;
  }

  /**
   * Finds a nonce of 16 digits with at least `bits` leading zero bits over `core` (32 bytes). Takes 2^bits tries on average.
   * @throws the signal's reason as soon as that ends it; the workers stop within two slices' time
   */
  async mine(core: Uint8Array, bits: number, signal: AbortSignal, progress: (progress: WorkProgress) => void): Promise<number> {
    let abort = (): void => undefined;
    const aborted = new Promise<undefined>((resolve) => {
      abort = () => resolve(undefined);
    });
    signal.addEventListener('abort', abort, { once: true });
    const show = (found: WorkProgress) => {
      if (!signal.aborted) progress(found);
    };
    this.#mining++;
    const search = this.#search(core, bits, () => !signal.aborted, show).finally(() => this.#mining--);
    const nonce = await Promise.race([aborted, search]);
    signal.removeEventListener('abort', abort);
    // Why it was stopped: because somebody asked for that, or because the node stops.
    if (signal.aborted) throw signal.reason;
    if (nonce === undefined) throw new TtxError('cancelled');
    // The search is quick code of ours; a library has the last word.
    if (leadingZeroBits(workHash(core, nonce)) < bits) throw new TtxError('bug', { what: 'work', nonce });
    return nonce;
  }

  /**
   * The nonce with the most leading zero bits over `core` (32 bytes) that one worker finds in about `effortMs`: work without a goal, for a vote.
   * @returns undefined where somebody's own work goes on: that comes first
   */
  async best(core: Uint8Array, effortMs: number): Promise<number | undefined> {
    const endMs = this.#clock.nowMs() + effortMs;
    let from = this.#start();
    let best: number | undefined;
    let bits = 1;
    do {
      if (this.#mining > 0) return undefined;
      const count = this.#sliceLength;
      const nonce = await this.#worker.search(core, bits, from, count);
      if (nonce !== undefined) bits = leadingZeroBits(workHash(core, nonce)) + 1;
      best = nonce ?? best;
      from = nonce === undefined ? from + count : nonce + 1;
    } while (this.#clock.nowMs() < endMs);
    return best;
  }

  /** Gives out slices while `mayGoOn`, until one holds what is looked for. */
  async #search(
    core: Uint8Array,
    bits: number,
    mayGoOn: () => boolean,
    progress: (progress: WorkProgress) => void,
  ): Promise<number | undefined> {
    const beganMs = this.#clock.nowMs();
    let from = this.#start();
    let tries = 0;
    let found: number | undefined;
    let isOver = false;
    const searchSlices = async () => {
      while (!isOver && mayGoOn()) {
        const count = this.#sliceLength;
        const slice = from;
        from += count;
        const sliceMs = this.#clock.nowMs();
        const nonce = await this.#worker.search(core, bits, slice, count);
        found ??= nonce;
        isOver ||= found !== undefined;
        if (isOver) return;
        this.#sliceLength = this.#lengthAfter(count, this.#clock.nowMs() - sliceMs);
        tries += count;
        progress({ tries, triesPerSec: Math.round((tries * 1000) / Math.max(1, this.#clock.nowMs() - beganMs)) });
      }
    };
    try {
      await Promise.all(Array.from({ length: this.#parallel }, searchSlices));
    } finally {
      isOver = true;
    }
    return found;
  }

  /** Clocks count whole milliseconds and may be set, and a busy device answers late: a slice at most doubles, or is halved. */
  #lengthAfter(count: number, tookMs: number): number {
    if (tookMs < 1) return count;
    const ideal = (count * SLICE_MS) / tookMs;
    return Math.round(Math.min(LONGEST_SLICE, 2 * count, Math.max(1_000, count / 2, ideal)));
  }

  /** Somewhere in the lower half of the 16-digit nonces, so that no search runs out of them. */
  #start(): number {
    const bytes = this.#random(8);
    const value = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
    return MIN_WALLET_NONCE + Number(value % BigInt(Math.floor((MAX_INTEGER - MIN_WALLET_NONCE) / 2)));
  }
}

/** Work level that takes about a second on a device, in leading zero bits. */
export const bitsForOneSecond = (triesPerSec: number): number => Math.min(MAX_WORK_BITS, Math.max(8, Math.floor(Math.log2(triesPerSec))));
