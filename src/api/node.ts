/**
 * The contract between the page and the node's worker: plain cloneable types, no logic. The page calls {@link NodeApi}
 * through Comlink and is sent one {@link NodeState} after each change, at most one per frame.
 */
import type { Attachment } from '../core/attachment.ts';
import type { Address, Amount, Infohash, TxId } from '../core/id.ts';
import type { NetworkParameters } from '../core/network.ts';
import type { FollowPreview, ForkDetail } from './fork.ts';
import type { ActivityEntry, ErrorReport, NetworkMode, NetworkSummary, NodeState, OpenNetwork, TransactionDetail } from './state.ts';

export type * from './fork.ts';
export type * from './state.ts';

export interface PaymentRequest {
  readonly to: Address;
  readonly amount: Amount | 'all';
  readonly note: string | undefined;
  /** Files to name, as {@link NodeApi.describeAttachment} describes them. */
  readonly attachments?: readonly Attachment[];
  /** Spends what is not confirmed where nothing else is left; otherwise the payment waits until that is confirmed. */
  readonly isUrgent?: boolean;
}

/** What a payment costs, before anything is signed. */
export interface Quote {
  /** The network and the wallet that were asked: a payment is made there or not at all, whatever has been opened since. */
  readonly network: TxId;
  readonly wallet: string;
  readonly amount: Amount;
  /** Transactions needed: 1, or more where coins must be merged first. */
  readonly steps: number;
  /** Exact burn of all steps, in base units. */
  readonly burn: Amount;
  /** What the work does to the sender at the chosen level: negative costs, positive earns. `best` is with luck. */
  readonly workEffect: { readonly least: bigint; readonly best: bigint };
  /** Left with the sender in the least lucky case. */
  readonly changeAtLeast: Amount;
  /** Coins spent and coins left untouched because spending each would cost more than it holds. */
  readonly coins: number;
  readonly dustCoins: number;
  readonly workBits: number;
  /** Transactions that the payment vouches for. */
  readonly ref: readonly TxId[];
  /** Plain facts the sender should know before agreeing. */
  readonly warnings: readonly QuoteWarning[];
}

export type QuoteWarning =
  /** Paying oneself: moves nothing, costs the burn. */
  | 'to-self'
  /** What is sent is less than what it will cost the receiver to spend it. */
  | 'dust-amount'
  /** The change is less than what it will cost to spend it. */
  | 'dust-change'
  /** More coins than fit one transaction: merged first. */
  | 'merges-coins'
  /** Money is spent that others have just paid, and may still take back: this payment would go with it. */
  | 'unconfirmed-coins'
  /** Money is spent of which connected devices count another use: they do not accept this payment. */
  | 'disputed-coins';

/** Everything with which a payment or an invitation is handed over. */
export interface Proof {
  readonly txid: TxId;
  readonly infohash: Infohash;
  /** With the file inside while it fits 2,000 characters. */
  readonly magnet: string;
  /** To be put behind the app's URL: `#/accept?…` or `#/join?…`. */
  readonly fragment: string;
}

/** What evidence proves: one key has signed payments that cannot both be true. */
export interface Evidence {
  /** Who signed both. */
  readonly signer: Address;
  /** Transactions whose money both spend. */
  readonly spentTwice: readonly TxId[];
  readonly payments: readonly {
    readonly txid: TxId;
    readonly to: Address;
    readonly amount: Amount;
    /** As the signer claims, Unix milliseconds. */
    readonly claimedAtMs: number;
  }[];
}

/** What the page knows and the worker cannot: set before anything else is called. */
export interface HostFacts {
  /** Trackers the app was deployed with. */
  readonly trackers: readonly string[];
  /** Whether the page has RTCPeerConnection. */
  readonly webrtc: boolean;
}

