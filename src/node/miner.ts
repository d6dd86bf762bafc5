/** Works for a transaction: asks a work worker for one slice of nonces after another, so that it can be stopped and watched. */
import type { WorkApi } from '../api/work.ts';
import { TtxError } from '../core/error.ts';
import { MAX_INTEGER, MIN_WALLET_NONCE } from '../core/limit.ts';
import { leadingZeroBits, workHash } from '../core/work.ts';
import type { Clock, Random } from './clock.ts';

/** Length of a slice: short enough to stop at once, long enough that asking costs nothing. */
const SLICE_MS = 40;
const FIRST_SLICE = 20_000;
/** However quick the device, or its clock when it is set meanwhile. */
const LONGEST_SLICE = 4_000_000;
/** More work than this is offered to nobody: at a million tries a second it takes an hour. */
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
  #triesPerSec: number | undefined;

  constructor(worker: WorkApi, clock: Clock, random: Random) {
    this.#worker = worker;
    this.#clock = clock;
    this.#random = random;
  }

  /** Tries per second of this device; measured by a search that finds nothing, about a tenth of a second, once. */
  async measure(): Promise<number> {
    for (let slices = 0; this.#triesPerSec === undefined || slices < 3; slices++) {
      await this.#slice(new Uint8Array(32), 256, this.#start(), this.#sliceLength());
    }
    return this.#triesPerSec;
  }

  /**
   * Finds a nonce of 16 digits with at least `bits` leading zero bits over `core` (32 bytes). Takes 2^bits tries on average.
   * @throws {TtxError} `cancelled` when the signal ends it
   */
  async mine(core: Uint8Array, bits: number, signal: AbortSignal, progress: (progress: WorkProgress) => void): Promise<number> {
    let from = this.#start();
    let tries = 0;
    for (;;) {
      if (signal.aborted) throw new TtxError('cancelled');
      const count = this.#sliceLength();
      const nonce = await this.#slice(core, bits, from, count);
      if (signal.aborted) throw new TtxError('cancelled');
      if (nonce !== undefined) {
        // The search is quick code of ours; a library has the last word.
        if (leadingZeroBits(workHash(core, nonce)) < bits) throw new TtxError('bug', { what: 'work', nonce });
        return nonce;
      }
      from += count;
      tries += count;
      progress({ tries, triesPerSec: this.#triesPerSec ?? 0 });
    }
  }

  async #slice(core: Uint8Array, bits: number, from: number, count: number): Promise<number | undefined> {
    const beganMs = this.#clock.nowMs();
    const nonce = await this.#worker.search(core, bits, from, count);
    const tookMs = Math.max(1, this.#clock.nowMs() - beganMs);
    if (nonce === undefined) this.#triesPerSec = Math.round((count * 1000) / tookMs);
    return nonce;
  }

  #sliceLength(): number {
    if (this.#triesPerSec === undefined) return FIRST_SLICE;
    return Math.min(LONGEST_SLICE, Math.max(1_000, Math.round((this.#triesPerSec * SLICE_MS) / 1000)));
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
