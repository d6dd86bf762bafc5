/** The connections of all swarms and the `ttx` peers at their ends: who is let in, which doubles stay, who is dropped. */
import type Wire from 'bittorrent-protocol';
import type { Infohash } from '../core/id.ts';
import { type Identity, isProof, isProvable } from '../core/identity.ts';
import { MAX_ATTACHMENT_BYTES } from '../core/limit.ts';
import type { Clock } from '../time/clock.ts';
import type { PeerBook } from './peer-book.ts';
import { admit, type Place, rotated } from './places.ts';
import { type Connection, preferredOf, RemotePeer } from './remote-peer.ts';
import type { Fingerprints } from './signaling.ts';
import type { SwarmEvents, TorrentRole } from './swarm.ts';
import { offerTtx, type TtxChannel } from './ttx-extension.ts';
import { guardMetadata, guardWire, MAX_BACKLOG_BYTES, onDrain } from './wire-guard.ts';

/** What the table needs of the swarm. */
export interface PeerTableOptions {
  readonly identity: Identity;
  readonly book: PeerBook;
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly events: SwarmEvents;
  /** What a torrent is for; undefined while it is being fetched. */
  readonly roleOf: (infohash: Infohash) => TorrentRole | undefined;
  /** The number of connections in a swarm changed. `missed`: a connection of some standing was lost. */
  readonly onCount: (infohash: Infohash, change: { readonly missed: boolean }) => void;
  /** Length that the metadata of an attached file's torrent must have; undefined for a transaction's. */
  readonly metadataBytes: (infohash: Infohash) => number | undefined;
  /** In a swarm that is being fetched, a peer says how long the metadata is; `fits`: it may be so long. */
  readonly onMetadataSize: (infohash: Infohash, peerId: string, fits: boolean) => void;
  /** `ttx` peers wanted; of more, one is let go now and then. */
  readonly wantedPeers: () => number;
}

/** How a connection came about, as far as both sides know it. */
export interface Origin {
  readonly infohash: Infohash;
  readonly peerId: string;
  readonly offerId: string;
  /** Whether this side made the offer. */
  readonly initiator: boolean;
  /** Who carried offer and answer. */
  readonly source: string;
  readonly fingerprints: Fingerprints;
}

/**
 * Connections beyond which no more are made, from the offer to the end, all together: a router at home follows some hundreds, and a phone
 * spends power on each. Those who only leech cannot crowd out the nodes of the network, and neither can keep us from fetching.
 */
const MAX_CONNECTIONS = { payment: 24, genesis: 32, fetch: 40 } as const;
/** Who has a peer id that can be proved proves it in this time, or is not who it says. */
const PROOF_MS = 10_000;
/** Connections under one such id that may wait for that: glare makes two. More would be a crowd in front of the owner. */
const MAX_UNPROVED = 3;
/** Who was let go by rotation is not taken back sooner. */
const ROTATION_MS = 600_000;
/** Two connections to one peer in one swarm can come of both sides offering; a double of an older one is somebody else's doing. */
const GLARE_WINDOW_MS = 30_000;
/** Before the double is closed, so that the other side too is ready on the one that stays. */
const GLARE_PAUSE_MS = 1_000;
/** A payment swarm's connection that has been quiet for this long is closed if the peer has another. */
const IDLE_MS = 15_000;
/** Beyond this many connections, quiet ones of the genesis swarm that do not speak `ttx` are closed too: they hold places that nodes need. */
const CROWDED = 20;
const SWEEP_MS = 5_000;
/** A connection that lasted this long is missed: others come and go as they please, and must not keep us busy that way. */
const STANDING_MS = 5_000;

/** In place of the extension, where it is not offered. */
const SILENT: TtxChannel = { isReady: false, send: () => {} };

