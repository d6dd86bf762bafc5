/**
 * The contract between the page and the node's worker: plain cloneable types, no logic. The page calls {@link NodeApi}
 * through Comlink and is sent one {@link NodeState} after each change, at most one per frame.
 */
import type { Attachment } from '../core/attachment.ts';
import type { ErrorCode, ErrorDetail, RejectCode } from '../core/error.ts';
import type { Address, Amount, Infohash, Locator, TxId } from '../core/id.ts';
import type { NetworkParameters } from '../core/network.ts';

/** An error as it crosses the thread: what a TtxError says, without its class. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;
}

/** Everything the screens show. Lists are bounded; longer ones are paged through {@link NodeApi}. */
export interface NodeState {
  readonly wallet: WalletState;
  /** All networks joined on this device, the most recently opened first. */
  readonly networks: readonly NetworkSummary[];
  /** Networks that are kept but that this version cannot read; nothing of them is lost. */
  readonly unreadableNetworks: number;
  /** The network that is open now. */
  readonly network: OpenNetwork | undefined;
  /** Whether a network is being opened: what it holds is not known yet. */
  readonly isOpening: boolean;
  /** Payments being accepted, newest first, finished ones until dismissed. */
  readonly acceptances: readonly Acceptance[];
  /** Work under way: founding, joining and paying. */
  readonly jobs: readonly Job[];
  readonly settings: Settings;
  /** Whether the device has a network, as far as the browser knows. */
  readonly isOnline: boolean;
  /** What went wrong with the node itself (storage full, database closed, no WebRTC); undefined while all is well. */
  readonly trouble: ErrorReport | undefined;
}

/** The wallet in use. Keys and words never appear here. */
export interface WalletState {
  readonly id: string;
  /** Where to be paid, with the prefix of the open network, `ttx` while there is none. */
  readonly address: Address;
  /** Unix milliseconds; undefined until the owner has proved to have written the words down. */
  readonly backedUpAtMs: number | undefined;
  /** All wallets kept on this device, including this one, oldest first. */
  readonly wallets: readonly WalletSummary[];
}

export interface WalletSummary {
  readonly id: string;
  readonly address: Address;
  readonly createdAtMs: number;
  readonly origin: 'created' | 'restored';
}

export interface NetworkSummary {
  /** txid of the genesis. */
  readonly id: TxId;
  readonly locator: Locator;
  readonly name: string;
  readonly hrp: string;
  readonly joinedAtMs: number;
}

/** The open network as this node knows it. */
export interface OpenNetwork extends NetworkSummary {
  /** Whether it is the development network: its coins are worth nothing, and {@link NodeApi.claimTestCoins} brings some. */
  readonly isDevnet: boolean;
  readonly parameters: NetworkParameters;
  /** Genesis + rewards − burns − charges so far, in base units. */
  readonly supply: Amount;
  /** Accepted transactions known here. */
  readonly transactions: number;
  /** Transactions that wait for ancestors. */
  readonly pending: number;
  /** Transactions that peers have announced and that are still to be fetched. */
  readonly toFetch: number;
  /** The way to what peers have; undefined when there is nothing much to catch up with. */
  readonly sync: SyncState | undefined;
  /** Peers met since it was opened that speak a newer protocol. One may lie; when several do and few others are there, the app is too old. */
  readonly newerPeers: number;
  readonly balance: Balance;
  /** Whether nobody could tell, when a payment was quoted last, if the same words have spent these coins on another device. */
  readonly isUnanswered: boolean;
  /** Latest entries first, at most 50. */
  readonly activity: readonly ActivityEntry[];
  readonly activityTotal: number;
  readonly trackers: readonly TrackerState[];
  readonly peers: readonly PeerState[];
  readonly storage: StorageState;
  /** Attached files that are being fetched, and those that failed until they are dismissed. */
  readonly fetches: readonly AttachmentFetch[];
  readonly seeds: readonly SeedState[];
}

/** Catching up: `held` of about `about` transactions are here. */
export interface SyncState {
  readonly held: number;
  readonly about: number;
  /** Accepted per second of late. */
  readonly perSec: number;
}

/** `full`: follows everything. `light`: keeps what this wallet's money came through, and asks others about the rest (`docs/light.md`). */
export type NetworkMode = 'full' | 'light';

/** What other devices said of the money of a payment to a light node. */
export interface Witnesses {
  /** Devices asked about all that the money went through. */
  readonly asked: number;
  /** Of them, those that have answered for all of it and know no other use. */
  readonly clear: number;
  /** Of them, those that showed another use. */
  readonly disputed: number;
  /** Of them, those that proved, in the state that they had told, that it is unspent there. */
  readonly unspent: number;
}