/** What a tab sees of the device. */
export interface Conditions {
  /** Whether there is a network, as far as the browser knows. */
  readonly online: boolean;
  /** Whether anybody looks at the tab. */
  readonly visible: boolean;
  /** The tab was frozen or in the back/forward cache and is back: connections may be dead and not know it. */
  readonly resumed: boolean;
}

/** The node, as the page sees it. Every call may throw an {@link ErrorReport} as TtxError. */
export interface NodeApi {
  /**
   * A tab has come: sends it the state now and after each change. The first one makes the node open or create the wallet, then the
   * last network, and connect; its facts count.
   */
  start(tab: string, facts: HostFacts, listener: (state: NodeState) => void): Promise<void>;
  /**
   * The page has drawn the first state. Until then the node does nothing that could delay it: on a slow phone, connecting takes all there
   * is for a second.
   */
  drawn(): Promise<void>;
  /** Answers at once: whoever hears nothing knows that the tab that runs the node is frozen. */
  ping(): Promise<void>;
  /** Told at the start and after each change. Back online or resumed, trackers and peers are reached anew at once. */
  setConditions(tab: string, conditions: Conditions): Promise<void>;
  /** A tab is gone; unknown ones are ignored. */
  leave(tab: string): Promise<void>;
  /** Writes nothing more, closes connections and databases. */
  stop(): Promise<void>;

  /** The 12 words of the wallet in use. */
  loadWords(): Promise<readonly string[]>;
  /**
   * Proves that the words of this wallet were written down, by some of them.
   * @returns positions whose word is wrong; when there are none, the backup is confirmed
   * @throws `no-wallet`
   */
  confirmBackup(wallet: string, typed: readonly TypedWord[]): Promise<readonly number[]>;
  /** Adds the wallet of these words and makes it the one in use. @throws `words` */
  restoreWallet(words: string): Promise<void>;
  /** @throws `no-wallet` */
  switchWallet(id: string): Promise<void>;

  /** Signs a genesis, keeps and seeds it and opens its network. Stopped by {@link cancelJob}. @throws `network-parameters`, `cancelled` */
  foundNetwork(jobId: string, request: FoundRequest): Promise<NetworkSummary>;
  /** Joins the network of an invitation link, a genesis magnet or a locator, and opens it. @throws `link`, `timeout`, `cancelled`, or why the genesis is invalid */
  joinNetwork(jobId: string, link: string, mode?: NetworkMode): Promise<NetworkSummary>;
  /** Applies at once; a light node that becomes full fetches everything. @throws `no-network` */
  setMode(id: TxId, mode: NetworkMode): Promise<void>;
  /** Opens another joined network. */
  openNetwork(id: TxId): Promise<void>;
  /** Forgets a network and deletes its data on this device. */
  leaveNetwork(id: TxId): Promise<void>;
  /**
   * Brings this wallet its coins of the development network, once.
   * @returns false when it has had them
   * @throws `no-network` on any other network, `leaf-taken`
   */
  claimTestCoins(): Promise<boolean>;
  loadInvitation(): Promise<Proof>;
  /**
   * Connects two devices without a tracker: this one starts, the other answers with the code that this returns, and this one finishes with
   * what that returns. Codes fit a QR code, which capitals make smaller, and are good for ten minutes; one pairing at a time. The first
   * carries what it takes to join the network.
   * @throws `no-network`, `timeout`, `cancelled`
   */
  startPairing(): Promise<string>;
  /** @returns the code to hand back; the other device is connected soon after it has that. @throws `pairing`, `no-network`, `timeout`, `cancelled` */
  answerPairing(code: string): Promise<string>;
  /** Resolves when the device whose code was answered is connected. @throws `no-network`, `timeout` if that failed, `cancelled` */
  awaitPairing(): Promise<void>;
  /** Resolves when the two are connected. @throws `pairing`, `no-network`, `timeout`, `cancelled` */
  finishPairing(code: string): Promise<void>;
  cancelPairing(): Promise<void>;
  addTracker(url: string): Promise<void>;
  removeTracker(url: string): Promise<void>;

