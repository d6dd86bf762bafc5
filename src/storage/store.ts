/**
 * What the node needs of a disk. Two kinds of database: one {@link Vault} for the person (wallets, joined networks,
 * settings) and one {@link Store} per network (its transactions). `idb.ts` is the real one, `memory.ts` serves tests and
 * simulations; one contract suite runs on both.
 */
import type { Attachment } from '../core/attachment.ts';
import type { Entry } from '../core/entry.ts';
import type { Address, Amount, Infohash, Locator, TxId } from '../core/id.ts';

/** What is always kept of a transaction, with its file or without. */
export interface StoredEntry {
  readonly entry: Entry;
  /** What it lost against; empty for an accepted one. */
  readonly winners: readonly TxId[];
  /** When this node first held it, Unix milliseconds. */
  readonly firstSeenMs: number;
  /** When it was settled here (`docs/protocol.md`, Conflicts); absent while it is not. */
  readonly settledMs?: number;
  /** When it was confirmed here; absent while it is not, older than `settledMs` if it has to be again. */
  readonly confirmedMs?: number;
  /** When a rival became known before it settled; absent if never. */
  readonly contestedMs?: number;
  /** When somebody else was first known to hold it; kept of the wallet's own. */
  readonly deliveredMs?: number;
  /** When this node's owner chose it against what it conflicts with; absent if never. */
  readonly chosenMs?: number;
  /** When it was last withdrawn here after it had been accepted; absent if never. */
  readonly withdrawnMs?: number;
}

/** Times that become known after a transaction was accepted. */
export type LaterTime = 'settledMs' | 'confirmedMs' | 'contestedMs' | 'deliveredMs' | 'chosenMs' | 'withdrawnMs';

/** A transaction as it is given to be kept. */
export interface StoredTransaction extends StoredEntry {
  /** The file, exactly as it was signed. */
  readonly bytes: Uint8Array;
}

/** Facts about a kept transaction that change after it was accepted. */
export type Amendment = { readonly txid: TxId } & Partial<Pick<StoredEntry, 'winners' | LaterTime>>;

/** A file that an older version of the app kept without its entry. */
export interface UndecidedFile {
  readonly bytes: Uint8Array;
  readonly firstSeenMs: number;
}

/** What a store takes up. */
export interface StoreUsage {
  /** Files of transactions. */
  readonly fileBytes: number;
  /** Everything else that is kept of them. */
  readonly entryBytes: number;
  /** Transactions whose files were dropped. */
  readonly dropped: number;
}

/** A proof that a person handed in and that is not accepted yet: taken up again after a reload. */
export interface Want {
  readonly id: string;
  readonly infohash: Infohash;
  readonly txid?: TxId;
  readonly trackers: readonly string[];
  /** The file, once it is here; its ancestors may still be missing. */
  readonly bytes?: Uint8Array;
  readonly startedAtMs: number;
}

/** An attached file whose content is kept. */
export interface KeptAttachment {
  readonly attachment: Attachment;
  /** The info dictionary of its torrent. */
  readonly info: Uint8Array;
  readonly keptAtMs: number;
}

/** Everything that changes in one step: all of it is on disk when `commit` resolves, or none. */
export interface Commit {
  /** Added in this order; parents stand before children. One whose file was dropped gets it back. */
  readonly added?: readonly StoredTransaction[];
  /** Their files go, their entries stay. Unknown ones are ignored. */
  readonly dropped?: readonly TxId[];
  readonly amended?: readonly Amendment[];
  readonly wanted?: readonly Want[];
  readonly unwanted?: readonly string[];
  /** Payments of this wallet by the job that made them, so that one asked for twice is made once. */
  readonly paid?: readonly { readonly job: string; readonly txid: TxId }[];
  /** Attached files. Without `content`, that of a file that is kept already stays. */
  readonly attached?: readonly (KeptAttachment & { readonly content?: Uint8Array })[];
  /** Their contents go. Unknown ones are ignored. */
  readonly detached?: readonly Infohash[];
}

/** Most entries in one page of {@link Store.load}. */
export const MAX_PAGE = 4_096;

/** One network's data. */
export interface Store {
  /**
   * Reads all entries back, never files: in order of commit, amendments applied, in pages of at most {@link MAX_PAGE}. What follows from
   * them ({@link holds}, {@link usage}) is known from then on.
   * @throws {TtxError} `storage-newer`, `storage-lost`
   */
  load(page: (entries: readonly StoredEntry[]) => void): Promise<void>;
  /**
   * Hands over what an older version of the app kept undecided, page by page and oldest first, after {@link load}. What `decide` returns
   * takes its place in one atomic step. There is nothing, as a rule.
   * @throws {TtxError} as {@link commit}
   */
  upgrade(decide: (files: readonly UndecidedFile[]) => readonly StoredTransaction[]): Promise<void>;
  /** Whether the file of this transaction is kept. */
  holds(txid: TxId): boolean;
  usage(): StoreUsage;
  /** Oldest first. */
  loadWants(): Promise<readonly Want[]>;
  /** The payment that `job` made. */
  findPaid(job: string): Promise<TxId | undefined>;
  /** Attached files whose contents are kept, oldest first. */
  loadAttachments(): Promise<readonly KeptAttachment[]>;
  /** The content of an attached file. */
  loadAttachment(infohash: Infohash): Promise<Uint8Array | undefined>;
  /** The files of the txids whose files are kept here; others are left out. */
  loadFiles(txids: readonly TxId[]): Promise<ReadonlyMap<TxId, Uint8Array>>;
  /**
   * Atomic and durable, one after another in the order of calls. The same commit again, after an error left open
   * whether it was written, changes nothing: a transaction that is kept stays as it is. Amendments of unknown ones are dropped.
   * @throws {TtxError} `storage-full`, `storage-lost`, `storage-taken`
   */
  commit(commit: Commit): Promise<void>;
  close(): Promise<void>;
}

