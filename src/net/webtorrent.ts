/** The real {@link Swarm}: WebTorrent over WebRTC, in a worker whose page owns the connections. */
import type SimplePeer from '@thaunknown/simple-peer/lite.js';
import type Wire from 'bittorrent-protocol';
import type WebTorrent from 'webtorrent';
import type { Torrent } from 'webtorrent';
import type { IceServer } from '../api/rtc.ts';
import { TtxError } from '../core/error.ts';
import type { Infohash } from '../core/id.ts';
import { infoDictionary, parseInfoDictionary } from '../core/torrent.ts';
import { FetchJobs, type FetchOptions } from './fetch-jobs.ts';
import type { WebTorrentModules } from './load-webtorrent.ts';
import { MetadataClaims } from './metadata-claims.ts';
import { PeerBook } from './peer-book.ts';
import { PeerTable } from './peer-table.ts';
import { PieceStore } from './piece-store.ts';
import type { Scheduler } from './scheduler.ts';
import type { SeededFile, Swarm, SwarmConditions, SwarmEvents, SwarmStatus, TorrentRole, TorrentStatus } from './swarm.ts';
import { type Introduction, type TorrentDemand, TrackerClient } from './tracker-client.ts';
import type { WebSocketLike } from './tracker-socket.ts';

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

/**
 * `ttx` peers wanted: gossip reaches thousands of nodes in a few hops at a degree of 8, at 8 connections' cost. Nobody looks: two hear
 * of everything, and the second is there when the first goes.
 */
const WANTED_PEERS = { visible: 8, hidden: 2 } as const;
/** Offers per announce: one may be lost, more would only make doubles. */
const OFFERS = 2;
/** Connections in a fetched torrent's swarm beyond which no more are sought: one holder is enough for one piece. */
const FETCH_CONNECTIONS = 3;
/** Longest wait between announces: somebody waits for a fetch, nobody for the ninth peer, and nobody at all where nobody looks. */
const LONGEST_WAIT_MS = { fetch: 15_000, visible: 60_000, hidden: 300_000 } as const;
/** A fetched torrent stays this long for the node to decide to seed it, with its connections. */
const FETCHED_GRACE_MS = 30_000;

/** A torrent that WebTorrent has. Seeded if it has a `role`; else being fetched, or fetched a moment ago. */
interface LiveTorrent {
  readonly infohash: Infohash;
  readonly torrent: Torrent;
  role: TorrentRole | undefined;
  /** While it is being fetched. */
  readonly claims?: MetadataClaims;
  /** The file, once it is complete. */
  bytes: Uint8Array | undefined;
  cancelGrace: () => void;
}

/** What exists between {@link WebTorrentSwarm.start} and {@link WebTorrentSwarm.stop}. */
interface Running {
  readonly client: WebTorrent;
  readonly trackers: TrackerClient<SimplePeer>;
  readonly table: PeerTable;
  readonly events: SwarmEvents;
}

/** See {@link Swarm}. What is asked for before the start happens after it. */
export class WebTorrentSwarm implements Swarm {
  readonly #options: WebTorrentSwarmOptions;
  readonly #book = new PeerBook();
  readonly #seeds = new Map<Infohash, SeededFile>();
  readonly #jobs = new FetchJobs((infohash) => this.#abandon(infohash));
  readonly #live = new Map<Infohash, LiveTorrent>();
  readonly #introductions = new WeakMap<object, Introduction<SimplePeer>>();
  #trackerUrls: readonly string[] = [];
  #conditions: SwarmConditions = { online: true, visible: true };
  #running: Running | undefined;
  #starts = 0;

  constructor(options: WebTorrentSwarmOptions) {
    this.#options = options;
  }

