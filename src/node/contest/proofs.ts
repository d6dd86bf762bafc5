/** Double-spend proofs on their way from peer to peer. docs/protocol.md, Conflicts. */
import { sha256 } from '@noble/hashes/sha2.js';
import { decodeDoubleSpend } from '../../core/double-spend.ts';
import { isTtxError } from '../../core/error.ts';
import { type TxId, txidFromBytes } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import type { Message } from '../../core/message.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import type { Peer } from '../../net/swarm.ts';
import type { Store } from '../../storage/store.ts';
import { Serial } from '../../time/serial.ts';
import type { Acceptor } from '../ledger/accept.ts';
import type { Topic } from '../peers/topic.ts';

/** Proofs of one peer being checked at a time; more are dropped, others bring them too. */
const MAX_PROOFS = 8;
const PENALTY = { badProof: 20 } as const;

interface ProofsOptions {
  readonly ledger: Ledger;
  readonly acceptor: Acceptor;
  readonly store: Store;
  /** Whether the proof of a double spend is any business of this node. */
  readonly isOfConcern: (file: TransactionFile) => boolean;
  /** A peer was told that these spend one coin. */
  readonly told: (peer: Peer, sides: readonly TxId[]) => void;
  readonly failed: (error: unknown) => void;
}

interface PeerRecord {
  readonly peer: Peer;
  checking: number;
  readonly telling: Serial;
}

/** Tells peers of double spends, and listens to theirs. */
export class DoubleSpendProofs implements Topic {
  readonly #options: ProofsOptions;
  readonly #peers = new Map<string, PeerRecord>();

  constructor(options: ProofsOptions) {
    this.#options = options;
  }

  joined(peer: Peer): void {
    this.#peers.set(peer.id, { peer, checking: 0, telling: new Serial() });
  }

  left(peer: Peer): void {
    this.#peers.delete(peer.id);
  }

  /** The files of a proof go the way of all files. */
  receive(peer: Peer, message: Message): void {
    const record = this.#peers.get(peer.id);
    if (message.t !== 'dsp' || record === undefined || record.checking >= MAX_PROOFS) return;
    const { ledger, acceptor, isOfConcern, failed } = this.#options;
    // Each proof comes once from every peer.
    if (message.files.every((file) => ledger.find(txidFromBytes(sha256(file))) !== undefined)) return;
    try {
      const { files } = decodeDoubleSpend(message.files);
      if (!files.some(isOfConcern)) return;
    } catch (error) {
      if (!isTtxError(error)) throw error;
      return peer.penalize(PENALTY.badProof, 'sent a proof of nothing');
    }
    record.checking++;
    acceptor
      .accept(message.files, { peer: peer.id })
      .then((outcomes) => {
        if (outcomes.some(({ kind }) => kind === 'rejected')) peer.penalize(PENALTY.badProof, 'sent a proof of nothing');
      })
      .catch(failed)
      .finally(() => record.checking--);
  }

  /** Tells peers, all if none are named, that one coin is spent by each of these: one proof after another, no faster than each peer takes them. */
  tell(sides: readonly TxId[], only?: Peer): void {
    for (const record of this.#peers.values())
      if (only === undefined || record.peer === only) record.telling.run(() => this.#send(record, sides)).catch(this.#options.failed);
  }

  async #send(record: PeerRecord, sides: readonly TxId[]): Promise<void> {
    const { peer } = record;
    if (this.#peers.get(peer.id) !== record) return;
    const { store, told } = this.#options;
    const files = await store.loadFiles(sides);
    const [one, other] = [...files.values()];
    if (one === undefined || other === undefined) return;
    peer.send({ t: 'dsp', files: [one, other] });
    told(peer, sides);
    await peer.drained();
  }
}