/** One per running swarm. */
export class PeerTable {
  readonly #options: PeerTableOptions;
  readonly #connections = new Set<Connection>();
  readonly #peers = new Map<string, RemotePeer>();
  readonly #quiet = new WeakMap<Connection, { bytes: number; sinceMs: number }>();
  /** Connections on which we speak `ttx`. */
  readonly #offered = new WeakSet<Connection>();
  #cancelSweep: () => void;
  #rotatedAtMs: number;
  #rotatedId: string | undefined;
  #takenAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: PeerTableOptions) {
    this.#options = options;
    this.#rotatedAtMs = options.clock.nowMs();
    this.#cancelSweep = options.clock.after(SWEEP_MS, () => this.#sweep());
  }

  /** Peers that speak `ttx`. */
  get peers(): readonly RemotePeer[] {
    return [...this.#peers.values()];
  }

  /** Whether one more connection may be made for a torrent while so many are `open`. */
  hasRoom(infohash: Infohash, open: number): boolean {
    return open < MAX_CONNECTIONS[this.#options.roleOf(infohash) ?? 'fetch'];
  }

  /** Whether a `ttx` peer that we find would get a place. */
  get hasPlace(): boolean {
    return this.#admit({ isIncoming: false }).kind !== 'full';
  }

  /** Connections in one torrent's swarm, `ttx` or not. */
  connectionsOf(infohash: Infohash): readonly Connection[] {
    return [...this.#connections].filter((connection) => connection.infohash === infohash);
  }

  /** Whether another connection in this swarm, to this peer, would be kept. */
  welcomes({ infohash, peerId, isIncoming }: { infohash: Infohash; peerId: string; isIncoming: boolean }): boolean {
    const { identity, roleOf } = this.#options;
    if (peerId === identity.peerId || this.#isBarred(peerId)) return false;
    const same = this.connectionsOf(infohash).filter((connection) => connection.peerId === peerId);
    if (!isProvable(peerId)) return same.length === 0;
    // Whoever has not proved that the id is its own must not keep its owner out.
    if (same.length >= MAX_UNPROVED || same.some(({ ttx }) => ttx.isReady)) return false;
    return roleOf(infohash) !== 'genesis' || this.#peers.has(peerId) || this.#admit({ isIncoming }).kind !== 'full';
  }

  /** A wire has shaken hands: guards it and offers `ttx` on it, or closes it. */
  open(wire: Wire, origin: Origin): void {
    const { identity, clock, events, roleOf, onMetadataSize, metadataBytes } = this.#options;
    // Whoever announces one id and shows another is not the peer that was welcomed.
    if (wire.peerId !== origin.peerId || wire.peerId === identity.peerId || this.#isBarred(origin.peerId)) {
      wire.destroy();
      return;
    }
    const exactBytes = metadataBytes(origin.infohash);
    const backlogBytes = exactBytes !== undefined ? MAX_ATTACHMENT_BYTES + MAX_BACKLOG_BYTES : MAX_BACKLOG_BYTES;
    guardWire(wire, clock, (what) => this.penalize(connection, 100, what), backlogBytes);
    if (roleOf(origin.infohash) === undefined) {
      guardMetadata(
        wire,
        (fits) => {
          if (!fits) connection.close();
          onMetadataSize(origin.infohash, origin.peerId, fits);
        },
        exactBytes,
      );
    }
    // Without a place for the peer, it is served in other swarms all the same, as a plain client would be.
    const isRoom = this.#peers.has(origin.peerId) || this.#admit({ isIncoming: !origin.initiator }).kind !== 'full';
    onDrain(wire, () => this.#peers.get(origin.peerId)?.wake());
    const connection: Connection = {
      ...origin,
      get role(): TorrentRole {
        return roleOf(origin.infohash) ?? 'payment';
      },
      openedAtMs: clock.nowMs(),
      wire,
      ttx: isRoom ? this.#offer(wire, origin, () => connection) : SILENT,
      close: () => {
        // At once: the stream takes its time to end, and until then the peer must not count as connected.
        this.#onClosed(connection);
        wire.destroy();
      },
    };
    this.#connections.add(connection);
    if (isRoom) this.#offered.add(connection);
    for (const event of ['close', 'end', 'finish']) wire.once(event, () => this.#onClosed(connection));
    for (const event of ['bitfield', 'have', 'have-all']) wire.on(event, () => events.changed());
    this.#count(origin.infohash, false);
  }

  /**
   * Lowers a peer's score; what costs all of it also ends the connection it came through. Of an id that is not proved to be its own, only
   * the connection pays.
   */
  penalize(connection: Connection, points: number, reason: string): void {
    if (connection.ttx.isReady || !isProvable(connection.peerId)) this.#penalizePeer(connection.peerId, points, reason);
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

  #offer(wire: Wire, origin: Origin, connection: () => Connection): TtxChannel {
    const { identity, events } = this.#options;
    const { infohash, peerId, fingerprints } = origin;
    const ends = { infohash, from: identity.peerId, to: peerId, fromFingerprint: fingerprints.own, toFingerprint: fingerprints.remote };
    const mirrored = { infohash, from: peerId, to: ends.from, fromFingerprint: fingerprints.remote, toFingerprint: fingerprints.own };
    const proofs = { own: identity.prove(ends), check: (proof: unknown) => isProof(proof, mirrored) };
    return offerTtx(wire, proofs, {
      ready: () => this.#onReady(connection(), origin.source),
      impostor: () => connection().close(),
      said: (bytes) => {
        const peer = this.#peers.get(peerId);
        if (peer?.connections.has(connection()) !== true) return;
        const message = peer.read(bytes);
        if (message !== undefined) events.message(peer, message);
      },
    });
  }

  #isBarred(peerId: string): boolean {
    const { book, clock } = this.#options;
    const nowMs = clock.nowMs();
    return book.isBarred(peerId, nowMs) || (peerId === this.#rotatedId && nowMs - this.#rotatedAtMs < ROTATION_MS / 2);
  }

  #admit(newcomer: Pick<Place, 'isIncoming'>) {
    const { clock, random } = this.#options;
    return admit(newcomer, this.peers, { nowMs: clock.nowMs(), takenAtMs: this.#takenAtMs, random: random() });
  }

  #count(infohash: Infohash, missed: boolean): void {
    this.#options.onCount(infohash, { missed });
    this.#options.events.changed();
  }

  #onReady(connection: Connection, source: string): void {
    if (!this.#connections.has(connection)) return;
    const { peerId } = connection;
    const { clock, events } = this.#options;
    const known = this.#peers.get(peerId);
    if (known === undefined && !this.#makePlace({ isIncoming: !connection.initiator })) return connection.close();
    const onPenalty = (points: number, reason: string) => this.#penalizePeer(peerId, points, reason);
    const peer = known ?? new RemotePeer({ id: peerId, source, isIncoming: !connection.initiator, clock, onPenalty });
    peer.attach(connection);
    if (known === undefined) {
      this.#peers.set(peerId, peer);
      events.peer(peer);
    }
    this.#resolveGlare(connection);
    events.changed();
  }

  /** @returns whether there is a place for the newcomer now */
  #makePlace(newcomer: Pick<Place, 'isIncoming'>): boolean {
    const admission = this.#admit(newcomer);
    if (admission.kind === 'instead') {
      this.#takenAtMs = this.#options.clock.nowMs();
      this.#peers.get(admission.of)?.close('somebody new takes its place');
    }
    return admission.kind !== 'full';
  }

  #resolveGlare(connection: Connection): void {
    const { identity, clock } = this.#options;
    for (const other of this.connectionsOf(connection.infohash)) {
      if (other === connection || other.peerId !== connection.peerId || !other.ttx.isReady) continue;
      if (connection.openedAtMs - other.openedAtMs > GLARE_WINDOW_MS) {
        connection.close();
        return;
      }
      const loser = preferredOf(connection, other, identity.peerId) === connection ? other : connection;
      clock.after(GLARE_PAUSE_MS, () => loser.close());
    }
  }

  #onClosed(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    const peer = this.#peers.get(connection.peerId);
    if (peer?.connections.has(connection) && peer.detach(connection)) {
      this.#peers.delete(peer.id);
      this.#options.events.gone(peer);
    }
    this.#count(connection.infohash, this.#options.clock.nowMs() - connection.openedAtMs >= STANDING_MS);
  }

  #penalizePeer(peerId: string, points: number, _reason: string): void {
    const { book, clock } = this.#options;
    if (!book.penalize(peerId, points, clock.nowMs())) return;
    for (const connection of [...this.#connections]) if (connection.peerId === peerId) connection.close();
  }

  /** Lets one of more peers than are wanted go, now and then. */
  #rotate(): void {
    const { clock, random, wantedPeers } = this.#options;
    const nowMs = clock.nowMs();
    if (nowMs - this.#rotatedAtMs < ROTATION_MS || this.#peers.size <= wantedPeers()) return;
    this.#rotatedAtMs = nowMs;
    const leaver = rotated(this.peers, nowMs, random());
    this.#rotatedId = leaver?.id;
    if (leaver !== undefined) this.#peers.get(leaver.id)?.close('rotation');
  }

  /** Closes connections that prove nothing, and those of payment swarms that nobody uses, if the peer has another one. */
  #sweep(): void {
    const { clock, roleOf } = this.#options;
    this.#cancelSweep = clock.after(SWEEP_MS, () => this.#sweep());
    this.#rotate();
    const nowMs = clock.nowMs();
    for (const connection of [...this.#connections]) {
      const { peerId, ttx, openedAtMs } = connection;
      if (this.#offered.has(connection) && isProvable(peerId) && !ttx.isReady && nowMs - openedAtMs >= PROOF_MS) {
        connection.close();
        continue;
      }
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
