/** Who waits for which file: callers of {@link Swarm.fetch}, who share one download per infohash. */
import type { Infohash } from '../core/id.ts';

/** Options of {@link Swarm.fetch}. */
export interface FetchOptions {
  readonly trackers?: readonly string[];
  readonly signal: AbortSignal;
  readonly connected?: (peers: number) => void;
}

interface Waiter {
  readonly options: FetchOptions;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
}

/** Jobs by infohash. Knows nothing of how a file is fetched. */
export class FetchJobs {
  readonly #jobs = new Map<Infohash, Set<Waiter>>();
  readonly #onAbandoned: (infohash: Infohash) => void;

  /** @param onAbandoned called when the last one who waited for a file gave up */
  constructor(onAbandoned: (infohash: Infohash) => void) {
    this.#onAbandoned = onAbandoned;
  }

  /** What somebody waits for. */
  infohashes(): readonly Infohash[] {
    return [...this.#jobs.keys()];
  }

  /** Trackers that those who wait for a file know beside the usual ones. */
  trackersOf(infohash: Infohash): readonly string[] {
    return [...new Set([...(this.#jobs.get(infohash) ?? [])].flatMap(({ options }) => options.trackers ?? []))];
  }

  /** @throws the signal's reason, or what the job is rejected with */
  wait(infohash: Infohash, options: FetchOptions): Promise<Uint8Array> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      const job = this.#jobs.get(infohash) ?? new Set();
      this.#jobs.set(infohash, job);
      const onAbort = () => {
        job.delete(waiter);
        reject(signal.reason);
        if (job.size > 0 || this.#jobs.get(infohash) !== job) return;
        this.#jobs.delete(infohash);
        this.#onAbandoned(infohash);
      };
      const silence = () => signal.removeEventListener('abort', onAbort);
      const waiter: Waiter = {
        options,
        resolve: (bytes) => {
          silence();
          resolve(bytes);
        },
        reject: (reason) => {
          silence();
          reject(reason);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      job.add(waiter);
    });
  }

  /** Gives the file to all who wait for it. */
  resolve(infohash: Infohash, bytes: Uint8Array): void {
    // A copy each: the original is what is sent to others.
    for (const waiter of this.#end(infohash)) waiter.resolve(bytes.slice());
  }

  /** Tells all who wait that the file will not come. */
  reject(infohash: Infohash, reason: unknown): void {
    for (const waiter of this.#end(infohash)) waiter.reject(reason);
  }

  /** Tells all who wait how many connections there are in the swarm. */
  tellConnected(infohash: Infohash, peers: number): void {
    for (const { options } of this.#jobs.get(infohash) ?? []) options.connected?.(peers);
  }

  #end(infohash: Infohash): Iterable<Waiter> {
    const job = this.#jobs.get(infohash);
    this.#jobs.delete(infohash);
    return job ?? [];
  }
}
