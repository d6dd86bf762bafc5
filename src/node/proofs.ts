/** With what a transaction is handed over: links, and files that carry its history. */
import type { Proof } from '../api/node.ts';
import { TtxError } from '../core/error.ts';
import { type Locator, locator, type TxId } from '../core/id.ts';
import type { Ledger } from '../core/ledger.ts';
import { MAX_PROOF_FILE_BYTES, MAX_PROOF_FILES } from '../core/limit.ts';
import { acceptFragment, joinFragment, magnetLink } from '../core/link.ts';
import { encodeProofFile } from '../core/proof-file.ts';
import type { Store } from '../storage/store.ts';

export interface ProofsOptions {
  readonly ledger: Ledger;
  readonly store: Store;
  /** Of the genesis. */
  readonly network: Locator;
  readonly trackers: () => readonly string[];
  /** Makes the torrent of a transaction live. */
  readonly open: (txid: TxId, bytes: Uint8Array) => void;
}

/** Proofs of one network's transactions. */
export class Proofs {
  readonly #options: ProofsOptions;

  constructor(options: ProofsOptions) {
    this.#options = options;
  }

  /** Links with which a transaction is handed over. Its torrent is live from now on. @throws {TtxError} `unknown-transaction`, `file-dropped` */
  async load(txid: TxId): Promise<Proof> {
    const { ledger, store, network, open } = this.#options;
    const trackers = this.#options.trackers();
    const entry = ledger.find(txid);
    if (entry === undefined) throw new TtxError('unknown-transaction', { txid });
    const bytes = (await store.loadFiles([txid])).get(txid);
    if (bytes === undefined) throw new TtxError('file-dropped', { txid });
    open(txid, bytes);
    const own = locator(entry.infohash, txid);
    const target = { locator: own, network, trackers };
    const fragment = own === network ? joinFragment(network, trackers) : acceptFragment(target);
    return { txid, infohash: entry.infohash, magnet: magnetLink(target, bytes), fragment };
  }

  /** A proof file of a transaction, with as much of its history as fits and is kept here. @throws {TtxError} `unknown-transaction`, `file-dropped` */
  async loadFile(txid: TxId): Promise<Uint8Array> {
    const { ledger, store, network, trackers } = this.#options;
    const chosen = new Set<TxId>();
    let sizeBytes = 0;
    for (const entry of ledger.cone(txid)) {
      if (!store.holds(entry.txid)) continue;
      sizeBytes += entry.sizeBytes;
      if (sizeBytes > MAX_PROOF_FILE_BYTES || chosen.size === MAX_PROOF_FILES) break;
      chosen.add(entry.txid);
    }
    // The ledger's order is that of acceptance: ancestors first.
    const order = [...ledger.entries()].map((entry) => entry.txid).filter((known) => chosen.has(known) && known !== txid);
    const files = await store.loadFiles([...order, txid]);
    const own = files.get(txid);
    if (own === undefined) throw new TtxError(ledger.find(txid) === undefined ? 'unknown-transaction' : 'file-dropped', { txid });
    const ancestors = order.map((ancestor) => files.get(ancestor)).filter((file) => file !== undefined);
    return encodeProofFile([...ancestors, own], network, trackers());
  }
}