/** What the open network takes up on this device. */
export interface StorageState {
  /** `light`: its owner chose so, or files of strangers' payments were dropped to keep within the budget. */
  readonly mode: NetworkMode;
  /** What its owner chose. */
  readonly chosen: NetworkMode;
  readonly usedBytes: number;
  readonly budgetBytes: number;
  /** Transactions kept without their files. */
  readonly dropped: number;
}

export interface Balance {
  /** Sum of the unspent coins of the wallet. */
  readonly total: Amount;
  readonly coins: number;
}

/** Where a transaction stands (`docs/protocol.md`, States). */
export type TransactionState = 'mempool' | 'unconfirmed' | 'contested' | 'confirmed' | 'conflicted' | 'rejected';

/** What the state of an accepted transaction rests on. */
export interface Standing {
  readonly stage: 'fresh' | 'contested' | 'settled' | 'confirmed';
  /** Time in ms that counts towards the next stage: only while in touch with others. */
  readonly sinceMs: number;
  /** Good time in ms until it can be confirmed, if nothing comes between; 0 once it is, undefined while it is contested. */
  readonly confirmsInMs: number | undefined;
  /** Transactions that spend one of its coins too; after it was settled they prove the cheat and change nothing. */
  readonly rivals: readonly TxId[];
  /** Peers that were there to ask. */
  readonly peers: number;
  /** Whether time counts now: with nobody to ask, or while catching up, it stands still. */
  readonly isCounting: boolean;
}

/** One line of the wallet's history. */
export interface ActivityEntry {
  readonly txid: TxId;
  readonly infohash: Infohash;
  readonly kind: 'founded' | 'received' | 'sent' | 'self';
  /** What moved between the parties, in base units: the amount paid, without burn and charge. */
  readonly amount: Amount;
  /** The other side; own address for `self` and `founded`. */
  readonly counterparty: Address;
  readonly note: string | undefined;
  /** When this node first held it, Unix milliseconds. */
  readonly seenAtMs: number;
  readonly state: TransactionState;
  /** Of an accepted one. */
  readonly standing?: Standing | undefined;
  /** Of a contested or conflicted one: whether its own sender spent the money twice, or somebody whom it came from. */
  readonly cheat?: 'sender' | 'earlier' | undefined;
  /** Distinct connected peers known to hold it, this node not counted. */
  readonly holders: number;
  /** Whether anybody else has been known to hold it since the app was opened: then this tab may be closed. */
  readonly delivered: boolean;
}

/** A file that a payment names, and whether its content is on this device. */
export interface AttachedFile extends Attachment {
  readonly isHere: boolean;
}

/** An attached file on its way. */
export interface AttachmentFetch {
  readonly infohash: Infohash;
  readonly sha256: string;
  readonly stage: /** Others come first. */
    | { readonly kind: 'waiting' }
    /** Looked for, while no peer is there; received so far. */
    | { readonly kind: 'fetching'; readonly peers: number; readonly receivedBytes: number }
    | { readonly kind: 'failed'; readonly error: ErrorReport };
}

/** All about one transaction, for the detail screen. */
export interface TransactionDetail extends ActivityEntry {
  readonly from: Address;
  readonly to: Address;
  /** Sent time as the sender claims it, Unix milliseconds; undefined where the file was dropped. */
  readonly claimedAtMs: number | undefined;
  /** Whether its file is kept here: a light node drops files of strangers' payments, and with them note and claimed time. */
  readonly hasFile: boolean;
  readonly burn: Amount;
  readonly reward: Amount;
  readonly charge: Amount;
  readonly change: Amount;
  readonly workBits: number;
  readonly sizeBytes: number;
  readonly prev: readonly TxId[];
  /** Transactions that it conflicts with here. */
  readonly conflictsWith: readonly TxId[];
  /** As its sender describes them. */
  readonly attachments: readonly AttachedFile[];
  /** On a light node, of a payment to this wallet. */
  readonly witnesses?: Witnesses | undefined;
}

export interface TrackerState {
  readonly url: string;
  readonly status: 'connecting' | 'connected' | 'offline';
  /** Whether it came with the app, with a link, or was added by hand. */
  readonly source: 'app' | 'link' | 'user';
}

export interface PeerState {
  readonly id: string;
  /** What the peer says it runs; from outside, show as text only. */
  readonly software: string;
  /** `greeting` until its hello has come and names this network. */
  readonly status: 'greeting' | 'ready';
  readonly transactions: number;
  readonly connectedAtMs: number;
  /** Who brought the two together: a tracker, another peer, or two people with a code. */
  readonly foundBy: 'tracker' | 'introduction' | 'pairing';
  /** Whether it says that it keeps the files of everything it accepted; undefined while it greets. */
  readonly mode: 'full' | 'light' | undefined;
  /** How this node's state stands to the peer's; undefined while it greets, and on a light node. */
  readonly relation: Relation | undefined;
}

