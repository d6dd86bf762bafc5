/** Contents of attached files in memory, while others ask for pieces of them. */
import type { Infohash } from '../../core/id.ts';
import type { Clock } from '../../time/clock.ts';
import { Serial } from '../../time/serial.ts';

/** More than a receiver fetches at a time, else each block that it asks for would read a whole file. At most 16 MiB each. */
const MAX_LOADED = 4;
/** After the last time that somebody asked. */
const KEPT_MS = 30_000;

interface Loaded {
  readonly content: Uint8Array;
  cancelTimeout: () => void;
}

/** Read from disk one at a time, and once for all who ask meanwhile: strangers may ask for all files at once. */
export class AttachmentContents {
  readonly #clock: Clock;
  readonly #read: (infohash: Infohash) => Promise<Uint8Array | undefined>;
  /** The one that was asked for last is the last. */
  readonly #loaded = new Map<Infohash, Loaded>();
  readonly #pending = new Map<Infohash, Promise<Uint8Array | undefined>>();
  readonly #reading = new Serial();

  constructor(clock: Clock, read: (infohash: Infohash) => Promise<Uint8Array | undefined>) {
    this.#clock = clock;
    this.#read = read;
  }

  /** The whole content; undefined where it is gone. Not to be changed. */
  load(infohash: Infohash): Promise<Uint8Array | undefined> {
    const content = this.#loaded.get(infohash)?.content;
    if (content !== undefined) {
      this.#keep(infohash, content);
      return Promise.resolve(content);
    }
    const pending = this.#pending.get(infohash) ?? this.#reading.run(() => this.#load(infohash));
    this.#pending.set(infohash, pending);
    return pending;
  }

  /** It is not given any more, or has become another. */
  forget(infohash: Infohash): void {
    this.#pending.delete(infohash);
    this.#loaded.get(infohash)?.cancelTimeout();
    this.#loaded.delete(infohash);
  }

  stop(): void {
    for (const infohash of [...this.#loaded.keys(), ...this.#pending.keys()]) this.forget(infohash);
  }

  async #load(infohash: Infohash): Promise<Uint8Array | undefined> {
    // Nobody may have it any more.
    const pending = this.#pending.get(infohash);
    if (pending === undefined) return undefined;
    try {
      const content = await this.#read(infohash);
      if (content !== undefined && this.#pending.get(infohash) === pending) this.#keep(infohash, content);
      return content;
    } finally {
      if (this.#pending.get(infohash) === pending) this.#pending.delete(infohash);
    }
  }

  #keep(infohash: Infohash, content: Uint8Array): void {
    this.#loaded.get(infohash)?.cancelTimeout();
    this.#loaded.delete(infohash);
    this.#loaded.set(infohash, { content, cancelTimeout: this.#clock.after(KEPT_MS, () => this.#loaded.delete(infohash)) });
    for (const [oldest, { cancelTimeout }] of this.#loaded) {
      if (this.#loaded.size <= MAX_LOADED) break;
      cancelTimeout();
      this.#loaded.delete(oldest);
    }
  }
}