  /** What a payment would cost now. @throws `not-enough` with `missing`, `no-network` */
  quote(request: PaymentRequest): Promise<Quote>;
  /** What a file of this device is called in a payment. @throws `attachment` when it is empty or too large */
  describeAttachment(file: Blob, name: string): Promise<Attachment>;
  /**
   * Works, signs, stores and announces. The same `jobId` twice pays once.
   * @param files contents of the attachments, in their order
   * @throws `not-enough`, `cancelled`, `quote-changed`, `attachment`
   */
  pay(jobId: string, request: PaymentRequest, agreed: Quote, files?: readonly Blob[]): Promise<Proof>;
  cancelJob(jobId: string): Promise<void>;
  /** Its owner has seen that it was not sent. @returns whether it will not be: a tab that was frozen may have asked for it again */
  dismissUnsent(jobId: string): Promise<boolean>;
  loadProof(txid: TxId): Promise<Proof>;
  /** A proof file: an ordinary `.torrent` that carries the transaction and its history, at most 1 MiB. */
  loadProofFile(txid: TxId): Promise<Uint8Array>;
  /** The two files of a double spend that this transaction is part of, as a JSON file that anybody can check. @throws `unknown-transaction`, `file-dropped` */
  loadEvidence(txid: TxId): Promise<Uint8Array>;
  /** The fork that a transaction, or what it builds on, is a side of. @throws `unknown-transaction` */
  loadFork(txid: TxId): Promise<ForkDetail>;
  /** What following this side would change for the wallet. @throws `unknown-transaction` */
  previewFollow(txid: TxId): Promise<FollowPreview>;
  /** Follows this side from now on, whatever others do, until another is followed. Twice is harmless. @throws `unknown-transaction` */
  followSide(txid: TxId): Promise<void>;
  /** What such a file proves, of whatever network. @throws `evidence` */
  checkEvidence(file: Uint8Array): Promise<Evidence>;

  /** Starts accepting a payment from a magnet or app link; progress is in {@link NodeState.acceptances}. @throws `link`, `no-network` */
  accept(link: string): Promise<string>;
  /** The same from a proof file (`.torrent`), which may carry the payment's whole history. @throws `proof-file`, `no-network` */
  acceptFile(file: Uint8Array): Promise<string>;
  dismissAcceptance(id: string): Promise<void>;

  loadActivity(offset: number, count: number): Promise<readonly ActivityEntry[]>;
  loadTransaction(txid: TxId): Promise<TransactionDetail>;
  /** Begins to fetch a file that a transaction names; progress is in {@link OpenNetwork.fetches}. @throws `unknown-transaction`, `attachment` */
  fetchAttachment(txid: TxId, infohash: Infohash): Promise<void>;
  /** Ends a fetch, or dismisses one that failed. */
  cancelAttachment(infohash: Infohash): Promise<void>;
  /** The content, checked against the transaction. It is a stranger's: never to be run or rendered as it is. @throws `attachment` when it is not here */
  loadAttachment(txid: TxId, infohash: Infohash): Promise<Blob>;
  setWorkBits(bits: number | 'auto'): Promise<void>;
  /** Applies at once, and to networks opened later. @throws `network-parameters` below 64 KiB */
  setStorageBudget(bytes: number): Promise<void>;
  /** The page tells the worker what the browser granted. */
  setPersisted(persisted: 'yes' | 'no' | 'unknown'): Promise<void>;
}

/** One of the 12 words, as a person typed it. */
export interface TypedWord {
  /** From 0. */
  readonly position: number;
  readonly word: string;
}

export interface FoundRequest {
  readonly parameters: NetworkParameters;
  /** Coins the founder starts with, in base units. */
  readonly supply: Amount;
  /** Work of the genesis in leading zero bits. */
  readonly workBits: number;
}
