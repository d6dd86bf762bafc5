/** The real {@link Swarm}: WebTorrent over WebRTC, in a worker whose page owns the connections. */
import type SimplePeer from '@thaunknown/simple-peer/lite.js';
import type Wire from 'bittorrent-protocol';
import type WebTorrent from 'webtorrent';
import type { Torrent } from 'webtorrent';
import type { IceServer } from '../api/rtc.ts';
import { TtxError } from '../core/error.ts';
import type { Infohash } from '../core/id.ts';
import { createIdentity } from '../core/identity.ts';
import type { Intro } from '../core/message.ts';
import { infoDictionary, parseInfoDictionary } from '../core/torrent.ts';
import type { Clock } from '../time/clock.ts';
import { ContentTorrents } from './content-torrents.ts';
import { FetchJobs, type FetchOptions } from './fetch-jobs.ts';
import { Introducer } from './introducer.ts';
import type { WebTorrentModules } from './load-webtorrent.ts';
import { MetadataClaims } from './metadata-claims.ts';
import { encodeMetainfo } from './metainfo.ts';
import { Pairer } from './pairer.ts';
import { PeerBook } from './peer-book.ts';
import { PeerTable } from './peer-table.ts';
import { PieceStore } from './piece-store.ts';
import { wantsFrom } from './places.ts';
import { type Introduction, Signaling } from './signaling.ts';
import type {
  ContentFetch,
  ContentName,
  FetchedContent,
  Peer,
  SeededContent,
  SeededFile,
  Swarm,
  SwarmConditions,
  SwarmEvents,
  SwarmStatus,
  TorrentRole,
  TorrentStatus,
} from './swarm.ts';
import { type TorrentDemand, TrackerClient } from './tracker-client.ts';
import type { WebSocketLike } from './tracker-socket.ts';
import { onWrongPiece } from './wrong-piece.ts';

