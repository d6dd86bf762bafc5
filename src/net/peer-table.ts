/** The connections of all swarms and the `ttx` peers at their ends: who is let in, which doubles stay, who is dropped. */
import type Wire from 'bittorrent-protocol';
import type { Infohash } from '../core/id.ts';
import type { PeerBook } from './peer-book.ts';
import { type Connection, preferredOf, RemotePeer } from './remote-peer.ts';
import type { Scheduler } from './scheduler.ts';
import type { SwarmEvents, TorrentRole } from './swarm.ts';
import { offerTtx } from './ttx-extension.ts';
import { guardMetadata, guardWire, onDrain } from './wire-guard.ts';

/** What the table needs of the swarm. */
export interface PeerTableOptions {
  /** Own peer id. */
  readonly peerId: string;
  readonly book: PeerBook;
  readonly scheduler: Scheduler;
  readonly events: SwarmEvents;
  /** What a torrent is for; undefined while it is being fetched. */
  readonly roleOf: (infohash: Infohash) => TorrentRole | undefined;
  /** The number of connections in a swarm changed. `missed`: a connection of some standing was lost. */
  readonly onCount: (infohash: Infohash, change: { readonly missed: boolean }) => void;
  /** In a swarm that is being fetched, a peer says how long the metadata is; `fits`: a transaction's may be so long. */
  readonly onMetadataSize: (infohash: Infohash, peerId: string, fits: boolean) => void;
}

/** How a connection came about, as far as both sides know it. */
export interface Origin {
  readonly infohash: Infohash;
  readonly peerId: string;
  readonly offerId: string;
  /** Whether this side made the offer. */
  readonly initiator: boolean;
}

/**
 * Connections of all kinds beyond which no more are taken: about a tenth of what a page may have. Those who only leech cannot
 * crowd out the nodes of the network, and neither can keep us from fetching.
 */
const MAX_CONNECTIONS = { payment: 48, genesis: 56, fetch: 64 } as const;
/** Two connections to one peer in one swarm can come of both sides offering; a double of an older one is somebody else's doing. */
const GLARE_WINDOW_MS = 30_000;
/** Before the double is closed, so that the other side too is ready on the one that stays. */
const GLARE_PAUSE_MS = 1_000;
/** A payment swarm's connection that has been quiet for this long is closed if the peer has another. */
const IDLE_MS = 15_000;
/** Beyond this many connections, quiet ones of the genesis swarm that do not speak `ttx` are closed too: they hold places that nodes need. */
const CROWDED = 28;
const SWEEP_MS = 5_000;
/** A connection that lasted this long is missed: others come and go as they please, and must not keep us busy that way. */
const STANDING_MS = 5_000;

/** One per running swarm. */
export class PeerTable {
  readonly #options: PeerTableOptions;
  readonly #connections = new Set<Connection>();
  readonly #peers = new Map<string, RemotePeer>();
  readonly #quiet = new WeakMap<Connection, { bytes: number; sinceMs: number }>();
  #cancelSweep: () => void;

  constructor(options: PeerTableOptions) {
    this.#options = options;
    this.#cancelSweep = options.scheduler.after(SWEEP_MS, () => this.#sweep());
  }

  /** Peers that speak `ttx`. */
  get peerCount(): number {
    return this.#peers.size;
  }

