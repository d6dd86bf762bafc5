/** The real {@link Swarm}: WebTorrent over WebRTC, in a worker whose page owns the connections. */
import type SimplePeer from '@thaunknown/simple-peer/lite.js';
import type Wire from 'bittorrent-protocol';
import type WebTorrent from 'webtorrent';
import type { Torrent } from 'webtorrent';
import type { IceServer } from '../api/rtc.ts';
import { TtxError } from '../core/error.ts';
import type { Infohash } from '../core/id.ts';
import { infoDictionary, parseInfoDictionary } from '../core/torrent.ts';
import type { WebTorrentModules } from './load-webtorrent.ts';
import { PeerBook } from './peer-book.ts';
import { PieceStore } from './piece-store.ts';
import { type Connection, preferredOf, RemotePeer } from './remote-peer.ts';
import type { Scheduler } from './scheduler.ts';
import type { SeededFile, Swarm, SwarmEvents, SwarmStatus, TorrentRole } from './swarm.ts';
import { type Introduction, type TorrentDemand, TrackerClient } from './tracker-client.ts';
import type { WebSocketLike } from './tracker-socket.ts';
import { offerTtx } from './ttx-extension.ts';
import { guardMetadata, guardWire } from './wire-guard.ts';

/** What the swarm needs of its surroundings. */
export interface WebTorrentSwarmOptions {
  /** `loadWebTorrent`, once `installRtcPort` has run. */
  readonly load: () => Promise<WebTorrentModules>;
  readonly connectTracker: (url: string) => WebSocketLike;
  readonly scheduler: Scheduler;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
  /** STUN and TURN servers through which peers behind NAT find each other. */
  readonly iceServers: readonly IceServer[];
}

/** Public STUN servers, the ones that WebTorrent uses: they learn an IP address and nothing else. */
export const PUBLIC_ICE_SERVERS: readonly IceServer[] = [{ urls: ['stun:stun.l.google.com:19302', 'stun:global.stun.twilio.com:3478'] }];

/** `ttx` peers wanted: gossip reaches thousands of nodes in a few hops at this degree, at 8 connections' cost. */
const WANTED_PEERS = 8;
/** Offers per announce: one may be lost, more would only make doubles. */
const OFFERS = 2;
/** Connections of all kinds, a tenth of what a page may have: what strangers can make us hold. */
const MAX_CONNECTIONS = 48;
/** Connections in a fetched torrent's swarm beyond which no more are sought: one holder is enough for one piece. */
const FETCH_CONNECTIONS = 3;
/** Longest wait between announces: somebody waits for a fetch, nobody for the ninth peer. */
const LONGEST_WAIT_MS = { fetch: 15_000, genesis: 60_000 } as const;
/** A fetched torrent stays this long for the node to decide to seed it, with its connections. */
const FETCHED_GRACE_MS = 30_000;
/** Two connections to one peer in one swarm can come of both sides offering; a double of an older one is somebody else's doing. */
const GLARE_WINDOW_MS = 30_000;
/** Before the double is closed, so that the other side too is ready on the one that stays. */
const GLARE_PAUSE_MS = 1_000;
/** A payment swarm's connection that has been quiet for this long is closed if the peer has another. */
const IDLE_MS = 15_000;
const SWEEP_MS = 5_000;
/** Losing a connection that lasted this long makes us look for another at once. */
const STAY_MS = 5_000;

/** A download that callers wait for. */
interface FetchJob {
  readonly waiters: Set<Waiter>;
}

interface Waiter {
  readonly trackers: readonly string[];
  readonly connected: ((peers: number) => void) | undefined;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
}

/** A live torrent: seeded (`file`), being fetched (`job`), or fetched and waiting to be seeded (neither). */
interface LiveTorrent {
  readonly infohash: Infohash;
  readonly torrent: Torrent;
  readonly store: PieceStore;
  file: SeededFile | undefined;
  job: FetchJob | undefined;
  cancelGrace: () => void;
}

/** What exists between {@link WebTorrentSwarm.start} and {@link WebTorrentSwarm.stop}. */
interface Running {
  readonly client: WebTorrent;
  readonly trackers: TrackerClient<SimplePeer>;
  readonly events: SwarmEvents;
}

