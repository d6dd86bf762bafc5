/**
 * Something the person asked for once: it runs, can be stopped, and ends. It lives outside the screens, so that leaving one
 * loses nothing, and a second click finds it running and starts nothing.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { ErrorReport } from '../api/node.ts';
import { toReport } from './report.ts';

/** Where an intent stands. */
export type IntentState<Request, Result> =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly jobId: string; readonly request: Request; readonly stopping: boolean }
  | { readonly kind: 'done'; readonly request: Request; readonly result: Result }
  | { readonly kind: 'failed'; readonly request: Request; readonly error: ErrorReport };

/** What an {@link Intent} needs from outside. */
export interface IntentDoors<Request, Result> {
  readonly run: (jobId: string, request: Request) => Promise<Result>;
  readonly cancel: (jobId: string) => Promise<void>;
  readonly newId: () => string;
}

/** After these nothing was signed or kept, so the next attempt is a new job; after any other it may be the same one. */
const CLEAN_ENDS: ReadonlySet<string> = new Set(['cancelled', 'not-enough', 'quote-changed', 'network-parameters', 'link', 'timeout']);

/** One intent at a time of one sort: a payment, founding a network, joining one. */
export class Intent<Request, Result> {
  readonly #doors: IntentDoors<Request, Result>;
  readonly #state = signal<IntentState<Request, Result>>({ kind: 'idle' });
  /** Job of an attempt that ended unclearly: tried again under the same id, so that a payment cannot be made twice. */
  #unclear: { readonly jobId: string; readonly request: Request } | undefined;

  constructor(doors: IntentDoors<Request, Result>) {
    this.#doors = doors;
  }

  get state(): ReadonlySignal<IntentState<Request, Result>> {
    return this.#state;
  }

  /** Begins unless one is running. Resolves when it has ended, however it ended; the end is in {@link state}. */
  async begin(request: Request): Promise<void> {
    if (this.#state.value.kind === 'running') return;
    const jobId = this.#unclear?.request === request ? this.#unclear.jobId : this.#doors.newId();
    this.#unclear = undefined;
    this.#state.value = { kind: 'running', jobId, request, stopping: false };
    try {
      const result = await this.#doors.run(jobId, request);
      this.#state.value = { kind: 'done', request, result };
    } catch (thrown) {
      const error = toReport(thrown);
      if (!CLEAN_ENDS.has(error.code)) this.#unclear = { jobId, request };
      this.#state.value = { kind: 'failed', request, error };
    }
  }

  /** Asks for a stop; the intent ends when the node has stopped, or has finished before it heard. */
  async cancel(): Promise<void> {
    const state = this.#state.value;
    if (state.kind !== 'running' || state.stopping) return;
    this.#state.value = { ...state, stopping: true };
    await this.#doors.cancel(state.jobId).catch(() => undefined);
  }

  /** Forgets an intent that has ended. */
  clear(): void {
    if (this.#state.value.kind === 'done' || this.#state.value.kind === 'failed') this.#state.value = { kind: 'idle' };
  }
}
