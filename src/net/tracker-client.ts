/**
 * Finds peers through WebSocket trackers (the WebTorrent protocol): announces the torrents, passes WebRTC offers and answers.
 *
 * WebTorrent's own tracker client is not used: it makes offers per torrent and announce without knowing whether anybody could
 * take them (a hundred seeded torrents exhaust the browser's 500 connections), retries a lost socket after minutes, takes
 * strangers' offers without limit, and hands on whatever an offer contains.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import { type Infohash, isInfohash } from '../core/id.ts';
import { AnnounceClock } from './announce-clock.ts';
import type { Scheduler } from './scheduler.ts';
import type { TrackerStatus } from './swarm.ts';
import { TokenBucket } from './token-bucket.ts';
import { binary, type Description, descriptionOf, hexOf } from './tracker-message.ts';
import { TrackerSocket, type WebSocketLike } from './tracker-socket.ts';

/** What a torrent wants of the trackers now; asked at each announce. */
export interface TorrentDemand {
  /** WebRTC offers wanted, 0 where the torrent is only seeded. */
  readonly offers: number;
  /** Connections in this swarm. */
  readonly connections: number;
  /** Longest wait between announces while offers are wanted and nobody is there, in milliseconds. */
  readonly longestWaitMs: number;
  /** 0 when complete. */
  readonly leftBytes: number;
}

/** A WebRTC connection being set up. simple-peer in the browser. */
export interface SignalingConnection {
  signal(description: Description): void;
  destroy(): void;
  on(event: 'signal', listener: (description: Description) => void): unknown;
  on(event: 'error' | 'close' | 'end' | 'finish', listener: () => void): unknown;
}

/** A connection that both sides have described; it is about to open. */
export interface Introduction<C> {
  readonly infohash: Infohash;
  /** What the tracker says: 40 hex digits. */
  readonly peerId: string;
  /** The same on both sides: 40 hex digits. */
  readonly offerId: string;
  /** Whether this side made the offer. */
  readonly initiator: boolean;
  readonly connection: C;
}

/** What the tracker client needs of the swarm. `C` is the class of connections. */
export interface TrackerClientOptions<C extends SignalingConnection> {
  /** Own peer id, 40 hex digits. */
  readonly peerId: string;
  readonly connect: (url: string) => WebSocketLike;
  readonly createConnection: (initiator: boolean) => C;
  readonly scheduler: Scheduler;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly demand: (infohash: Infohash) => TorrentDemand;
  /** Whether an offer of this peer would be of use. */
  readonly welcomes: (infohash: Infohash, peerId: string) => boolean;
  readonly onIntroduction: (introduction: Introduction<C>) => void;
  readonly onStatus: () => void;
}

/** How long an offer waits for an answer: the other side may need 5 s to gather its candidates. */
const OFFER_LIFETIME_MS = 30_000;
/** Most offers of ours that wait for an answer. */
const MAX_OFFERS = 16;
/** Most connections on the way from an answer to a BitTorrent handshake, so that strangers' offers cannot use up what the browser has. */
const MAX_OPENING = 16;
/**
 * Offers of others that are taken up, over all trackers: each makes an RTCPeerConnection, and closed ones count towards the 500 that a
 * browser has until they are collected. As many as may be opening come at once; whoever is turned away offers again in seconds.
 */
const TAKEN_OFFERS = { perSecond: 2, burst: MAX_OPENING } as const;
/** A connection that neither opened nor failed by then is no longer counted: WebTorrent gives it 25 s to connect and 25 s to shake hands. */
const OPENING_TIMEOUT_MS = 60_000;
/** How often it is looked whether a torrent is due. */
const TICK_MS = 500;
/** Most announces sent to one tracker in one tick, so that a node with thousands of torrents does not flood it. */
const ANNOUNCES_PER_TICK = 100;

interface Tracked {
  readonly infohash: Infohash;
  /** Trackers that only this torrent uses. */
  extra: readonly string[];
  /** By tracker URL. */
  readonly clocks: Map<string, AnnounceClock>;
}

interface Offer<C> {
  readonly infohash: Infohash;
  readonly url: string;
  readonly connection: C;
  readonly cancelTimeout: () => void;
}

