/**
 * What the node needs of the network, and nothing more: torrents to seed and to fetch, and peers that speak `ttx`.
 * `webtorrent.ts` is the real one, `loopback.ts` joins nodes in one process for tests and simulations.
 */
import type { Infohash } from '../core/id.ts';
import type { Intro, Message, ReceivedMessage } from '../core/message.ts';

/** Who carried the offer and the answer of a connection: a tracker, another peer, or two people. */
export type FoundBy = 'tracker' | 'introduction' | 'pairing';

/** A connected peer that offered the extension `ttx` and proved its id, whatever swarm it came through. One object per peer, not per connection. */
export interface Peer {
  /** Unique among connected peers, and nobody else's; 40 hex digits of the BitTorrent peer id. */
  readonly id: string;
  /** How the two came together first. */
  readonly foundBy: FoundBy;
  /** Queues a message. A message to a peer that is gone is dropped: `gone` tells. */
  send(message: Message): void;
  /** Resolves when so little is queued that more may be sent; rejects never. */
  drained(): Promise<void>;
  /** Lowers the peer's score by `points` of 100; at 0 it is dropped and barred for a time. */
  penalize(points: number, reason: string): void;
  /** It was of use: brought something new, or answered well. Those who often do keep their places. */
  commend(): void;
  /** Disconnects without a penalty. */
  close(reason: string): void;
}

export type TorrentRole = 'genesis' | 'payment';

/** A torrent that this node holds in full. */
export interface SeededFile {
  readonly infohash: Infohash;
  readonly bytes: Uint8Array;
  /** Nodes meet in the `genesis` swarm: offers are made there while peers are wanted; none elsewhere. */
  readonly role: TorrentRole;
}

export interface TorrentStatus {
  readonly infohash: Infohash;
  readonly role: TorrentRole;
  /** Connections in this swarm, ttx or not. */
  readonly peers: number;
  /** Ids of connected peers whose bitfield says they hold the whole file. */
  readonly holders: readonly string[];
  readonly uploadedBytes: number;
}

export interface TrackerStatus {
  readonly url: string;
  readonly status: 'connecting' | 'connected' | 'offline';
}

export interface SwarmStatus {
  readonly torrents: readonly TorrentStatus[];
  readonly trackers: readonly TrackerStatus[];
}

/** Called by the swarm; must not throw. */
export interface SwarmEvents {
  /** A peer offered `ttx`. */
  peer(peer: Peer): void;
  /** A well-formed message within limits and budget. */
  message(peer: Peer, message: ReceivedMessage): void;
  gone(peer: Peer): void;
  /** `status()` would answer differently now. Called often: batch. */
  changed(): void;
}

/** What the swarm should know of the device. */
export interface SwarmConditions {
  /** Whether there is a network, as far as the browser knows. */
  readonly online: boolean;
  /** Whether anybody looks at the app. */
  readonly visible: boolean;
}

/**
 * Two people connect their devices without a tracker: one starts and hands over the code, the other answers with one, and the first
 * finishes. One at a time; ended after ten minutes. Codes: `core/pairing.ts`.
 */
export interface Pairable {
  /** @returns a code to hand over. @throws {TtxError} `no-network`, `timeout` if there is no connection to offer, `cancelled` */
  startPairing(): Promise<string>;
  /** @returns a code to hand back. @throws {TtxError} `pairing` for no such code or one of another network, `no-network`, `timeout`, `cancelled` */
  answerPairing(code: string): Promise<string>;
  /** Resolves when the device whose code was answered is connected. @throws {TtxError} `timeout` if it failed or took too long, `cancelled` */
  awaitPairing(): Promise<void>;
  /** Resolves when the two are connected. @throws {TtxError} `pairing` for no answer to the code that was started, `timeout`, `cancelled` */
  finishPairing(code: string): Promise<void>;
  cancelPairing(): void;
}

/** An attached file, as its torrent names it (`core/attachment.ts`). */
export interface ContentName {
  readonly infohash: Infohash;
  readonly name: string;
  /** In bytes. */
  readonly size: number;
}

/** An attached file that this node holds. */
export interface SeededContent extends ContentName {
  /** The info dictionary of its torrent. */
  readonly info: Uint8Array;
  /** The content, when somebody asks for a piece of it. Called often; undefined where it is gone. */
  readonly load: () => Promise<Uint8Array | undefined>;
}

export interface FetchedContent {
  readonly info: Uint8Array;
  readonly bytes: Uint8Array;
}

export interface ContentFetch {
  /** Asked beside the usual ones. */
  readonly trackers?: readonly string[];
  readonly signal: AbortSignal;
  /** Called when pieces or connections have come or gone. */
  readonly progress?: (progress: { readonly peers: number; readonly receivedBytes: number }) => void;
}

/** Attached files. Connections are sought while one is being fetched, never for one that is only seeded. */
export interface ContentSwarm {
  /** Twice is harmless. */
  seedContent(content: SeededContent): void;
  unseedContent(infohash: Infohash): void;
  /**
   * Fetches a file of exactly this name and size, one call at a time for each. Piece hashes are checked, nothing else. Goes on until aborted.
   * @throws {TtxError} `attachment` when another torrent is behind the infohash, `cancelled` when the swarm is stopped, `bug`; or the signal's reason
   */
  fetchContent(name: ContentName, options: ContentFetch): Promise<FetchedContent>;
}

export interface Swarm extends Pairable, ContentSwarm {
  start(events: SwarmEvents): Promise<void>;
  /** Leaves all swarms and closes all connections. */
  stop(): Promise<void>;
  /** Replaces the trackers of all swarms. */
  setTrackers(urls: readonly string[]): void;
  /**
   * Offline: what is lost is hardly retried. Online again: trackers are reached anew at once. Not visible: fewer peers are wanted,
   * and sought more slowly. Both true until told otherwise.
   */
  setConditions(conditions: SwarmConditions): void;
  /** The device slept, or the app was frozen: trackers are reached anew at once. */
  wake(): void;
  /** Holds a file for whoever asks. Twice is harmless. */
  seed(file: SeededFile): void;
  unseed(infohash: Infohash): void;
  /**
   * Fetches the one file of a transaction's torrent by infohash alone, from plain BitTorrent peers. Piece hashes are checked,
   * nothing else. Several calls for one infohash share a download. Goes on until aborted, or until it is clear that there is no
   * transaction to fetch: by the metadata, or because several peers say, and none denies, that it is too long for one.
   * `trackers` are asked beside the usual ones. `connected` is called when the number of connections in the swarm changes.
   * @throws {TtxError} `schema` when it is no transaction's torrent, `cancelled` when the swarm is stopped, `bug`; or the signal's reason
   */
  fetch(
    infohash: Infohash,
    options: { trackers?: readonly string[]; signal: AbortSignal; connected?: (peers: number) => void },
  ): Promise<Uint8Array>;
  /**
   * An offer or answer that `peer` passed on from somebody else, for this node. It asks for introductions itself, while peers are wanted:
   * by `intro` messages to peers, whose nodes pass them on.
   */
  introduced(peer: Peer, intro: Intro): void;
  status(): SwarmStatus;
}
