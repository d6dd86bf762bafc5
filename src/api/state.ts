/** What the node tells the screens after each change: plain cloneable types, no logic. */
import type { Attachment } from '../core/attachment.ts';
import type { ErrorCode, ErrorDetail, RejectCode } from '../core/error.ts';
import type { Address, Amount, Infohash, Locator, TxId } from '../core/id.ts';
import type { NetworkParameters } from '../core/network.ts';
import type { ForkNews } from './fork.ts';

/** An error as it crosses the thread: what a TtxError says, without its class. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;
}

/** Everything the screens show. Lists are bounded; longer ones are paged through `NodeApi`. */
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
  /** Payments of this wallet on the open network that were agreed to and not made when the app was closed, oldest first, until dismissed. */
  readonly unsent: readonly UnsentPayment[];
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
  /** Whether it is the development network: its coins are worth nothing, and `NodeApi.claimTestCoins` brings some. */
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
  /** Forks that connected devices are on the other side of, at most 16. */
  readonly forks: readonly ForkNews[];
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
  /** Connected devices to which it does not count though it does here, or the reverse, because of a fork; absent for none. */
  readonly differing?: number | undefined;
  /** When the owner of this device chose it, or for a conflicted one the side that it lost against; Unix milliseconds. */
  readonly chosenAtMs?: number | undefined;
  /** Of a conflicted one that had counted here: until when, Unix milliseconds. */
  readonly withdrawnAtMs?: number | undefined;
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
      /** What became of it since: it may be contested or withdrawn, however old it is. */
      readonly line?: ActivityEntry | undefined;
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

/** A payment that the app was closed over. */
export interface UnsentPayment {
  readonly job: string;
  readonly to: Address;
  /** What the receiver was to get. */
  readonly amount: Amount;
  /** Whether that was all there was. */
  readonly isAll: boolean;
  readonly note: string | undefined;
  /** Files that were to go with it; their contents are gone. */
  readonly files: number;
}

/** Work with progress and a way to stop it. */
export interface Job {
  readonly id: string;
  readonly kind: 'found' | 'pay' | 'join';
  readonly stage: 'confirming' | 'working' | 'signing' | 'looking' | 'fetching';
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