/** Announces torrents to trackers until stopped. */
export class TrackerClient<C extends SignalingConnection> {
  readonly #options: TrackerClientOptions<C>;
  readonly #torrents = new Map<Infohash, Tracked>();
  readonly #sockets = new Map<string, TrackerSocket>();
  readonly #offers = new Map<string, Offer<C>>();
  /** Connections that were introduced and have not opened; each with what ends its time limit. */
  readonly #opening = new Map<C, () => void>();
  readonly #budget: TokenBucket;
  #trackers: readonly string[] = [];
  #isOnline = true;
  #stopped = false;
  #cancelTick: () => void;

  constructor(options: TrackerClientOptions<C>) {
    this.#options = options;
    this.#budget = new TokenBucket(TAKEN_OFFERS, options.scheduler.nowMs());
    this.#cancelTick = options.scheduler.after(TICK_MS, () => this.#tick());
  }

  /** Replaces the trackers of all torrents; the extra ones of single torrents stay. */
  setTrackers(urls: readonly string[]): void {
    this.#trackers = [...new Set(urls)];
    this.#syncSockets();
  }

  /** Starts to announce a torrent, to `extra` trackers too. Again with others: replaces them. */
  add(infohash: Infohash, extra: readonly string[] = []): void {
    const tracked = this.#torrents.get(infohash);
    if (tracked === undefined) this.#torrents.set(infohash, { infohash, extra, clocks: new Map() });
    else tracked.extra = extra;
    this.#syncSockets();
    this.refresh(infohash);
  }

  /** Leaves the swarm of a torrent. */
  remove(infohash: Infohash): void {
    const tracked = this.#torrents.get(infohash);
    if (tracked === undefined) return;
    for (const url of tracked.clocks.keys()) this.#announce(tracked, url, 'stopped', []);
    this.#torrents.delete(infohash);
    this.#withdrawAll(infohash);
    this.#syncSockets();
  }

