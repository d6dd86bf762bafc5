/** Those who wait for the bytes of a file, whichever peer brings them. */
import type { TxId } from '../../core/id.ts';

/** Waiting, by file. */
export class Seekers {
  readonly #seekers = new Map<TxId, Set<(bytes: Uint8Array) => void>>();

  /** What is waited for. */
  txids(): readonly TxId[] {
    return [...this.#seekers.keys()];
  }

  /** @throws the signal's reason */
  wait(txid: TxId, signal: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const seekers = this.#seekers.get(txid) ?? new Set();
      this.#seekers.set(txid, seekers);
      const end = () => {
        seekers.delete(found);
        if (seekers.size === 0) this.#seekers.delete(txid);
        signal.removeEventListener('abort', abort);
      };
      const found = (bytes: Uint8Array) => {
        end();
        resolve(bytes);
      };
      const abort = () => {
        end();
        reject(signal.reason);
      };
      seekers.add(found);
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  /** A file has come, not checked yet. */
  found(txid: TxId, bytes: Uint8Array): void {
    for (const found of this.#seekers.get(txid) ?? []) found(bytes);
  }
}
