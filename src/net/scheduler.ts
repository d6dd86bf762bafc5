/** Time, as the classes of this folder get it: from the platform, or from a test or simulation that moves it by hand. */

/** A clock that can call back. */
export interface Scheduler {
  /** Milliseconds; only differences mean something. */
  nowMs(): number;
  /** Runs `task` once after `delayMs`. @returns cancels it */
  after(delayMs: number, task: () => void): () => void;
}

/** The platform's clock and timers. */
export const systemScheduler: Scheduler = {
  nowMs: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

interface Task {
  readonly dueMs: number;
  readonly run: () => void;
}

/** Time that stands still until it is moved; tasks run in the order in which they are due. */
export class ManualScheduler implements Scheduler {
  #nowMs = 0;
  #tasks: Task[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const entry: Task = { dueMs: this.#nowMs + Math.max(0, delayMs), run: task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  /** Lets `durationMs` pass and runs what becomes due, tasks that those tasks schedule included. */
  advance(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      const next = this.#nextDue(endMs);
      if (next === undefined) break;
      this.#tasks = this.#tasks.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.run();
    }
    this.#nowMs = endMs;
  }

  #nextDue(endMs: number): Task | undefined {
    let first: Task | undefined;
    for (const task of this.#tasks) if (task.dueMs <= endMs && (first === undefined || task.dueMs < first.dueMs)) first = task;
    return first;
  }
}
