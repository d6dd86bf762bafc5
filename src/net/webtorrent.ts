/** The real {@link Swarm}: WebTorrent over WebRTC, in a worker whose page owns the connections. */
import type SimplePeer from '@thaunknown/simple-peer/lite.js';
import type Wire from 'bittorrent-protocol';
import type WebTorrent from 'webtorrent';
import type { Torrent, TorrentOptions } from 'webtorrent';
import type { IceServer } from '../api/rtc.ts';
import { TtxError } from '../core/error.ts';
import type { Infohash } from '../core/id.ts';
import { createIdentity } from '../core/identity.ts';
import type { Intro } from '../core/message.ts';
import type { Clock } from '../time/clock.ts';
import { ContentTorrents } from './content-torrents.ts';
import type { FetchOptions } from './fetch-jobs.ts';
import { Introducer } from './introducer.ts';
import type { WebTorrentModules } from './load-webtorrent.ts';
import { Pairer } from './pairer.ts';
import { PeerBook } from './peer-book.ts';
import { PeerTable } from './peer-table.ts';
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
  TorrentStatus,
} from './swarm.ts';
import { type TorrentDemand, TrackerClient } from './tracker-client.ts';
import type { WebSocketLike } from './tracker-socket.ts';
import { type LiveTransaction, TransactionTorrents } from './transaction-torrents.ts';

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
/** Connections in a fetched torrent's swarm that let us fetch, beyond which no more are sought: others may be fetching too, or idle. */
const FETCH_CONNECTIONS = 3;
/** Longest wait between announces: somebody waits for a fetch, nobody for the ninth peer, and nobody at all where nobody looks. */
const LONGEST_WAIT_MS = { fetch: 15_000, visible: 60_000, hidden: 300_000 } as const;
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
  readonly #contents = new ContentTorrents();
  readonly #transactions = new TransactionTorrents(this.#contents);
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
      roleOf: (infohash) =>
        this.#transactions.find(infohash)?.role ?? (this.#contents.isFetched(infohash) === false ? 'payment' : undefined),
      metadataBytes: (infohash) => this.#contents.metadataBytes(infohash),
      onCount: (infohash, { missed }) => this.#onCount(infohash, missed),
      onMetadataSize: (infohash, id, fits) => {
        this.#transactions.find(infohash)?.claims?.add(id, fits);
      },
      wantedPeers: () => this.#wantedPeers,
    });
    const signaling = new Signaling<SimplePeer>({
      createConnection: (initiator, isPatient) => new SimplePeer({ initiator, trickle: false, config: { iceServers, isPatient } }),
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
      isUrgent: () => table.peers.length === 0 || this.#transactions.isFetching || this.#contents.isFetching,
      onStatus: () => events.changed(),
    });
    const introducer = new Introducer({
      peerId,
      signaling,
      clock,
      peers: () => table.peers,
      meetingPlace: () => this.#transactions.genesis?.infohash,
      wants: (id) => wantsFrom(id, table.peers, this.#wantedPeers),
    });
    const pairer = new Pairer({ peerId, signaling, clock, genesis: () => this.#transactions.genesis, hasPlace: () => table.hasPlace });
    const running: Running = { client, signaling, trackers, introducer, pairer, table, events };
    this.#running = running;
    for (const { resolve } of this.#pairing.splice(0)) resolve(pairer);
    trackers.setOnline(this.#conditions.online);
    trackers.setTrackers(this.#trackerUrls);
    const opened = (infohash: Infohash, torrent: Torrent, extra: readonly string[]) => {
      torrent.on('wire', (wire) => this.#onWire(running, torrent, wire));
      trackers.add(infohash, extra);
    };
    const common = {
      clock,
      add: (torrent: string | Uint8Array, options: TorrentOptions) => client.add(torrent, options),
      opened,
      connections: (infohash: Infohash) => table.connectionsOf(infohash).length,
      spoiled: (infohash: Infohash, culprit: Wire | undefined) => this.#onWrongPiece(infohash, culprit),
    };
    this.#transactions.start({
      ...common,
      closed: (infohash, torrent) => this.#closed(infohash, torrent),
      announce: (infohash, extra) => trackers.add(infohash, extra),
      refresh: (infohash) => trackers.refresh(infohash),
      changed: () => events.changed(),
    });
    this.#contents.start({
      ...common,
      transaction: (infohash) => {
        const live = this.#transactions.find(infohash);
        if (live === undefined) return 'none';
        return live.bytes === undefined ? 'sought' : 'here';
      },
      closed: (infohash, torrent) => {
        introducer.forget(infohash);
        signaling.withdrawAll(infohash);
        this.#closed(infohash, torrent);
      },
      seek: (infohash) => introducer.seek(infohash),
    });
  }

  async stop(): Promise<void> {
    this.#starts++;
    const running = this.#running;
    for (const { reject } of this.#pairing.splice(0)) reject(new TtxError('cancelled'));
    this.#transactions.cancel();
    this.#contents.stop();
    if (running === undefined) return;
    running.trackers.stop();
    running.introducer.stop();
    running.pairer.cancelPairing();
    running.signaling.abandon();
    running.table.stop();
    this.#transactions.stop();
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
    for (const { infohash, role } of this.#transactions.live()) if (role === 'genesis') trackers?.refresh(infohash);
    this.#running?.introducer.refresh();
  }

  wake(): void {
    this.#running?.trackers.wake();
  }

  seed(file: SeededFile): void {
    this.#transactions.seed(file);
  }

  unseed(infohash: Infohash): void {
    this.#transactions.unseed(infohash);
  }

  fetch(infohash: Infohash, options: FetchOptions): Promise<Uint8Array> {
    return this.#transactions.fetch(infohash, options, () => this.#running?.trackers.hurry());
  }

  seedContent(content: SeededContent): void {
    this.#contents.seed(content);
    this.#transactions.refuse(content.infohash);
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
      torrents: [...this.#transactions.live()].flatMap((live) => this.#statusOf(live)),
      trackers: this.#trackerUrls.map((url) => known.get(url) ?? { url, status: 'offline' as const }),
    };
  }

  #statusOf({ infohash, role, torrent }: LiveTransaction): TorrentStatus[] {
    if (role === undefined) return [];
    const connections = this.#running?.table.connectionsOf(infohash) ?? [];
    const holders = connections.filter(({ wire }) => wire.peerPieces.get(0)).map(({ peerId }) => peerId);
    return [{ infohash, role, peers: connections.length, holders: [...new Set(holders)], uploadedBytes: torrent.uploaded }];
  }

  /** Who brought all of a wrong piece pays. Of several one is left, the one that has been here longest, so that next time it is known who. */
  #onWrongPiece(infohash: Infohash, culprit: Wire | undefined): void {
    const table = this.#running?.table;
    const connections = table?.connectionsOf(infohash) ?? [];
    if (culprit === undefined) for (const other of connections.slice(1)) other.close();
    else for (const one of connections) if (one.wire === culprit) table?.penalize(one, 100, 'wrong piece');
  }

  #closed(infohash: Infohash, torrent: Torrent): void {
    this.#running?.trackers.remove(infohash);
    this.#running?.table.closeSwarm(infohash);
    if (!torrent.destroyed) torrent.destroy();
    this.#running?.events.changed();
  }

  #torrentOf(infohash: Infohash): Torrent | undefined {
    return this.#transactions.find(infohash)?.torrent ?? this.#contents.find(infohash);
  }

  /** Waits for the start. */
  async #pairer(): Promise<Pairer> {
    return this.#running?.pairer ?? new Promise((resolve, reject) => this.#pairing.push({ resolve, reject }));
  }

  get #wantedPeers(): number {
    return WANTED_PEERS[this.#conditions.visible ? 'visible' : 'hidden'];
  }

  #demand(infohash: Infohash, source: string): TorrentDemand {
    const live = this.#transactions.find(infohash);
    const table = this.#running?.table;
    const wires = table?.connectionsOf(infohash).map(({ wire }) => wire) ?? [];
    const connections = wires.length;
    if (live === undefined ? this.#contents.isFetched(infohash) : live.bytes === undefined) {
      const offers = wires.filter(({ peerChoking }) => !peerChoking).length < FETCH_CONNECTIONS ? OFFERS : 0;
      return { offers, connections, longestWaitMs: LONGEST_WAIT_MS.fetch, leftBytes: 1 };
    }
    const attention = this.#conditions.visible ? 'visible' : 'hidden';
    const wants = live?.role === 'genesis' && wantsFrom(source, table?.peers ?? [], this.#wantedPeers);
    return { offers: wants ? OFFERS : 0, connections, longestWaitMs: LONGEST_WAIT_MS[attention], leftBytes: 0 };
  }

  #onCount(infohash: Infohash, missed: boolean): void {
    this.#transactions.count(infohash);
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