export class WebTorrentSwarm implements Swarm {
  readonly #options: WebTorrentSwarmOptions;
  readonly #book = new PeerBook();
  readonly #seeds = new Map<Infohash, SeededFile>();
  readonly #jobs = new Map<Infohash, FetchJob>();
  readonly #live = new Map<Infohash, LiveTorrent>();
  readonly #connections = new Set<Connection>();
  readonly #peers = new Map<string, RemotePeer>();
  readonly #introductions = new WeakMap<object, Introduction<SimplePeer>>();
  readonly #quiet = new WeakMap<Wire, { bytes: number; sinceMs: number }>();
  #trackerUrls: readonly string[] = [];
  #running: Running | undefined;
  #stopping = false;
  #cancelSweep: () => void = () => {};

  constructor(options: WebTorrentSwarmOptions) {
    this.#options = options;
  }

  async start(events: SwarmEvents): Promise<void> {
    this.#stopping = false;
    const { WebTorrent, SimplePeer } = await this.#options.load();
    if (this.#stopping) return;
    const { connectTracker, scheduler, random, randomBytes, iceServers } = this.#options;
    const client = new WebTorrent({ tracker: false, dht: false, lsd: false, utPex: false, natUpnp: false, natPmp: false, webSeeds: false });
    client.on('error', (error) => console.warn('swarm:', error));
    const trackers = new TrackerClient<SimplePeer>({
      peerId: client.peerId,
      connect: connectTracker,
      createConnection: (initiator) => new SimplePeer({ initiator, trickle: false, config: { iceServers } }),
      scheduler,
      random,
      randomBytes,
      demand: (infohash) => this.#demand(infohash),
      welcomes: (infohash, peerId) => this.#welcomes(infohash, peerId),
      onIntroduction: (introduction) => this.#introduce(introduction),
      onStatus: () => events.changed(),
    });
    this.#running = { client, trackers, events };
    trackers.setTrackers(this.#trackerUrls);
    for (const file of this.#seeds.values()) this.#openSeed(file);
    for (const infohash of this.#jobs.keys()) this.#openFetch(infohash);
    this.#sweep();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelSweep();
    const running = this.#running;
    for (const job of this.#jobs.values()) for (const waiter of job.waiters) waiter.reject(new TtxError('cancelled'));
    this.#jobs.clear();
    this.#seeds.clear();
    if (running === undefined) return;
    running.trackers.stop();
    for (const live of [...this.#live.values()]) this.#closeTorrent(live);
    this.#running = undefined;
    await new Promise<void>((resolve) => running.client.destroy(() => resolve()));
  }

  setTrackers(urls: readonly string[]): void {
    this.#trackerUrls = urls;
    this.#running?.trackers.setTrackers(urls);
  }

  seed(file: SeededFile): void {
    if (this.#seeds.get(file.infohash)?.role === file.role) return;
    this.#seeds.set(file.infohash, file);
    const job = this.#jobs.get(file.infohash);
    if (job !== undefined) this.#finish(file.infohash, job, (waiter) => waiter.resolve(file.bytes));
    this.#openSeed(file);
  }

  unseed(infohash: Infohash): void {
    if (!this.#seeds.delete(infohash)) return;
    const live = this.#live.get(infohash);
    if (live !== undefined) this.#closeTorrent(live);
  }

  fetch(
    infohash: Infohash,
    options: { trackers?: readonly string[]; signal: AbortSignal; connected?: (peers: number) => void },
  ): Promise<Uint8Array> {
    const { signal, trackers = [], connected } = options;
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const held = this.#seeds.get(infohash)?.bytes;
      if (held !== undefined) {
        resolve(held);
        return;
      }
      const job = this.#jobs.get(infohash) ?? { waiters: new Set<Waiter>() };
      const onAbort = () => {
        job.waiters.delete(waiter);
        reject(signal.reason);
        if (job.waiters.size === 0 && this.#jobs.get(infohash) === job) this.#abandon(infohash);
      };
      const settle = () => signal.removeEventListener('abort', onAbort);
      const waiter: Waiter = {
        trackers,
        connected,
        resolve: (bytes) => {
          settle();
          resolve(bytes);
        },
        reject: (reason) => {
          settle();
          reject(reason);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      job.waiters.add(waiter);
      this.#jobs.set(infohash, job);
      this.#openFetch(infohash);
    });
  }

  status(): SwarmStatus {
    const known = new Map(this.#running?.trackers.status().map((tracker) => [tracker.url, tracker]));
    const torrents = [...this.#live.values()].flatMap(({ infohash, file, torrent }) => {
      if (file === undefined) return [];
      const connections = this.#connectionsOf(infohash);
      const holders = connections.filter(({ wire }) => wire.peerPieces.get(0)).map(({ peerId }) => peerId);
      return [{ infohash, role: file.role, peers: connections.length, holders: [...new Set(holders)], uploadedBytes: torrent.uploaded }];
    });
    return { torrents, trackers: this.#trackerUrls.map((url) => known.get(url) ?? { url, status: 'offline' as const }) };
  }

  #connectionsOf(infohash: Infohash): Connection[] {
    return [...this.#connections].filter((connection) => connection.infohash === infohash);
  }

  // Torrents.

  #openSeed(file: SeededFile): void {
    const running = this.#running;
    if (running === undefined) return;
    const open = this.#live.get(file.infohash);
    if (open !== undefined && open.job === undefined) {
      // Fetched a moment ago, or seeded in another role: it is complete and keeps its connections.
      open.cancelGrace();
      open.file = file;
      running.trackers.refresh(file.infohash);
      return;
    }
    if (open !== undefined) this.#closeTorrent(open);
    const store = new PieceStore(file.bytes);
    // Without `announce` or any other key, so that nothing but the infohash is told about the torrent.
    const metainfo = encodeMetainfo(infoDictionary(file.bytes));
    const torrent = running.client.add(metainfo, { preloadedStore: store, skipVerify: true, storeCacheSlots: 0 });
    this.#addTorrent(running, { infohash: file.infohash, torrent, store, file, job: undefined, cancelGrace: () => {} }, []);
  }

  #openFetch(infohash: Infohash): void {
    const running = this.#running;
    const job = this.#jobs.get(infohash);
    if (running === undefined || job === undefined) return;
    const extra = [...new Set([...job.waiters].flatMap((waiter) => waiter.trackers))];
    const open = this.#live.get(infohash);
    if (open?.job === job) {
      running.trackers.add(infohash, extra);
      this.#tellConnected(infohash);
      return;
    }
    if (open !== undefined) this.#closeTorrent(open);
    const stores: PieceStore[] = [];
    class Store extends PieceStore {
      constructor() {
        super();
        stores.push(this);
      }
    }
    const torrent = running.client.add(infohash, { store: Store, storeCacheSlots: 0 });
    const live: LiveTorrent = { infohash, torrent, store: new PieceStore(), file: undefined, job, cancelGrace: () => {} };
    torrent.on('metadata', () => this.#checkMetadata(live, job));
    torrent.on('warning', (warning) => this.#onWarning(live, String(warning)));
    torrent.on('done', () => {
      stores[0]?.get(0, null, (error, bytes) => this.#onFetched(live, job, error === null ? bytes : undefined));
    });
    this.#addTorrent(running, live, extra);
  }

  #addTorrent(running: Running, live: LiveTorrent, extra: readonly string[]): void {
    this.#live.set(live.infohash, live);
    live.torrent.on('wire', (wire) => this.#onWire(live, wire));
    live.torrent.on('upload', () => this.#wakePeers());
    live.torrent.on('error', (error) => this.#onTorrentError(live, error));
    running.trackers.add(live.infohash, extra);
    running.events.changed();
  }

  /** The info dictionary is here and its hash is right; is it that of a transaction? */
  #checkMetadata(live: LiveTorrent, job: FetchJob): void {
    try {
      parseInfoDictionary(live.torrent.infoBuffer ?? new Uint8Array());
    } catch (error) {
      this.#finish(live.infohash, job, (waiter) => waiter.reject(error));
      this.#closeTorrent(live);
    }
  }

  #onFetched(live: LiveTorrent, job: FetchJob, bytes: Uint8Array | undefined): void {
    if (live.job !== job || bytes === undefined) return;
    live.job = undefined;
    live.cancelGrace = this.#options.scheduler.after(FETCHED_GRACE_MS, () => {
      if (live.file === undefined) this.#closeTorrent(live);
    });
    this.#running?.trackers.refresh(live.infohash);
    // A copy: the original is what WebTorrent sends to others.
    this.#finish(live.infohash, job, (waiter) => waiter.resolve(bytes.slice()));
  }

  #onTorrentError(live: LiveTorrent, error: Error | string): void {
    console.warn('swarm:', live.infohash, error);
    const { job } = live;
    this.#closeTorrent(live);
    if (job !== undefined)
      this.#finish(live.infohash, job, (waiter) => waiter.reject(new TtxError('bug', { what: 'torrent' }, { cause: error })));
  }

  /** A piece whose hash is wrong came from whoever delivered last: the torrent is one block. */
  #onWarning(live: LiveTorrent, warning: string): void {
    if (!warning.includes('failed verification')) return;
    const [deliverer] = this.#connectionsOf(live.infohash).sort((a, b) => b.wire.downloaded - a.wire.downloaded);
    if (deliverer !== undefined) this.#penalize(deliverer, 100, warning);
  }

  #finish(infohash: Infohash, job: FetchJob, settle: (waiter: Waiter) => void): void {
    if (this.#jobs.get(infohash) === job) this.#jobs.delete(infohash);
    for (const waiter of [...job.waiters]) settle(waiter);
    job.waiters.clear();
  }

  #abandon(infohash: Infohash): void {
    this.#jobs.delete(infohash);
    const live = this.#live.get(infohash);
    if (live?.job !== undefined) this.#closeTorrent(live);
  }

  #closeTorrent(live: LiveTorrent): void {
    if (this.#live.get(live.infohash) !== live) return;
    this.#live.delete(live.infohash);
    live.cancelGrace();
    this.#running?.trackers.remove(live.infohash);
    for (const connection of this.#connectionsOf(live.infohash)) this.#onClosed(connection);
    if (!live.torrent.destroyed) live.torrent.destroy();
    this.#running?.events.changed();
  }

  // Trackers.

  #demand(infohash: Infohash): TorrentDemand {
    const live = this.#live.get(infohash);
    const connections = this.#connectionsOf(infohash).length;
    if (live?.job !== undefined) {
      const offers = connections < FETCH_CONNECTIONS ? OFFERS : 0;
      return { offers, connections, longestWaitMs: LONGEST_WAIT_MS.fetch, leftBytes: 1 };
    }
    const offers = live?.file?.role === 'genesis' && this.#peers.size < WANTED_PEERS ? OFFERS : 0;
    return { offers, connections, longestWaitMs: LONGEST_WAIT_MS.genesis, leftBytes: 0 };
  }

  #welcomes(infohash: Infohash, peerId: string): boolean {
    if (!this.#live.has(infohash) || this.#connections.size >= MAX_CONNECTIONS) return false;
    if (this.#book.isBarred(peerId, this.#options.scheduler.nowMs())) return false;
    return !this.#connectionsOf(infohash).some((connection) => connection.peerId === peerId);
  }

  #introduce(introduction: Introduction<SimplePeer>): void {
    const { infohash, peerId, offerId, connection } = introduction;
    const live = this.#live.get(infohash);
    if (live === undefined || !live.torrent.infoHash || live.torrent.destroyed) {
      connection.destroy();
      return;
    }
    // WebTorrent drops a second connection with a known id at once, and which one that is differs between the two sides.
    connection.id = `${peerId}:${offerId}`;
    this.#introductions.set(connection, introduction);
    live.torrent.addPeer(connection);
  }

  // Connections.

  #onWire(live: LiveTorrent, wire: Wire): void {
    const introduction = this.#introductionOf(live.torrent, wire);
    const ownPeerId = this.#running?.client.peerId;
    const { scheduler } = this.#options;
    const peerId = wire.peerId;
    // Whoever announces one id and shows another is not the peer that was welcomed.
    if (introduction === undefined || peerId === null || peerId !== introduction.peerId || peerId === ownPeerId) {
      wire.destroy();
      return;
    }
    if (this.#connections.size >= MAX_CONNECTIONS || this.#book.isBarred(peerId, scheduler.nowMs())) {
      wire.destroy();
      return;
    }
    guardWire(wire, scheduler, (what) => this.#penalize(connection, 100, what));
    if (live.file === undefined) guardMetadata(wire, (what) => this.#penalize(connection, 0, what));
    const connection: Connection = {
      infohash: live.infohash,
      get role(): TorrentRole {
        return live.file?.role ?? 'payment';
      },
      peerId,
      initiator: introduction.initiator,
      offerId: introduction.offerId,
      openedAtMs: scheduler.nowMs(),
      wire,
      ttx: offerTtx(wire, scheduler, {
        ready: () => this.#onReady(connection),
        message: (message) => {
          const peer = this.#peers.get(peerId);
          if (peer !== undefined) this.#running?.events.message(peer, message);
        },
        violation: (points, what) => this.#penalize(connection, points, what),
      }),
      close: () => {
        // At once: the stream takes its time to end, and until then the peer must not count as connected.
        this.#onClosed(connection);
        wire.destroy();
      },
    };
    this.#connections.add(connection);
    for (const event of ['close', 'end', 'finish']) wire.once(event, () => this.#onClosed(connection));
    for (const event of ['bitfield', 'have', 'have-all']) wire.on(event, () => this.#running?.events.changed());
    this.#tellConnected(live.infohash);
    this.#running?.events.changed();
  }

  #introductionOf(torrent: Torrent, wire: Wire): Introduction<SimplePeer> | undefined {
    for (const peer of torrent._peers?.values() ?? []) {
      if (peer.wire === wire && typeof peer.conn === 'object' && peer.conn !== null) return this.#introductions.get(peer.conn);
    }
    return undefined;
  }

  #onReady(connection: Connection): void {
    const running = this.#running;
    if (running === undefined || !this.#connections.has(connection)) return;
    const known = this.#peers.get(connection.peerId);
    const peer =
      known ??
      new RemotePeer({ id: connection.peerId, onPenalty: (points, reason) => this.#penalizeId(connection.peerId, points, reason) });
    peer.attach(connection);
    if (known === undefined) {
      this.#peers.set(peer.id, peer);
      running.events.peer(peer);
    }
    this.#resolveGlare(connection);
    running.events.changed();
  }

  #resolveGlare(connection: Connection): void {
    const ownPeerId = this.#running?.client.peerId ?? '';
    for (const other of this.#connectionsOf(connection.infohash)) {
      if (other === connection || other.peerId !== connection.peerId || !other.ttx.isReady) continue;
      if (connection.openedAtMs - other.openedAtMs > GLARE_WINDOW_MS) {
        connection.close();
        return;
      }
      const loser = preferredOf(connection, other, ownPeerId) === connection ? other : connection;
      this.#options.scheduler.after(GLARE_PAUSE_MS, () => loser.close());
    }
  }

  #onClosed(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    const peer = this.#peers.get(connection.peerId);
    if (peer?.connections.has(connection) && peer.detach(connection)) {
      this.#peers.delete(peer.id);
      this.#running?.events.gone(peer);
    }
    this.#tellConnected(connection.infohash);
    // Somebody is missing now: look for another soon. Not for one who only came by, who could keep us busy that way.
    const stayedMs = this.#options.scheduler.nowMs() - connection.openedAtMs;
    if (stayedMs > STAY_MS && this.#demand(connection.infohash).offers > 0) this.#running?.trackers.refresh(connection.infohash);
    this.#running?.events.changed();
  }

  #penalize(connection: Connection, points: number, reason: string): void {
    this.#penalizeId(connection.peerId, points, reason);
    // What a guarded wire did ends it, whatever the score says.
    if (points === 0 || points >= 100) connection.close();
  }

  #penalizeId(peerId: string, points: number, _reason: string): void {
    if (!this.#book.penalize(peerId, points, this.#options.scheduler.nowMs())) return;
    for (const connection of [...this.#connections]) if (connection.peerId === peerId) connection.close();
  }

  #tellConnected(infohash: Infohash): void {
    const count = this.#connectionsOf(infohash).length;
    for (const waiter of this.#jobs.get(infohash)?.waiters ?? []) waiter.connected?.(count);
  }

  #wakePeers(): void {
    for (const peer of this.#peers.values()) peer.wake();
  }

  /** Closes connections of payment swarms that nobody uses, if the peer has another one. */
  #sweep(): void {
    const { scheduler } = this.#options;
    this.#cancelSweep = scheduler.after(SWEEP_MS, () => this.#sweep());
    const nowMs = scheduler.nowMs();
    for (const connection of [...this.#connections]) {
      const { wire, peerId, infohash } = connection;
      const bytes = wire.uploaded + wire.downloaded;
      const quiet = this.#quiet.get(wire);
      if (quiet?.bytes !== bytes) {
        this.#quiet.set(wire, { bytes, sinceMs: nowMs });
        continue;
      }
      if (connection.role === 'genesis' || this.#live.get(infohash)?.job !== undefined || nowMs - quiet.sinceMs < IDLE_MS) continue;
      const others = this.#peers.get(peerId)?.connections;
      if (others !== undefined && [...others].some((other) => other !== connection && other.wire !== wire)) connection.close();
    }
  }
}

/** A metainfo file (BEP 3) with nothing beside the info dictionary, whose bytes go in as they are. */
function encodeMetainfo(info: Uint8Array): Uint8Array {
  const metainfo = new TextEncoder().encode(`d4:info${' '.repeat(info.length)}e`);
  metainfo.set(info, 'd4:info'.length);
  return metainfo;
}