/** Two transactions that cannot both be accepted: what a peer follows, and what is followed here instead. */
export interface Fork {
  readonly theirs: TxId;
  readonly ours: readonly TxId[];
}

/** How this node stands to a peer. */
export type Relation =
  | { readonly kind: 'in-sync' }
  /** The peer has transactions that are not here; about so many, 0 where it is not known. */
  | { readonly kind: 'behind'; readonly missing: number }
  /** There are transactions here that the peer has not; about so many. */
  | { readonly kind: 'ahead'; readonly more: number }
  /** Each side follows transactions that conflict with the other's, at most 64 are named. None named: same transactions, different coins. */
  | { readonly kind: 'forked'; readonly forks: readonly Fork[] };

export interface SeedState {
  readonly infohash: Infohash;
  readonly txid: TxId;
  readonly role: 'genesis' | 'payment';
  /** Connections in this swarm. */
  readonly peers: number;
  readonly uploadedBytes: number;
}

/** A payment being accepted: what is true at this moment. */
export interface Acceptance {
  readonly id: string;
  readonly startedAtMs: number;
  /** Known from the link, or once the file is there. */
  readonly txid: TxId | undefined;
  readonly infohash: Infohash;
  readonly stage: AcceptanceStage;
}

export type AcceptanceStage =
  /** Nobody who holds it is connected yet. */
  | { readonly kind: 'looking' }
  /** Peers are connected; the file is on its way. */
  | { readonly kind: 'fetching'; readonly peers: number }
  /** The file is here and well-formed; its history is being fetched and checked. `unseeded` = asked for in vain so far; still trying. */
  | { readonly kind: 'ancestors'; readonly checked: number; readonly waiting: number; readonly unseeded: readonly Locator[] }
  /** Valid and ours. `already` when it was known before. */
  | {
      readonly kind: 'accepted';
      readonly amount: Amount;
      readonly from: Address;
      readonly note: string | undefined;
      /** Files that it names; absent for none. */
      readonly files?: number;
      readonly already: boolean;
      /** Distinct peers known to hold it. */
      readonly holders: number;
      /** On a light node. */
      readonly witnesses?: Witnesses | undefined;
    }
  /** Valid, but it pays somebody else. */
  | { readonly kind: 'not-for-you'; readonly amount: Amount; readonly to: Address }
  /** The sender spent the coin on something else that came first. */
  | { readonly kind: 'conflicted'; readonly winners: readonly TxId[] }
  /** Invalid for good. */
  | { readonly kind: 'rejected'; readonly code: RejectCode }
  /** Belongs to another network; `network` when the link or the file says which. */
  | { readonly kind: 'other-network'; readonly network: Locator | undefined; readonly joined: boolean };

/** Work with progress and a way to stop it. */
export interface Job {
  readonly id: string;
  readonly kind: 'found' | 'pay' | 'join';
  readonly stage: 'working' | 'signing' | 'looking' | 'fetching';
  /** For a payment in several transactions (merging coins first): which of how many, from 1. */
  readonly step: number;
  readonly steps: number;
  /** Hashes tried so far and how many it takes on average; 0 where there is no work. */
  readonly tries: number;
  readonly expectedTries: number;
  readonly triesPerSec: number;
}

export interface Settings {
  /** Leading zero bits to work for, or `auto`: about one second on this device. */
  readonly workBits: number | 'auto';
  /** What `auto` means here now. */
  readonly autoWorkBits: number;
  /** Bytes that one network may take up before files of strangers' payments are dropped. */
  readonly storageBudgetBytes: number;
  /** Whether the browser promised not to evict the data. */
  readonly persisted: 'yes' | 'no' | 'unknown';
}

export interface PaymentRequest {
  readonly to: Address;
  readonly amount: Amount | 'all';
  readonly note: string | undefined;
  /** Files to name, as {@link NodeApi.describeAttachment} describes them. */
  readonly attachments?: readonly Attachment[];
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
  | 'unconfirmed-coins';

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
   * Connects two devices without any server: this one starts, the other answers with the code that this returns, and this one finishes with
   * what that returns. Codes fit a QR code, which capitals make smaller, and are good for ten minutes; one pairing at a time.
   * @throws `no-network`, `timeout`, `cancelled`
   */
  startPairing(): Promise<string>;
  /** @returns the code to hand back; the other device is connected soon after it has that. @throws `pairing`, `no-network`, `timeout`, `cancelled` */
  answerPairing(code: string): Promise<string>;
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
  loadProof(txid: TxId): Promise<Proof>;
  /** A proof file: an ordinary `.torrent` that carries the transaction and its history, at most 1 MiB. */
  loadProofFile(txid: TxId): Promise<Uint8Array>;
  /** The two files of a double spend that this transaction is part of, as a JSON file that anybody can check. @throws `unknown-transaction`, `file-dropped` */
  loadEvidence(txid: TxId): Promise<Uint8Array>;
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