/** What the swarm needs of its surroundings. */
export interface WebTorrentSwarmOptions {
  /** `loadWebTorrent`, once `installRtcPort` has run. */
  readonly load: () => Promise<WebTorrentModules>;
  readonly connectTracker: (url: string) => WebSocketLike;
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
  /** STUN and TURN servers through which peers behind NAT find each other. */
  readonly iceServers: readonly IceServer[];
}

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
  readonly signaling: Signaling<SimplePeer>;
  readonly trackers: TrackerClient;
  readonly introducer: Introducer;
  readonly pairer: Pairer;
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
  readonly #contents = new ContentTorrents();
  readonly #introductions = new WeakMap<object, Introduction<SimplePeer>>();
  #trackerUrls: readonly string[] = [];
  #conditions: SwarmConditions = { online: true, visible: true };
  #running: Running | undefined;
  /** Who wants to pair before the start. */
  readonly #pairing: { readonly resolve: (pairer: Pairer) => void; readonly reject: (reason: TtxError) => void }[] = [];
  #starts = 0;

  constructor(options: WebTorrentSwarmOptions) {
    this.#options = options;
  }

  async start(events: SwarmEvents): Promise<void> {
    const start = ++this.#starts;
    const { load, connectTracker, clock, random, randomBytes, iceServers } = this.#options;
    const { WebTorrent, SimplePeer } = await load();
    if (start !== this.#starts) return;
    const identity = createIdentity(randomBytes(32));
    const { peerId } = identity;
    const client = new WebTorrent({
      peerId,
      tracker: false,
      dht: false,
      lsd: false,
      utPex: false,
      natUpnp: false,
      natPmp: false,
      webSeeds: false,
    });
    client.on('error', (error) => console.warn('swarm:', error));
    const table = new PeerTable({
      identity,
      book: this.#book,
      clock,
      random,
      events: {
        ...events,
        peer: (peer) => {
          introducer.refresh();
          pairer.met(peer.id);
          events.peer(peer);
        },
        gone: (peer) => {
          introducer.refresh();
          if (table.peers.length === 0) trackers.hurry();
          events.gone(peer);
        },
      },
      // What is only seeded makes no offers, be it a payment or an attached file.
      roleOf: (infohash) => this.#live.get(infohash)?.role ?? (this.#contents.isFetched(infohash) === false ? 'payment' : undefined),
      metadataBytes: (infohash) => this.#contents.metadataBytes(infohash),
      onCount: (infohash, { missed }) => this.#onCount(infohash, missed),
      onMetadataSize: (infohash, id, fits) => {
        this.#live.get(infohash)?.claims?.add(id, fits);
      },
      wantedPeers: () => this.#wantedPeers,
    });
    const signaling = new Signaling<SimplePeer>({
      createConnection: (initiator) => new SimplePeer({ initiator, trickle: false, config: { iceServers } }),
      clock,
      randomBytes,
      hasRoom: (infohash, open) => table.hasRoom(infohash, open),
      welcomes: (newcomer) => this.#torrentOf(newcomer.infohash) !== undefined && table.welcomes(newcomer),
      onIntroduction: (introduction) => this.#introduce(introduction),
    });
    const trackers = new TrackerClient({
      peerId,
      connect: connectTracker,
      signaling,
      clock,
      random,
      demand: (infohash, url) => this.#demand(infohash, url),
      isUrgent: () => table.peers.length === 0 || this.#jobs.infohashes().length > 0 || this.#contents.isFetching,
      onStatus: () => events.changed(),
    });
    const introducer = new Introducer({
      peerId,
      signaling,
      clock,
      peers: () => table.peers,
      meetingPlace: () => this.#genesis()?.infohash,
      wants: (id) => wantsFrom(id, table.peers, this.#wantedPeers),
    });
    const pairer = new Pairer({ peerId, signaling, clock, genesis: () => this.#genesis(), hasPlace: () => table.hasPlace });
    const running: Running = { client, signaling, trackers, introducer, pairer, table, events };
    this.#running = running;
    for (const { resolve } of this.#pairing.splice(0)) resolve(pairer);
    trackers.setOnline(this.#conditions.online);
    trackers.setTrackers(this.#trackerUrls);
    for (const file of this.#seeds.values()) this.#openSeed(file);
    for (const infohash of this.#jobs.infohashes()) this.#openFetch(infohash);
    this.#contents.start({
      clock,
      add: (torrent, options) => client.add(torrent, options),
      transaction: (infohash) => {
        const live = this.#live.get(infohash);
        if (live === undefined) return 'none';
        return live.bytes === undefined ? 'sought' : 'here';
      },
      opened: (infohash, torrent, extra) => {
        torrent.on('wire', (wire) => this.#onWire(running, torrent, wire));
        trackers.add(infohash, extra);
      },
      closed: (infohash, torrent) => {
        introducer.forget(infohash);
        signaling.withdrawAll(infohash);
        this.#closed(infohash, torrent);
      },
      seek: (infohash) => introducer.seek(infohash),
      connections: (infohash) => table.connectionsOf(infohash).length,
      spoiled: (infohash, culprit) => this.#onWrongPiece(infohash, culprit),
    });
  }

  async stop(): Promise<void> {
    this.#starts++;
    const running = this.#running;
    for (const { reject } of this.#pairing.splice(0)) reject(new TtxError('cancelled'));
    for (const infohash of this.#jobs.infohashes()) this.#jobs.reject(infohash, new TtxError('cancelled'));
    this.#seeds.clear();
    this.#contents.stop();
    if (running === undefined) return;
    running.trackers.stop();
    running.introducer.stop();
    running.pairer.cancelPairing();
    running.signaling.abandon();
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
    if (!isShown) return;
    trackers?.hurry();
    for (const { infohash, role } of this.#live.values()) if (role === 'genesis') trackers?.refresh(infohash);
    this.#running?.introducer.refresh();
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
    this.#running?.trackers.hurry();
    this.#openFetch(infohash);
    return fetched;
  }

  seedContent(content: SeededContent): void {
    const { infohash } = content;
    this.#contents.seed(content);
    const live = this.#live.get(infohash);
    if (live !== undefined && live.bytes === undefined) this.#failFetch(live, new TtxError('schema', { what: 'attachment' }));
  }

  unseedContent(infohash: Infohash): void {
    this.#contents.unseed(infohash);
  }

  async fetchContent(name: ContentName, options: ContentFetch): Promise<FetchedContent> {
    const fetched = this.#contents.fetch(name, options);
    this.#running?.trackers.hurry();
    return fetched;
  }

  introduced(peer: Peer, intro: Intro): void {
    this.#running?.introducer.receive(peer, intro);
  }

  async startPairing(): Promise<string> {
    return (await this.#pairer()).startPairing();
  }

  async answerPairing(code: string): Promise<string> {
    return (await this.#pairer()).answerPairing(code);
  }

  async awaitPairing(): Promise<void> {
    return (await this.#pairer()).awaitPairing();
  }

  async finishPairing(code: string): Promise<void> {
    return (await this.#pairer()).finishPairing(code);
  }

  cancelPairing(): void {
    this.#running?.pairer.cancelPairing();
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
    this.#contents.refuse(infohash);
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
    if (this.#contents.isCertain(infohash)) return this.#jobs.reject(infohash, new TtxError('schema', { what: 'attachment' }));
    this.#contents.pause(infohash);
    const stores: PieceStore[] = [];
    // WebTorrent constructs the store itself, once it has the metadata.
    class Store extends PieceStore {
      constructor() {
        super();
        stores.push(this);
      }
    }
    const torrent = running.client.add(infohash, { store: Store, storeCacheSlots: 0 });
    const claims = new MetadataClaims(this.#options.clock, () => this.#failFetch(live, new TtxError('schema', { what: 'metadata size' })));
    const live: LiveTorrent = { infohash, torrent, role: undefined, claims, bytes: undefined, cancelGrace: () => {} };
    torrent.on('metadata', () => this.#checkMetadata(live));
    onWrongPiece(torrent, (culprit) => this.#onWrongPiece(infohash, culprit));
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
    this.#contents.refuse(live.infohash);
    live.cancelGrace = this.#options.clock.after(FETCHED_GRACE_MS, () => {
      if (live.role === undefined) this.#closeTorrent(live);
    });
    this.#running?.trackers.refresh(live.infohash);
    this.#jobs.resolve(live.infohash, bytes);
  }

  /** Who brought all of a wrong piece pays. Of several one is left, the one that has been here longest, so that next time it is known who. */
  #onWrongPiece(infohash: Infohash, culprit: Wire | undefined): void {
    const table = this.#running?.table;
    const connections = table?.connectionsOf(infohash) ?? [];
    if (culprit === undefined) for (const other of connections.slice(1)) other.close();
    else for (const one of connections) if (one.wire === culprit) table?.penalize(one, 100, 'wrong piece');
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
    this.#closed(live.infohash, live.torrent);
    this.#contents.resume(live.infohash);
    return true;
  }

  #closed(infohash: Infohash, torrent: Torrent): void {
    this.#running?.trackers.remove(infohash);
    this.#running?.table.closeSwarm(infohash);
    if (!torrent.destroyed) torrent.destroy();
    this.#running?.events.changed();
  }

  #torrentOf(infohash: Infohash): Torrent | undefined {
    return this.#live.get(infohash)?.torrent ?? this.#contents.find(infohash);
  }

  /** Waits for the start. */
  async #pairer(): Promise<Pairer> {
    return this.#running?.pairer ?? new Promise((resolve, reject) => this.#pairing.push({ resolve, reject }));
  }

  get #wantedPeers(): number {
    return WANTED_PEERS[this.#conditions.visible ? 'visible' : 'hidden'];
  }

  /** In whose swarm nodes meet. */
  #genesis(): SeededFile | undefined {
    return [...this.#seeds.values()].find(({ role }) => role === 'genesis');
  }

  #demand(infohash: Infohash, source: string): TorrentDemand {
    const live = this.#live.get(infohash);
    const table = this.#running?.table;
    const connections = table?.connectionsOf(infohash).length ?? 0;
    if (live === undefined ? this.#contents.isFetched(infohash) : live.bytes === undefined) {
      const offers = connections < FETCH_CONNECTIONS ? OFFERS : 0;
      return { offers, connections, longestWaitMs: LONGEST_WAIT_MS.fetch, leftBytes: 1 };
    }
    const attention = this.#conditions.visible ? 'visible' : 'hidden';
    const wants = live?.role === 'genesis' && wantsFrom(source, table?.peers ?? [], this.#wantedPeers);
    return { offers: wants ? OFFERS : 0, connections, longestWaitMs: LONGEST_WAIT_MS[attention], leftBytes: 0 };
  }

  #onCount(infohash: Infohash, missed: boolean): void {
    this.#jobs.tellConnected(infohash, this.#running?.table.connectionsOf(infohash).length ?? 0);
    this.#contents.count(infohash);
    // Somebody is missing now: look for another soon.
    if (missed) this.#running?.trackers.refresh(infohash);
  }

  #introduce(introduction: Introduction<SimplePeer>): void {
    const { infohash, peerId, offerId, connection } = introduction;
    const torrent = this.#torrentOf(infohash);
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

  #onWire({ table, signaling }: Running, torrent: Torrent, wire: Wire): void {
    const conn = [...(torrent._peers?.values() ?? [])].find((peer) => peer.wire === wire)?.conn;
    const introduction = typeof conn === 'object' && conn !== null ? this.#introductions.get(conn) : undefined;
    if (introduction === undefined) {
      wire.destroy();
      return;
    }
    signaling.settled(introduction.connection);
    table.open(wire, introduction);
  }
}
