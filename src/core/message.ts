/**
 * Messages of the BEP 10 extension `ttx`: bencoded dictionaries, `t` names the type. Decoding is strict: a wrong field,
 * length or order is an error, an unknown type is not (newer peers may say more). See docs/protocol.md, The wire.
 */
import type { Hash, Infohash, TxId } from './id.ts';

/** Version of the protocol that this code speaks. Peers of another one are told ours, and left. */
export const PROTOCOL = 1;

/** First message on a connection, in both directions; nothing else counts before it. */
export interface Hello {
  readonly t: 'hello';
  /** Software and version for people, e.g. `torrenttx-web/0.1.0`; 1 … 64 printable ASCII characters. */
  readonly software: string;
  readonly protocol: typeof PROTOCOL;
  readonly genesis: TxId;
  /** `light`: of what it accepted, it may not have the files any more. */
  readonly mode: 'full' | 'light';
  /** Names of the modules it follows, `[a-z0-9-]{1,32}`, ascending and distinct, at most 16. */
  readonly modules: readonly string[];
  readonly summary: StateSummary;
}

/** The hello of a protocol that is newer than ours: of its fields only these are known to mean the same. Never sent. */
export interface NewerHello {
  readonly t: 'newer-hello';
  readonly software: string;
  /** Greater than {@link PROTOCOL}. */
  readonly protocol: number;
  readonly genesis: TxId;
}

/** What a node holds, in a few numbers: equal summaries mean equal states. */
export interface StateSummary {
  /** Accepted transactions. */
  readonly transactions: number;
  /** Sum of 2^(work bits) over the accepted transactions; may exceed 2^53. */
  readonly work: bigint;
  /** Sum of all unspent coins, in base units; may exceed 2^53. */
  readonly supply: bigint;
  /** Root of the tree of accepted txids. */
  readonly transactionsRoot: Hash;
  /** Root of the tree of unspent coins. */
  readonly coinsRoot: Hash;
}

/** The sender's state has changed; sent now and then, not for each transaction. */
export interface State {
  readonly t: 'state';
  readonly summary: StateSummary;
}

/** A transaction by where to fetch it and what must arrive. */
export interface Held {
  readonly infohash: Infohash;
  readonly txid: TxId;
}

/** Transactions that the sender accepted: news, or a part of its list. */
export interface Inv {
  readonly t: 'inv';
  readonly held: readonly Held[];
  /** Answers the {@link List} with the same `from`; absent in news. */
  readonly from?: number | undefined;
}

/**
 * Asks for what the other accepted, in its order of acceptance, from this position on (0: the genesis). Answered by one `inv` with the
 * same `from` and at most `MAX_INV` transactions; fewer mean that this is the end. So the asker sets the pace.
 */
export interface List {
  readonly t: 'list';
  readonly from: number;
}

/** Asks for transaction files. */
export interface Get {
  readonly t: 'get';
  readonly txids: readonly TxId[];
}

/** Transaction files; whoever was asked for several answers with what it has, and names what it has not. */
export interface Tx {
  readonly t: 'tx';
  readonly files: readonly Uint8Array[];
  readonly missing: readonly TxId[];
}

/** Which of the two trees: accepted txids, or unspent coins with their amounts. */
export type TreeName = 'transactions' | 'coins';

/** Asks for nodes of the tree that had this root. */
export interface NodeQuery {
  readonly t: 'node';
  readonly tree: TreeName;
  readonly root: Hash;
  /** Paths from the root in lowercase hex digits, 0 … 63 each; at most `MAX_PREFIXES`. */
  readonly prefixes: readonly string[];
}

/** Answers {@link NodeQuery}. Without any nodes: this root is not kept any more, and the asker starts again from a newer summary. */
export interface Nodes {
  readonly t: 'nodes';
  readonly tree: TreeName;
  readonly root: Hash;
  readonly nodes: readonly TreeNode[];
}

/** What is in a tree at and below a path. */
export type TreeNode =
  | { readonly kind: 'empty'; readonly prefix: string }
  /** 16 hashes by the next digit, undefined where nothing is; at least one is there. */
  | { readonly kind: 'inner'; readonly prefix: string; readonly children: readonly (Hash | undefined)[] }
  /** All there is below the path: 1 … `MAX_LEAVES` keys that begin with it, ascending. */
  | { readonly kind: 'leaves'; readonly prefix: string; readonly leaves: readonly TreeLeaf[] };

/** A key and, in the tree of coins, what it is worth. */
export interface TreeLeaf {
  readonly key: Hash;
  /** 1 or more base units; absent in the tree of transactions. */
  readonly amount?: bigint | undefined;
}

/** Names a coin without its network's prefix: what the address holds is the hash of the owner's key. */
export interface CoinName {
  readonly txid: TxId;
  /** SHA-256 of the owner's public key: the payload of the address. */
  readonly owner: Hash;
}

/** Asks who spends these coins; at most `MAX_COINS_ASKED`. */
export interface Spent {
  readonly t: 'spent';
  readonly coins: readonly CoinName[];
}

/** Answers {@link Spent}, in one message or several, in the order of the question. */
export interface Spender {
  readonly t: 'spender';
  readonly spenders: readonly CoinSpender[];
}

/** What became of one coin, as far as the answerer knows. */
export type CoinSpender =
  /** There is no such coin there. */
  | { readonly kind: 'unknown'; readonly coin: CoinName }
  | { readonly kind: 'unspent'; readonly coin: CoinName }
  /** The file that spends it, and whether it is settled there. */
  | { readonly kind: 'spent'; readonly coin: CoinName; readonly file: Uint8Array; readonly settled: boolean };

/** Double-spend proof: two different files by one key with a common transaction in `prev`. */
export interface Dsp {
  readonly t: 'dsp';
  readonly files: readonly [Uint8Array, Uint8Array];
}

/** Work done for one side of a conflict. */
export interface Vote {
  readonly txid: TxId;
  /** 0 … 2^53 − 1. */
  readonly nonce: number;
}

/** Votes that the sender counts; at most `MAX_VOTES`. */
export interface Votes {
  readonly t: 'vote';
  readonly votes: readonly Vote[];
}

/**
 * A WebRTC offer or answer that goes by way of a peer that both ends are connected to. Between an end and that peer it names its sender
 * in `from`; passed on by the peer it still does, so `from` is another than the one it comes from, and it goes no further.
 */
export interface Intro {
  readonly t: 'intro';
  readonly kind: 'offer' | 'answer';
  /** Names the offer; 40 hex digits, random. */
  readonly id: string;
  /** Peer id of who made it, 40 hex digits. */
  readonly from: string;
  /** Peer id of whom it is for. Absent in an offer to anyone; an answer always has it. */
  readonly to?: string | undefined;
  /** Peer ids of those whom the maker of an offer is connected to already; at most `MAX_KNOWN`. */
  readonly known: readonly string[];
  /**
   * Infohash of an attached file, in whose swarm the two shall meet; absent for the genesis. Between the two ends only: nobody passes it on, and
   * it always has `to`.
   */
  readonly torrent?: Infohash | undefined;
  /** SDP in UTF-8, 1 … `MAX_SIGNAL_BYTES`. */
  readonly signal: Uint8Array;
}

/** What is sent. */
export type Message = Hello | State | Inv | List | Get | Tx | NodeQuery | Nodes | Spent | Spender | Dsp | Votes | Intro;
/** What arrives. */
export type ReceivedMessage = Message | NewerHello;
