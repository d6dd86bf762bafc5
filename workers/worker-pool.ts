/** Workers of one kind, started when there is work for them and gone when there has been none for a while: each takes megabytes. */
import * as Comlink from 'comlink';

interface Running<Api> {
  readonly worker: Worker;
  readonly api: Comlink.Remote<Api>;
  /** Rejects when it ends. */
  readonly lost: Promise<never>;
  readonly lose: () => void;
  tasks: number;
}

interface WorkerPoolOptions {
  readonly start: () => Worker;
  /** Most workers at a time. */
  readonly size: number;
  readonly idleMs: number;
  /** What tasks throw whose worker could not be loaded, has died, or was ended. */
  readonly lost: () => Error;
}

/** Hands tasks to the worker that has the fewest. */
export class WorkerPool<Api> {
  readonly #options: WorkerPoolOptions;
  readonly #workers = new Set<Running<Api>>();
  #ending: ReturnType<typeof setTimeout> | undefined;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#options.size;
  }

  async run<T>(task: (api: Comlink.Remote<Api>) => Promise<T>): Promise<T> {
    const running = this.#choose();
    running.tasks++;
    try {
      return await Promise.race([task(running.api), running.lost]);
    } finally {
      running.tasks--;
      this.#endWhenIdle();
    }
  }

  #choose(): Running<Api> {
    const [freest] = [...this.#workers].sort((a, b) => a.tasks - b.tasks);
    if (freest !== undefined && (freest.tasks === 0 || this.#workers.size >= this.#options.size)) return freest;
    return this.#start();
  }

  #start(): Running<Api> {
    const worker = this.#options.start();
    let lose: () => void = () => undefined;
    const lost = new Promise<never>((_, reject) => {
      lose = () => reject(this.#options.lost());
    });
    lost.catch(() => undefined);
    const running: Running<Api> = { worker, api: Comlink.wrap<Api>(worker), lost, lose, tasks: 0 };
    worker.addEventListener('error', () => this.#end(running));
    this.#workers.add(running);
    return running;
  }

  /** Ends all workers, whatever they are doing. */
  end(): void {
    for (const running of this.#workers) this.#end(running);
  }

  #end(running: Running<Api>): void {
    running.worker.terminate();
    this.#workers.delete(running);
    running.lose();
  }

  #endWhenIdle(): void {
    clearTimeout(this.#ending);
    this.#ending = setTimeout(() => {
      for (const running of this.#workers) if (running.tasks === 0) this.#end(running);
    }, this.#options.idleMs);
  }
}