  /** The torrent's demand changed: announces soon, and quickly again while nobody is there; or takes back what is not wanted now. */
  refresh(infohash: Infohash): void {
    const tracked = this.#torrents.get(infohash);
    if (tracked === undefined) return;
    if (this.#options.demand(infohash).offers === 0) this.#withdrawAll(infohash);
    for (const url of this.#sockets.keys()) {
      if (!this.#uses(tracked, url)) continue;
      this.#clockOf(tracked, url).hurry();
      this.#announceIfDue(tracked, url);
    }
  }

  /** Whether the device has a network. Offline, sockets that are open are put to the test; online again, all are opened anew. */
  setOnline(isOnline: boolean): void {
    if (this.#isOnline === isOnline) return;
    this.#isOnline = isOnline;
    if (!isOnline) this.#test();
    for (const socket of this.#sockets.values()) socket.setOnline(isOnline);
  }

  /** The device slept or the page was frozen: all sockets are opened anew, and all torrents announced. */
  wake(): void {
    for (const socket of this.#sockets.values()) socket.reopen();
  }

  /** The trackers of all torrents, and their extra ones. */
  status(): readonly TrackerStatus[] {
    return [...this.#sockets.values()].map(({ url, status }) => ({ url, status }));
  }

  /** Connections being set up. */
  get pending(): number {
    return this.#offers.size + this.#opening.size;
  }

  /** An introduced connection has shaken hands, or is no longer wanted. */
  settled(connection: C): void {
    this.#opening.get(connection)?.();
    this.#opening.delete(connection);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTick();
    // Closing the sockets leaves all swarms; a goodbye for each of thousands of torrents would only delay that.
    this.#torrents.clear();
    this.#withdrawAll(undefined);
    for (const connection of [...this.#opening.keys()]) {
      this.settled(connection);
      connection.destroy();
    }
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  /** Asks each tracker something that it must answer soon. */
  #test(): void {
    for (const [url, socket] of this.#sockets) {
      const tracked = [...this.#torrents.values()].find((candidate) => this.#uses(candidate, url));
      if (tracked === undefined) continue;
      socket.doubt();
      this.#announce(tracked, url, undefined, []);
    }
  }

  #uses(tracked: Tracked, url: string): boolean {
    return this.#trackers.includes(url) || tracked.extra.includes(url);
  }

  #syncSockets(): void {
    const wanted = new Set(this.#trackers);
    for (const { extra } of this.#torrents.values()) for (const url of extra) wanted.add(url);
    for (const [url, socket] of this.#sockets) {
      if (wanted.has(url)) continue;
      socket.close();
      this.#sockets.delete(url);
      for (const { clocks } of this.#torrents.values()) clocks.delete(url);
      this.#withdrawAll(undefined, url);
    }
    for (const url of wanted) if (!this.#sockets.has(url) && /^wss?:\/\//.test(url)) this.#sockets.set(url, this.#openSocket(url));
    this.#options.onStatus();
  }

  #openSocket(url: string): TrackerSocket {
    const { connect, scheduler, random, onStatus } = this.#options;
    return new TrackerSocket({
      url,
      connect,
      scheduler,
      isOnline: this.#isOnline,
      random,
      onStatus,
      onConnected: () => this.#onConnected(url),
      onMessage: (message) => this.#onMessage(url, message),
    });
  }

  /** The tracker has forgotten us with the last socket, or never knew us. */
  #onConnected(url: string): void {
    for (const tracked of this.#torrents.values()) {
      if (!this.#uses(tracked, url)) continue;
      tracked.clocks.set(url, new AnnounceClock(this.#options.random));
    }
    this.#announceDue(url);
  }

  #tick(): void {
    this.#cancelTick = this.#options.scheduler.after(TICK_MS, () => this.#tick());
    for (const [url, socket] of this.#sockets) if (socket.status === 'connected') this.#announceDue(url);
  }

  #announceDue(url: string): void {
    let left = ANNOUNCES_PER_TICK;
    for (const tracked of this.#torrents.values()) {
      if (left === 0) return;
      if (this.#announceIfDue(tracked, url)) left--;
    }
  }

  #clockOf(tracked: Tracked, url: string): AnnounceClock {
    const known = tracked.clocks.get(url);
    if (known !== undefined) return known;
    const clock = new AnnounceClock(this.#options.random);
    tracked.clocks.set(url, clock);
    return clock;
  }

  #announceIfDue(tracked: Tracked, url: string): boolean {
    const socket = this.#sockets.get(url);
    if (socket?.status !== 'connected' || !this.#uses(tracked, url)) return false;
    const clock = this.#clockOf(tracked, url);
    const nowMs = this.#options.scheduler.nowMs();
    const demand = this.#options.demand(tracked.infohash);
    if (!clock.isDue(nowMs, demand)) return false;
    const isFirst = clock.announced(nowMs);
    // At once, without offers: describing them takes a while, and until then the tracker can pass us those of others.
    if (isFirst) this.#announce(tracked, url, 'started', []);
    const offers = this.#makeOffers(tracked, url, clock.offersWorth(demand), (made) => this.#announce(tracked, url, undefined, made));
    if (!isFirst && offers === 0) this.#announce(tracked, url, undefined, []);
    return true;
  }

  /** Calls `send` once all offers are described, unless none could be. @returns how many are being made */
  #makeOffers(tracked: Tracked, url: string, wanted: number, send: (offers: readonly object[]) => void): number {
    const pendingHere = [...this.#offers.values()].filter((offer) => offer.infohash === tracked.infohash && offer.url === url).length;
    const count = Math.max(0, Math.min(wanted - pendingHere, MAX_OFFERS - this.#offers.size));
    const offers: object[] = [];
    let awaited = count;
    const settle = () => {
      if (--awaited === 0 && offers.length > 0 && !this.#stopped && this.#torrents.get(tracked.infohash) === tracked) send(offers);
    };
    for (let i = 0; i < count; i++) {
      const id = bytesToHex(this.#options.randomBytes(20));
      const connection = this.#options.createConnection(true);
      let settled = false;
      const settleOnce = () => {
        if (settled) return;
        settled = true;
        settle();
      };
      const cancelTimeout = this.#options.scheduler.after(OFFER_LIFETIME_MS, () => this.#withdraw(id));
      this.#offers.set(id, { infohash: tracked.infohash, url, connection, cancelTimeout });
      connection.on('signal', ({ type, sdp }) => {
        if (!settled) offers.push({ offer_id: binary(id), offer: { type, sdp } });
        settleOnce();
      });
      const fail = () => {
        if (this.#offers.get(id)?.connection === connection) this.#withdraw(id);
        settleOnce();
      };
      connection.on('error', fail);
      connection.on('close', fail);
    }
    return count;
  }

  #withdraw(offerId: string): void {
    const offer = this.#offers.get(offerId);
    if (offer === undefined) return;
    this.#offers.delete(offerId);
    offer.cancelTimeout();
    offer.connection.destroy();
  }

  /** Takes back the offers of a torrent, or of all, that are waiting at one tracker, or at all. */
  #withdrawAll(infohash: Infohash | undefined, url?: string): void {
    for (const [id, offer] of [...this.#offers]) {
      if ((infohash ?? offer.infohash) === offer.infohash && (url ?? offer.url) === offer.url) this.#withdraw(id);
    }
  }

  #announce(tracked: Tracked, url: string, event: 'started' | 'stopped' | undefined, offers: readonly object[]): void {
    this.#sockets.get(url)?.request({
      action: 'announce',
      info_hash: binary(tracked.infohash),
      peer_id: binary(this.#options.peerId),
      uploaded: 0,
      downloaded: 0,
      left: event === 'stopped' ? 0 : this.#options.demand(tracked.infohash).leftBytes,
      numwant: offers.length,
      offers,
      ...(event === undefined ? {} : { event }),
    });
  }

  #onMessage(url: string, message: Readonly<Record<string, unknown>>): void {
    if (message.action !== 'announce') return;
    const infohash = hexOf(message.info_hash);
    const tracked = isInfohash(infohash) ? this.#torrents.get(infohash) : undefined;
    if (tracked === undefined) return;
    const peerId = hexOf(message.peer_id);
    const offerId = hexOf(message.offer_id);
    const offer = descriptionOf(message.offer, 'offer');
    const answer = descriptionOf(message.answer, 'answer');
    if (peerId !== undefined && offerId !== undefined && peerId !== this.#options.peerId) {
      if (offer !== undefined) this.#onOffer(tracked, url, peerId, offerId, offer);
      if (answer !== undefined) this.#onAnswer(tracked, peerId, offerId, answer);
    } else if (peerId === undefined) this.#onResponse(tracked, url, message);
  }

  #onResponse(tracked: Tracked, url: string, message: Readonly<Record<string, unknown>>): void {
    const clock = tracked.clocks.get(url);
    if (clock === undefined) return;
    clock.onResponse(message);
    // Nobody else is there, so nobody got them.
    if (clock.others === 0) this.#withdrawAll(tracked.infohash, url);
    this.#announceIfDue(tracked, url);
  }

  #onOffer(tracked: Tracked, url: string, peerId: string, offerId: string, offer: Description): void {
    if (this.#opening.size >= MAX_OPENING || !this.#options.welcomes(tracked.infohash, peerId)) return;
    // Last, so that only offers that would be taken up use it.
    if (!this.#budget.take(1, this.#options.scheduler.nowMs())) return;
    const connection = this.#options.createConnection(false);
    connection.on('signal', ({ type, sdp }) => {
      if (type !== 'answer') return;
      this.#sockets.get(url)?.send({
        action: 'announce',
        info_hash: binary(tracked.infohash),
        peer_id: binary(this.#options.peerId),
        to_peer_id: binary(peerId),
        offer_id: binary(offerId),
        answer: { type, sdp },
      });
    });
    this.#introduce({ infohash: tracked.infohash, peerId, offerId, initiator: false, connection }, offer);
  }

  #onAnswer(tracked: Tracked, peerId: string, offerId: string, answer: Description): void {
    const offer = this.#offers.get(offerId);
    if (offer === undefined || offer.infohash !== tracked.infohash) return;
    if (!this.#options.welcomes(tracked.infohash, peerId)) {
      this.#withdraw(offerId);
      return;
    }
    this.#offers.delete(offerId);
    offer.cancelTimeout();
    this.#introduce({ infohash: tracked.infohash, peerId, offerId, initiator: true, connection: offer.connection }, answer);
  }

  #introduce(introduction: Introduction<C>, remote: Description): void {
    const { connection } = introduction;
    const settled = () => this.settled(connection);
    this.#opening.set(connection, this.#options.scheduler.after(OPENING_TIMEOUT_MS, settled));
    // Which of these comes depends on how it fails.
    for (const event of ['error', 'close', 'end', 'finish'] as const) connection.on(event, settled);
    this.#options.onIntroduction(introduction);
    try {
      connection.signal(remote);
    } catch {
      // It is gone by now.
      connection.destroy();
    }
  }
}
