/** A clock that only moves when told: tests and simulations run hours in milliseconds, the same way each time. */
import type { Clock } from './clock.ts';

interface Alarm {
  readonly atMs: number;
  readonly order: number;
  /** Undefined when it was taken back. */
  action: (() => void) | undefined;
}

const isBefore = (a: Alarm, b: Alarm) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** Alarms, the next one first: a binary heap, because a simulation sets millions. */
class Alarms {
  readonly #heap: Alarm[] = [];

  get next(): Alarm | undefined {
    return this.#heap[0];
  }

  add(alarm: Alarm): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(alarm);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, alarm)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = alarm;
  }

  /** Takes {@link next} away. */
  shift(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      if (left === undefined) break;
      const isRight = right !== undefined && isBefore(right, left);
      const least = isRight ? right : left;
      if (isBefore(last, least)) break;
      heap[at] = least;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = last;
  }
}

/** Starts at `startMs`; {@link VirtualClock.advance} moves it. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #alarms = new Alarms();

  constructor(startMs = 1_800_000_000_000) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const alarm: Alarm = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, action };
    this.#alarms.add(alarm);
    return () => {
      alarm.action = undefined;
    };
  }

  /** Moves on by `durationMs` in one go: alarms ring in order, and nothing that waits for a promise runs between them. */
  leap(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.action?.();
    }
    this.#nowMs = endMs;
  }

  /** Moves on by `durationMs`, ringing alarms in order and letting what they started run between them. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      await settle();
      const next = this.#next(endMs);
      if (next === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.action?.();
    }
    this.#nowMs = endMs;
  }

  /** As if the thread had slept: what was due meanwhile rings late. */
  async sleep(durationMs: number): Promise<void> {
    this.#nowMs += durationMs;
    await this.advance(0);
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

  /** Takes the next alarm that is due until `endMs`, passing over those that were taken back. */
  #next(endMs: number): Alarm | undefined {
    for (let next = this.#alarms.next; next !== undefined && next.atMs <= endMs; next = this.#alarms.next) {
      this.#alarms.shift();
      if (next.action !== undefined) return next;
    }
    return undefined;
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
