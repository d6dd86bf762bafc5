/** A clock that only moves when told: tests and simulations run hours in milliseconds, the same way each time. */
import type { Clock } from './clock.ts';

interface Alarm {
  readonly atMs: number;
  readonly order: number;
  readonly action: () => void;
}

/** Starts at `startMs`; {@link VirtualClock.advance} moves it. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #alarms = new Set<Alarm>();

  constructor(startMs = 1_800_000_000_000) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const alarm = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, action };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** Moves on by `durationMs`, ringing alarms in order and letting what they started run between them. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      await settle();
      const next = this.#next(endMs);
      if (next === undefined) break;
      this.#alarms.delete(next);
      this.#nowMs = next.atMs;
      next.action();
    }
    this.#nowMs = endMs;
  }

  /** Moves on in small steps until `done`, at most `limitMs`. @returns whether it was done in time */
  async until(done: () => boolean, limitMs = 60_000): Promise<boolean> {
    const endMs = this.#nowMs + limitMs;
    while (!done()) {
      if (this.#nowMs >= endMs) return false;
      await this.advance(10);
    }
    return true;
  }

  #next(endMs: number): Alarm | undefined {
    let first: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (alarm.atMs > endMs) continue;
      if (first === undefined || alarm.atMs < first.atMs || (alarm.atMs === first.atMs && alarm.order < first.order)) first = alarm;
    }
    return first;
  }
}

/** A turn of the event loop; `setImmediate` is Node's and some hundred times as quick as a timer. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    const { setImmediate = setTimeout } = globalThis as { setImmediate?: (task: () => void) => void };
    setImmediate(resolve);
  });

/** Lets promises that are due run on: as many turns as a chain of them is long. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 8; turns++) await turn();
}