  async start(events: SwarmEvents): Promise<void> {
    const start = ++this.#starts;
    const { load, connectTracker, scheduler, random, randomBytes, iceServers } = this.#options;
    const { WebTorrent, SimplePeer } = await load();
    if (start !== this.#starts) return;
    const client = new WebTorrent({ tracker: false, dht: false, lsd: false, utPex: false, natUpnp: false, natPmp: false, webSeeds: false });
    client.on('error', (error) => console.warn('swarm:', error));
    const { peerId } = client;
    const table = new PeerTable({
      peerId,
      book: this.#book,
      scheduler,
      events,
      roleOf: (infohash) => this.#live.get(infohash)?.role,
      onCount: (infohash, { missed }) => this.#onCount(infohash, missed),
      onMetadataSize: (infohash, id, fits) => this.#live.get(infohash)?.claims?.add(id, fits),
    });
    const trackers = new TrackerClient<SimplePeer>({
      peerId,
      connect: connectTracker,
      createConnection: (initiator) => new SimplePeer({ initiator, trickle: false, config: { iceServers } }),
      scheduler,
      random,
      randomBytes,
      demand: (infohash) => this.#demand(infohash),
      welcomes: (infohash, id) => this.#live.has(infohash) && table.welcomes(infohash, id),
      onIntroduction: (introduction) => this.#introduce(introduction),
      onStatus: () => events.changed(),
    });
    this.#running = { client, trackers, table, events };
    trackers.setOnline(this.#conditions.online);
    trackers.setTrackers(this.#trackerUrls);
    for (const file of this.#seeds.values()) this.#openSeed(file);
    for (const infohash of this.#jobs.infohashes()) this.#openFetch(infohash);
  }

  async stop(): Promise<void> {
    this.#starts++;
    const running = this.#running;
    for (const infohash of this.#jobs.infohashes()) this.#jobs.reject(infohash, new TtxError('cancelled'));
    this.#seeds.clear();
    if (running === undefined) return;
    running.trackers.stop();
    running.table.stop();
    for (const live of [...this.#live.values()]) this.#closeTorrent(live);
    this.#running = undefined;
    await new Promise<void>((resolve) => running.client.destroy(() => resolve()));
  }

  setTrackers(urls: readonly string[]): void {
    this.#trackerUrls = urls;
    this.#running?.trackers.setTrackers(urls);
  }

  setConditions(conditions: SwarmConditions): void {
    const isShown = conditions.visible && !this.#conditions.visible;
    this.#conditions = conditions;
    const trackers = this.#running?.trackers;
    trackers?.setOnline(conditions.online);
    // More peers are wanted now.
    if (isShown) for (const { infohash, role } of this.#live.values()) if (role === 'genesis') trackers?.refresh(infohash);
  }

  wake(): void {
    this.#running?.trackers.wake();
  }

  seed(file: SeededFile): void {
    if (this.#seeds.get(file.infohash)?.role === file.role) return;
    this.#seeds.set(file.infohash, file);
    this.#jobs.resolve(file.infohash, file.bytes);
    this.#openSeed(file);
  }

  unseed(infohash: Infohash): void {
    if (!this.#seeds.delete(infohash)) return;
    const live = this.#live.get(infohash);
    if (live !== undefined) this.#closeTorrent(live);
  }

  async fetch(infohash: Infohash, options: FetchOptions): Promise<Uint8Array> {
    options.signal.throwIfAborted();
    const held = this.#seeds.get(infohash)?.bytes ?? this.#live.get(infohash)?.bytes;
    if (held !== undefined) return held.slice();
    const fetched = this.#jobs.wait(infohash, options);
    this.#openFetch(infohash);
    return fetched;
  }

  status(): SwarmStatus {
    const known = new Map(this.#running?.trackers.status().map((tracker) => [tracker.url, tracker]));
    return {
      torrents: [...this.#live.values()].flatMap((live) => this.#statusOf(live)),
      trackers: this.#trackerUrls.map((url) => known.get(url) ?? { url, status: 'offline' as const }),
    };
  }

  #statusOf({ infohash, role, torrent }: LiveTorrent): TorrentStatus[] {
    if (role === undefined) return [];
    const connections = this.#running?.table.connectionsOf(infohash) ?? [];
    const holders = connections.filter(({ wire }) => wire.peerPieces.get(0)).map(({ peerId }) => peerId);
    return [{ infohash, role, peers: connections.length, holders: [...new Set(holders)], uploadedBytes: torrent.uploaded }];
  }

  #openSeed({ infohash, bytes, role }: SeededFile): void {
    const running = this.#running;
    if (running === undefined) return;
    const open = this.#live.get(infohash);
    if (open?.bytes !== undefined) {
      // Fetched a moment ago, or seeded in another role: it is complete and keeps its connections.
      open.cancelGrace();
      open.role = role;
      running.trackers.refresh(infohash);
      running.events.changed();
      return;
    }
    if (open !== undefined) this.#closeTorrent(open);
    const metainfo = encodeMetainfo(infoDictionary(bytes));
    const torrent = running.client.add(metainfo, { preloadedStore: new PieceStore(bytes), skipVerify: true, storeCacheSlots: 0 });
    this.#addTorrent(running, { infohash, torrent, role, bytes, cancelGrace: () => {} }, []);
  }

  #openFetch(infohash: Infohash): void {
    const running = this.#running;
    if (running === undefined) return;
    const extra = this.#jobs.trackersOf(infohash);
    if (this.#live.has(infohash)) {
      running.trackers.add(infohash, extra);
      this.#onCount(infohash, false);
      return;
    }
    const stores: PieceStore[] = [];
    // WebTorrent constructs the store itself, once it has the metadata.
    class Store extends PieceStore {
      constructor() {
        super();
        stores.push(this);
      }
    }
    const torrent = running.client.add(infohash, { store: Store, storeCacheSlots: 0 });
    const claims = new MetadataClaims(this.#options.scheduler, () =>
      this.#failFetch(live, new TtxError('schema', { what: 'metadata size' })),
    );
    const live: LiveTorrent = { infohash, torrent, role: undefined, claims, bytes: undefined, cancelGrace: () => {} };
    torrent.on('metadata', () => this.#checkMetadata(live));
    torrent.on('warning', (warning) => this.#onWarning(infohash, String(warning)));
    torrent.on('done', () => stores[0]?.get(0, null, (_, bytes) => bytes !== undefined && this.#onFetched(live, bytes)));
    this.#addTorrent(running, live, extra);
  }

  #addTorrent(running: Running, live: LiveTorrent, extra: readonly string[]): void {
    const { infohash, torrent } = live;
    this.#live.set(infohash, live);
    torrent.on('wire', (wire) => this.#onWire(running, torrent, wire));
    torrent.on('error', (error) => {
      console.warn('swarm:', infohash, error);
      this.#failFetch(live, new TtxError('bug', { what: 'torrent' }, { cause: error }));
    });
    running.trackers.add(infohash, extra);
    running.events.changed();
  }

  /** The info dictionary is here and its hash is right; is it that of a transaction? */
  #checkMetadata(live: LiveTorrent): void {
    try {
      parseInfoDictionary(live.torrent.infoBuffer ?? new Uint8Array());
      live.claims?.settle();
    } catch (error) {
      this.#failFetch(live, error);
    }
  }

  #failFetch(live: LiveTorrent, reason: unknown): void {
    if (this.#closeTorrent(live)) this.#jobs.reject(live.infohash, reason);
  }

  #onFetched(live: LiveTorrent, bytes: Uint8Array): void {
    if (this.#live.get(live.infohash) !== live || live.bytes !== undefined) return;
    live.bytes = bytes;
    live.cancelGrace = this.#options.scheduler.after(FETCHED_GRACE_MS, () => {
      if (live.role === undefined) this.#closeTorrent(live);
    });
    this.#running?.trackers.refresh(live.infohash);
    this.#jobs.resolve(live.infohash, bytes);
  }

  /** A piece whose hash is wrong came from whoever delivered most: the torrent is one block. */
  #onWarning(infohash: Infohash, warning: string): void {
    if (!warning.includes('failed verification')) return;
    const table = this.#running?.table;
    const [deliverer] = [...(table?.connectionsOf(infohash) ?? [])].sort((a, b) => b.wire.downloaded - a.wire.downloaded);
    if (deliverer !== undefined) table?.penalize(deliverer, 100, warning);
  }

  #abandon(infohash: Infohash): void {
    const live = this.#live.get(infohash);
    if (live !== undefined && live.bytes === undefined) this.#closeTorrent(live);
  }

  /** @returns false if it was closed before */
  #closeTorrent(live: LiveTorrent): boolean {
    if (this.#live.get(live.infohash) !== live) return false;
    this.#live.delete(live.infohash);
    live.cancelGrace();
    live.claims?.settle();
    this.#running?.trackers.remove(live.infohash);
    this.#running?.table.closeSwarm(live.infohash);
    if (!live.torrent.destroyed) live.torrent.destroy();
    this.#running?.events.changed();
    return true;
  }

  #demand(infohash: Infohash): TorrentDemand {
    const live = this.#live.get(infohash);
    const table = this.#running?.table;
    const connections = table?.connectionsOf(infohash).length ?? 0;
    if (live !== undefined && live.bytes === undefined) {
      const offers = connections < FETCH_CONNECTIONS ? OFFERS : 0;
      return { offers, connections, longestWaitMs: LONGEST_WAIT_MS.fetch, leftBytes: 1 };
    }
    const attention = this.#conditions.visible ? 'visible' : 'hidden';
    const wants = live?.role === 'genesis' && (table?.peerCount ?? 0) < WANTED_PEERS[attention];
    return { offers: wants ? OFFERS : 0, connections, longestWaitMs: LONGEST_WAIT_MS[attention], leftBytes: 0 };
  }

  #onCount(infohash: Infohash, missed: boolean): void {
    const demand = this.#demand(infohash);
    this.#jobs.tellConnected(infohash, demand.connections);
    // Somebody is missing now: look for another soon.
    if (missed && demand.offers > 0) this.#running?.trackers.refresh(infohash);
  }

  #introduce(introduction: Introduction<SimplePeer>): void {
    const { infohash, peerId, offerId, connection } = introduction;
    const torrent = this.#live.get(infohash)?.torrent;
    // WebTorrent learns a torrent's infohash a moment after `add`, and takes no connections before.
    if (torrent === undefined || torrent.destroyed || !torrent.infoHash) {
      connection.destroy();
      return;
    }
    // WebTorrent drops a second connection with a known id at once, and which one that is differs between the two sides.
    connection.id = `${peerId}:${offerId}`;
    this.#introductions.set(connection, introduction);
    torrent.addPeer(connection);
  }

  #onWire({ table, trackers }: Running, torrent: Torrent, wire: Wire): void {
    const conn = [...(torrent._peers?.values() ?? [])].find((peer) => peer.wire === wire)?.conn;
    const introduction = typeof conn === 'object' && conn !== null ? this.#introductions.get(conn) : undefined;
    if (introduction === undefined) {
      wire.destroy();
      return;
    }
    trackers.settled(introduction.connection);
    table.open(wire, introduction);
  }
}

/** A metainfo file (BEP 3) with nothing beside the info dictionary, whose bytes go in as they are. */
function encodeMetainfo(info: Uint8Array): Uint8Array {
  const metainfo = new TextEncoder().encode(`d4:info${' '.repeat(info.length)}e`);
  metainfo.set(info, 'd4:info'.length);
  return metainfo;
}
