/** Good time: runs only while this node could have heard of a rival. docs/consensus.md */
import type { Clock } from '../../time/clock.ts';

/** Longer without a look at the clock: the device slept, and what was said meanwhile is lost or still to be read. */
const LONGEST_STEP_MS = 3_000;

/** A clock that stands still while `isGood` is false. */
export class GoodTime {
  readonly #clock: Clock;
  readonly #isGood: () => boolean;
  #lookedMs: number;
  #nowMs = 0;
  #brokenMs = 0;
  #wasGood = false;

  constructor(clock: Clock, isGood: () => boolean) {
    this.#clock = clock;
    this.#isGood = isGood;
    this.#lookedMs = clock.nowMs();
  }

  /** Milliseconds of good time since the start, as of the last {@link look}. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** When the last gap ended: what must last without a break counts from here. */
  get brokenMs(): number {
    return this.#brokenMs;
  }

  /** Whether it ran at the last {@link look}. */
  get isRunning(): boolean {
    return this.#wasGood;
  }

  /** To be called often. */
  look(): void {
    const nowMs = this.#clock.nowMs();
    const stepMs = nowMs - this.#lookedMs;
    this.#lookedMs = nowMs;
    const isGood = this.#isGood();
    if (isGood && this.#wasGood && stepMs >= 0 && stepMs <= LONGEST_STEP_MS) this.#nowMs += stepMs;
    else this.#brokenMs = this.#nowMs;
    this.#wasGood = isGood;
  }
}