  /** Connections in one torrent's swarm, `ttx` or not. */
  connectionsOf(infohash: Infohash): readonly Connection[] {
    return [...this.#connections].filter((connection) => connection.infohash === infohash);
  }

  /** Whether another connection in this swarm, to this peer, would be kept. */
  welcomes(infohash: Infohash, peerId: string): boolean {
    return this.#hasRoomFor(infohash, peerId) && !this.connectionsOf(infohash).some((connection) => connection.peerId === peerId);
  }

  /** A wire has shaken hands: guards it and offers `ttx` on it, or closes it. */
  open(wire: Wire, origin: Origin): void {
    const { peerId, scheduler, events, roleOf, onMetadataSize } = this.#options;
    // Whoever announces one id and shows another is not the peer that was welcomed.
    if (wire.peerId !== origin.peerId || wire.peerId === peerId || !this.#hasRoomFor(origin.infohash, origin.peerId)) {
      wire.destroy();
      return;
    }
    guardWire(wire, scheduler, (what) => this.penalize(connection, 100, what));
    if (roleOf(origin.infohash) === undefined) {
      guardMetadata(wire, (fits) => {
        if (!fits) connection.close();
        onMetadataSize(origin.infohash, origin.peerId, fits);
      });
    }
    onDrain(wire, () => this.#peers.get(origin.peerId)?.wake());
    const connection: Connection = {
      ...origin,
      get role(): TorrentRole {
        return roleOf(origin.infohash) ?? 'payment';
      },
      openedAtMs: scheduler.nowMs(),
      wire,
      ttx: offerTtx(wire, scheduler, {
        ready: () => this.#onReady(connection),
        message: (message) => {
          const peer = this.#peers.get(origin.peerId);
          if (peer !== undefined) events.message(peer, message);
        },
        violation: (points, what) => this.penalize(connection, points, what),
      }),
      close: () => {
        // At once: the stream takes its time to end, and until then the peer must not count as connected.
        this.#onClosed(connection);
        wire.destroy();
      },
    };
    this.#connections.add(connection);
    for (const event of ['close', 'end', 'finish']) wire.once(event, () => this.#onClosed(connection));
    for (const event of ['bitfield', 'have', 'have-all']) wire.on(event, () => events.changed());
    this.#count(origin.infohash, false);
  }

  /** Lowers a peer's score; what costs all of it also ends the connection it came through. */
  penalize(connection: Connection, points: number, reason: string): void {
    this.#penalizePeer(connection.peerId, points, reason);
    if (points >= 100) connection.close();
  }

  /** Closes all connections of one torrent. */
  closeSwarm(infohash: Infohash): void {
    for (const connection of this.connectionsOf(infohash)) connection.close();
  }

  /** Closes all connections. */
  stop(): void {
    this.#cancelSweep();
    for (const connection of [...this.#connections]) connection.close();
  }

  #hasRoomFor(infohash: Infohash, peerId: string): boolean {
    const { book, scheduler, roleOf } = this.#options;
    return this.#connections.size < MAX_CONNECTIONS[roleOf(infohash) ?? 'fetch'] && !book.isBarred(peerId, scheduler.nowMs());
  }

  #count(infohash: Infohash, missed: boolean): void {
    this.#options.onCount(infohash, { missed });
    this.#options.events.changed();
  }

  #onReady(connection: Connection): void {
    if (!this.#connections.has(connection)) return;
    const { peerId } = connection;
    const known = this.#peers.get(peerId);
    const peer = known ?? new RemotePeer({ id: peerId, onPenalty: (points, reason) => this.#penalizePeer(peerId, points, reason) });
    peer.attach(connection);
    if (known === undefined) {
      this.#peers.set(peerId, peer);
      this.#options.events.peer(peer);
    }
    this.#resolveGlare(connection);
    this.#options.events.changed();
  }

  #resolveGlare(connection: Connection): void {
    const { peerId, scheduler } = this.#options;
    for (const other of this.connectionsOf(connection.infohash)) {
      if (other === connection || other.peerId !== connection.peerId || !other.ttx.isReady) continue;
      if (connection.openedAtMs - other.openedAtMs > GLARE_WINDOW_MS) {
        connection.close();
        return;
      }
      const loser = preferredOf(connection, other, peerId) === connection ? other : connection;
      scheduler.after(GLARE_PAUSE_MS, () => loser.close());
    }
  }

  #onClosed(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    const peer = this.#peers.get(connection.peerId);
    if (peer?.connections.has(connection) && peer.detach(connection)) {
      this.#peers.delete(peer.id);
      this.#options.events.gone(peer);
    }
    this.#count(connection.infohash, this.#options.scheduler.nowMs() - connection.openedAtMs >= STANDING_MS);
  }

  #penalizePeer(peerId: string, points: number, _reason: string): void {
    const { book, scheduler } = this.#options;
    if (!book.penalize(peerId, points, scheduler.nowMs())) return;
    for (const connection of [...this.#connections]) if (connection.peerId === peerId) connection.close();
  }

  /** Closes connections of payment swarms that nobody uses, if the peer has another one. */
  #sweep(): void {
    const { scheduler, roleOf } = this.#options;
    this.#cancelSweep = scheduler.after(SWEEP_MS, () => this.#sweep());
    const nowMs = scheduler.nowMs();
    for (const connection of [...this.#connections]) {
      const bytes = connection.wire.uploaded + connection.wire.downloaded;
      const quiet = this.#quiet.get(connection);
      if (quiet?.bytes !== bytes) {
        this.#quiet.set(connection, { bytes, sinceMs: nowMs });
        continue;
      }
      if (nowMs - quiet.sinceMs < IDLE_MS) continue;
      const role = roleOf(connection.infohash);
      if (role === 'genesis' && !connection.ttx.isReady && this.#connections.size > CROWDED) connection.close();
      if (role !== 'payment') continue;
      const others = [...(this.#peers.get(connection.peerId)?.connections ?? [])].filter((other) => other !== connection);
      if (others.length > 0) connection.close();
    }
  }
}