/** A wallet's secret. `plain` until encryption at rest comes: then `sealed` joins the union and callers must unlock it. */
export interface PlainSecret {
  readonly kind: 'plain';
  /** BIP39 entropy, 16 bytes (12 words). */
  readonly entropy: Uint8Array;
}
export type Secret = PlainSecret;

export interface StoredWallet {
  readonly id: string;
  readonly secret: Secret;
  /** ed25519 public key, hex, so that an address can be shown before the secret is touched. */
  readonly publicKey: string;
  readonly createdAtMs: number;
  readonly origin: 'created' | 'restored';
  readonly backedUpAtMs?: number;
}

export interface StoredNetwork {
  /** txid of the genesis. */
  readonly id: TxId;
  readonly locator: Locator;
  /** The genesis file: the network opens even if its database is new. */
  readonly genesis: Uint8Array;
  readonly joinedAtMs: number;
  readonly openedAtMs: number;
  /** Absent: full. */
  readonly mode?: 'full' | 'light';
  /** Trackers that came with a link or were added by hand; the app's own are not kept, they come with the app. */
  readonly trackers: readonly { readonly url: string; readonly source: 'link' | 'user' }[];
  /** Trackers of the app that were removed by hand. */
  readonly removedTrackers: readonly string[];
}

/** A payment that its owner has agreed to, until it has ended. */
export interface StoredOrder {
  readonly job: string;
  readonly network: TxId;
  readonly wallet: string;
  readonly to: Address;
  /** What the receiver gets. */
  readonly amount: Amount;
  /** Whether that is all there is. */
  readonly isAll: boolean;
  readonly note: string | undefined;
  /** How many files go with it. */
  readonly files: number;
  /** It was not sent, and its owner knows: it may have been made anew since. */
  readonly isDismissed?: boolean;
}

/** What the owner chose on this device. */
export interface StoredSettings {
  readonly walletId?: string;
  /** The development network was left: it is not joined again by itself. */
  readonly leftDevnet?: boolean;
  readonly workBits?: number | 'auto';
  /** Bytes that one network may take up on this device before files of strangers' payments are dropped. */
  readonly storageBudgetBytes?: number;
  /** Measured hashes per second of this device's work worker. */
  readonly triesPerSec?: number;
  /** Payments under way, oldest first. */
  readonly orders?: readonly StoredOrder[];
}

/** The person's data. Each method is one atomic step. */
export interface Vault {
  /** Whether opening it has created it: then there is nothing to be read yet. */
  readonly isNew: boolean;
  load(): Promise<{
    readonly wallets: readonly StoredWallet[];
    readonly networks: readonly StoredNetwork[];
    readonly settings: StoredSettings;
  }>;
  putWallet(wallet: StoredWallet): Promise<void>;
  putNetwork(network: StoredNetwork): Promise<void>;
  /** Forgets a network. Its Store is deleted with {@link Storage.deleteStore}. */
  deleteNetwork(id: TxId): Promise<void>;
  /** Merges `change` into the settings. */
  putSettings(change: StoredSettings): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens databases. Whoever opened one last may write to it; earlier connections still read, and are told `storage-taken` when they write.
 * On a full disk what is there opens to be read; each write then throws `storage-full` until there is room, and `storage-taken` if
 * somebody else has opened it by then.
 * A connection that the browser closes opens itself again, unless the data is gone: then every call throws `storage-lost` with
 * `what: deleted`. `onClosed` is called when the browser closes a connection that its owner has not closed.
 */
export interface Storage {
  /** @throws {TtxError} `storage-newer`, `storage-lost`, `unsupported`; `storage-full` when there is nothing to read yet */
  openVault(onClosed?: () => void): Promise<Vault>;
  /** Creates it if it is not there. @throws as {@link openVault} */
  openStore(network: TxId, onClosed?: () => void): Promise<Store>;
  deleteStore(network: TxId): Promise<void>;
}

/** Wants, oldest first. */
export const inOrder = (wants: readonly Want[]): Want[] =>
  [...wants].sort((a, b) => a.startedAtMs - b.startedAtMs || (a.id < b.id ? -1 : 1));

/** Attached files, oldest first. */
export const byAge = (kept: readonly KeptAttachment[]): KeptAttachment[] =>
  [...kept].sort((a, b) => a.keptAtMs - b.keptAtMs || (a.attachment.infohash < b.attachment.infohash ? -1 : 1));
