/** Where WebTorrent finds the pieces of an attached file: in memory while it is fetched, else loaded when somebody asks for them. */
import type { ChunkStore } from 'webtorrent';
import { PIECE_BYTES } from '../core/attachment.ts';

/** What others ask for at a time (BEP 3); of more, a crowd of requests would fill our memory. */
const MAX_BLOCK_BYTES = 16_384;

type Callback = (error: Error | null, bytes?: Uint8Array) => void;
const ignore: Callback = () => {};

/** abstract-chunk-store of one file. */
export class ContentStore implements ChunkStore {
  readonly chunkLength = PIECE_BYTES;
  /** A piece has come. */
  onPiece = () => {};
  readonly #sizeBytes: number;
  readonly #load: (() => Promise<Uint8Array | undefined>) | undefined;
  #bytes: Uint8Array | undefined;
  #receivedBytes = 0;

  /** @param load the whole content, for one that is seeded */
  constructor(sizeBytes: number, load?: () => Promise<Uint8Array | undefined>) {
    this.#sizeBytes = sizeBytes;
    this.#load = load;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** What has been fetched; undefined while a piece is missing. */
  take(): Uint8Array | undefined {
    return this.#receivedBytes >= this.#sizeBytes ? this.#bytes : undefined;
  }

  put(index: number, piece: Uint8Array, callback: Callback = ignore): void {
    const start = index * PIECE_BYTES;
    const fits = this.#load === undefined && index >= 0 && start + piece.length <= this.#sizeBytes;
    if (fits) {
      this.#bytes ??= new Uint8Array(this.#sizeBytes);
      this.#bytes.set(piece, start);
      this.#receivedBytes += piece.length;
    }
    queueMicrotask(() => callback(fits ? null : new Error('not a piece of this file')));
    if (fits) this.onPiece();
  }

  get(
    index: number,
    options: { readonly offset?: number; readonly length?: number } | null | undefined,
    callback: Callback = ignore,
  ): void {
    const refuse = () => callback(new Error('no such block'));
    if (options?.length !== undefined && options.length > MAX_BLOCK_BYTES) return queueMicrotask(refuse);
    const start = index * PIECE_BYTES + (options?.offset ?? 0);
    const end = options?.length === undefined ? Math.min(this.#sizeBytes, (index + 1) * PIECE_BYTES) : start + options.length;
    const read = (bytes: Uint8Array | undefined) => {
      const found = bytes !== undefined && index >= 0 && start <= end && end <= bytes.length;
      // A copy: a block that waits to be sent must not keep the whole file in memory.
      if (found) callback(null, bytes.slice(start, end));
      else refuse();
    };
    // What is still being fetched may be anything, and is given to nobody.
    (this.#load?.() ?? Promise.resolve(undefined)).then(read, () => read(undefined));
  }

  close(callback: Callback = ignore): void {
    queueMicrotask(() => callback(null));
  }

  destroy(callback: Callback = ignore): void {
    this.#bytes = undefined;
    queueMicrotask(() => callback(null));
  }
}
