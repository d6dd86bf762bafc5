/** What people ask about payments: the history in pages, all about one transaction, and the files that it names. */
import type { ActivityEntry, TransactionDetail } from '../api/node.ts';
import { type Attachment, attachmentsOf } from '../core/attachment.ts';
import { TtxError } from '../core/error.ts';
import type { Address, Infohash, TxId } from '../core/id.ts';
import type { Ledger } from '../core/ledger.ts';
import { decodeTransaction } from '../core/transaction.ts';
import type { Store } from '../storage/store.ts';
import type { Conflicts } from './contest/conflicts.ts';
import type { Forks } from './contest/forks.ts';
import type { Witness } from './light/witness.ts';
import type { Holders } from './peers/holders.ts';
import type { Attachments } from './wallet/attachments.ts';
import { describe, noteOf, type Reach, type Wallet } from './wallet/wallet.ts';

export interface HistoryOptions {
  readonly ledger: Ledger;
  readonly store: Store;
  readonly wallet: () => Wallet | undefined;
  readonly owner: () => Address;
  readonly conflicts: Conflicts;
  readonly forks: Forks;
  readonly holders: Holders;
  readonly witness: Witness;
  readonly attachments: Attachments;
  /** Plain BitTorrent peers with a full bitfield, by infohash. */
  readonly plainHolders: () => ReadonlyMap<string, readonly string[]>;
  /** When this node first held a transaction, Unix milliseconds. */
  readonly seenAtMs: (txid: TxId) => number;
}

/** One owner's payments as the screens show them. */
export class History {
  readonly #options: HistoryOptions;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /** Lines in all. */
  get size(): number {
    return this.#options.wallet()?.historyLength ?? 0;
  }

  /** A page with its notes, latest first. */
  async load(offset: number, count: number): Promise<readonly ActivityEntry[]> {
    await this.#options.wallet()?.loadNotes(this.#options.store, offset, count);
    return this.page(offset, count);
  }

  /** A page; notes of the latest, and of what was loaded before. */
  page(offset: number, count: number): readonly ActivityEntry[] {
    const reach = this.#reacher();
    return this.#options.wallet()?.activity(offset, count, reach) ?? [];
  }

  /** Lines of single transactions, whatever page they are on. A note is not looked up. */
  lines(): (txid: TxId, note: string | undefined) => ActivityEntry | undefined {
    const { ledger, owner, seenAtMs } = this.#options;
    const reach = this.#reacher();
    return (txid, note) => {
      const entry = ledger.find(txid);
      return entry && describe({ entry, note, seenAtMs: seenAtMs(txid) }, owner(), ledger, reach(txid));
    };
  }

  /** What others have to do with transactions: who holds them, `ttx` peers that said so and plain BitTorrent peers, and who sees them otherwise. */
  #reacher(): (txid: TxId) => Reach {
    const { ledger, holders: known, conflicts, plainHolders, forks } = this.#options;
    const [plain, differing] = [plainHolders(), forks.counter()];
    return (txid) => {
      const holders = new Set([...known.of(txid), ...(plain.get(ledger.find(txid)?.infohash ?? '') ?? [])]).size;
      return {
        holders,
        delivered: holders > 0 || known.isDelivered(txid),
        standing: ledger.isAccepted(txid) ? conflicts.standingOf(txid) : undefined,
        differing: differing(txid) || undefined,
        chosenAtMs: forks.decidedAtMs(txid),
        withdrawnAtMs: forks.withdrawnAtMs(txid),
      };
    };
  }

  /** All that is known of a transaction, whether its file is kept or not. @throws {TtxError} `unknown-transaction` */
  async loadTransaction(txid: TxId): Promise<TransactionDetail> {
    const { ledger, store, owner, attachments: contents, witness, seenAtMs } = this.#options;
    const entry = ledger.find(txid);
    if (entry === undefined) throw new TtxError('unknown-transaction', { txid });
    const bytes = (await store.loadFiles([txid])).get(txid);
    const transaction = bytes && decodeTransaction(bytes).transaction;
    const attachments = transaction === undefined ? [] : attachmentsOf(transaction);
    if (attachments.length > 0) await contents.start();
    const { to, sender, burn, reward, charge, change, sizeBytes, prev, trail } = entry;
    const item = { entry, note: transaction && noteOf(transaction), seenAtMs: seenAtMs(txid) };
    return {
      ...describe(item, owner(), ledger, this.#reacher()(txid)),
      from: sender,
      to,
      claimedAtMs: transaction?.time,
      hasFile: bytes !== undefined,
      burn,
      reward,
      charge,
      change,
      workBits: trail.at(-1) ?? 0,
      sizeBytes,
      prev,
      conflictsWith: ledger.findWinners(txid) ?? [],
      attachments: attachments.map((attachment) => ({ ...attachment, isHere: contents.holds(attachment) })),
      witnesses: witness.of(txid),
    };
  }

  /** A file that a transaction names. @throws {TtxError} `unknown-transaction`, `attachment` */
  async #attachment(txid: TxId, infohash: Infohash): Promise<Attachment> {
    const named = (await this.loadTransaction(txid)).attachments.find((attachment) => attachment.infohash === infohash);
    if (named === undefined) throw new TtxError('attachment', { what: 'gone' });
    const { isHere: _, ...attachment } = named;
    return attachment;
  }

  /** Begins to fetch an attached file. @throws {TtxError} `unknown-transaction`, `attachment` */
  async fetchAttachment(txid: TxId, infohash: Infohash): Promise<void> {
    this.#options.attachments.fetch(await this.#attachment(txid, infohash));
  }

  /** The content of an attached file that is here. @throws {TtxError} `unknown-transaction`, `attachment` */
  async loadAttachment(txid: TxId, infohash: Infohash): Promise<Uint8Array<ArrayBuffer>> {
    return this.#options.attachments.load(await this.#attachment(txid, infohash));
  }
}
