/**
 * Where WebTorrent keeps the one piece of a transaction's torrent: in memory, at most one piece. WebTorrent's own default
 * would use the origin private file system, and clears a directory there as soon as it is constructed.
 */
import type { ChunkStore } from 'webtorrent';
import { MAX_FILE_BYTES } from '../core/limit.ts';

type Callback = (error: Error | null, bytes?: Uint8Array) => void;
const ignore: Callback = () => {};

/** abstract-chunk-store for index 0. Also constructed by WebTorrent itself, which passes the length of a piece. */
export class PieceStore implements ChunkStore {
  readonly chunkLength = MAX_FILE_BYTES;
  #bytes: Uint8Array | undefined;

  constructor(content?: Uint8Array | number) {
    if (content instanceof Uint8Array) this.#bytes = content;
  }

  put(index: number, bytes: Uint8Array, callback: Callback = ignore): void {
    const fits = index === 0 && bytes.length <= MAX_FILE_BYTES;
    if (fits) this.#bytes = bytes.slice();
    queueMicrotask(() => callback(fits ? null : new Error('not the piece of a transaction')));
  }

  get(
    index: number,
    options: { readonly offset?: number; readonly length?: number } | null | undefined,
    callback: Callback = ignore,
  ): void {
    const piece = index === 0 ? this.#bytes : undefined;
    const offset = options?.offset ?? 0;
    const length = options?.length ?? (piece?.length ?? 0) - offset;
    const found = piece !== undefined && offset >= 0 && length >= 0 && offset + length <= piece.length;
    queueMicrotask(() => (found ? callback(null, piece.subarray(offset, offset + length)) : callback(new Error('no such block'))));
  }

  close(callback: Callback = ignore): void {
    queueMicrotask(() => callback(null));
  }

  destroy(callback: Callback = ignore): void {
    this.#bytes = undefined;
    queueMicrotask(() => callback(null));
  }
}
