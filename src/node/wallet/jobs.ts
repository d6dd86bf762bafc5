/** Work that a person waits for: shown with progress, stopped on request, and never started twice. */
import type { Job } from '../../api/node.ts';
import { TtxError } from '../../core/error.ts';

type Facts = Omit<Job, 'id' | 'kind'>;

const START: Facts = { stage: 'working', step: 1, steps: 1, tries: 0, expectedTries: 0, triesPerSec: 0 };

/** Finished jobs whose results are still handed to whoever asks with the same id: a double click, a retry of the page. */
const MAX_FINISHED = 20;

/** What a job may do while it runs. */
export interface JobHandle {
  readonly signal: AbortSignal;
  show(facts: Partial<Facts>): void;
}

/** All jobs, running ones and the results of recent ones. */
export class Jobs {
  readonly #running = new Map<string, { job: Job; readonly ended: AbortController }>();
  readonly #results = new Map<string, Promise<unknown>>();
  /** Of these, those that are there already, the oldest first. */
  readonly #finished = new Set<string>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  list(): readonly Job[] {
    return [...this.#running.values()].map(({ job }) => job);
  }

  /** Runs `task` under `id`; a second call with the same id and kind gets the first one's result. A failed job may be tried again. */
  run<T>(id: string, kind: Job['kind'], task: (handle: JobHandle) => Promise<T>): Promise<T> {
    const key = `${kind}/${id}`;
    // Safe: a key is used with one kind, and a kind has one result type.
    const known = this.#results.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const record = { job: { id, kind, ...START }, ended: new AbortController() };
    this.#running.set(id, record);
    const show = (facts: Partial<Facts>) => {
      record.job = { ...record.job, ...facts };
      this.#changed();
    };
    const result = task({ signal: record.ended.signal, show }).finally(() => {
      this.#running.delete(id);
      this.#changed();
    });
    this.#results.set(key, result);
    result.then(
      () => this.#finish(key),
      () => this.#results.delete(key),
    );
    this.#changed();
    return result;
  }

  /** Only what has ended is forgotten: a payment may wait for an hour while others are made. */
  #finish(key: string): void {
    this.#finished.add(key);
    for (const oldest of this.#finished) {
      if (this.#finished.size <= MAX_FINISHED) break;
      this.#finished.delete(oldest);
      this.#results.delete(oldest);
    }
  }

  /** Ends a job as soon as it looks; unknown ids are ignored. */
  cancel(id: string): void {
    this.#running.get(id)?.ended.abort(new TtxError('cancelled'));
  }

  /** Ends all of them because the node stops. Nobody has asked for that, so the next node may be asked for the same. */
  cancelAll(): void {
    for (const { ended } of this.#running.values()) ended.abort(new TtxError('moved'));
  }
}
