/**
 * Finds peers through WebSocket trackers (the WebTorrent protocol): announces the torrents, passes WebRTC offers and answers.
 *
 * WebTorrent's own tracker client is not used: it makes offers per torrent and announce without knowing whether anybody could
 * take them (a hundred seeded torrents exhaust the browser's 500 connections), retries a lost socket after minutes, takes
 * strangers' offers without limit, and hands on whatever an offer contains.
 */
import { type Infohash, isInfohash } from '../core/id.ts';
import type { Transport } from '../core/pairing.ts';
import type { Clock } from '../time/clock.ts';
import { AnnounceClock } from './announce-clock.ts';
import { transportOf } from './description.ts';
import type { OfferRequest, Signaling } from './signaling.ts';
import type { TrackerStatus } from './swarm.ts';
import { binary, hexOf } from './tracker-message.ts';
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

/** What the tracker client needs of the swarm. */
export interface TrackerClientOptions {
  /** Own peer id, 40 hex digits. */
  readonly peerId: string;
  readonly connect: (url: string) => WebSocketLike;
  /** Makes the connections that trackers carry offers and answers for. */
  readonly signaling: Pick<Signaling<never>, 'offer' | 'offersOf' | 'takeOffer' | 'takeAnswer' | 'withdrawAll'>;
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly demand: (infohash: Infohash, url: string) => TorrentDemand;
  /** Whether somebody waits for a tracker: else one that is away is looked for now and then only. */
  readonly isUrgent: () => boolean;
  readonly onStatus: () => void;
}

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

/** Announces torrents to trackers until stopped. */
export class TrackerClient {
  readonly #options: TrackerClientOptions;
  readonly #torrents = new Map<Infohash, Tracked>();
  readonly #sockets = new Map<string, TrackerSocket>();
  #trackers: readonly string[] = [];
  #isOnline = true;
  #stopped = false;
  #cancelTick: () => void;

  constructor(options: TrackerClientOptions) {
    this.#options = options;
    this.#cancelTick = options.clock.after(TICK_MS, () => this.#tick());
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
    this.#options.signaling.withdrawAll(infohash);
    this.#syncSockets();
  }

  /** The torrent's demand changed: announces soon, and quickly again while nobody is there; or takes back what is not wanted now. */
  refresh(infohash: Infohash): void {
    const tracked = this.#torrents.get(infohash);
    if (tracked === undefined) return;
    for (const url of this.#sockets.keys()) {
      if (!this.#uses(tracked, url)) continue;
      if (this.#options.demand(infohash, url).offers === 0) this.#options.signaling.withdrawAll(infohash, url);
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

  /** Trackers that are away are reached for at once: somebody waits for them now. */
  hurry(): void {
    for (const socket of this.#sockets.values()) if (socket.status === 'offline') socket.reopen();
  }

  /** The trackers of all torrents, and their extra ones. */
  status(): readonly TrackerStatus[] {
    return [...this.#sockets.values()].map(({ url, status }) => ({ url, status }));
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTick();
    // Closing the sockets leaves all swarms; a goodbye for each of thousands of torrents would only delay that.
    this.#torrents.clear();
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
      this.#options.signaling.withdrawAll(undefined, url);
    }
    for (const url of wanted) if (!this.#sockets.has(url) && /^wss?:\/\//.test(url)) this.#sockets.set(url, this.#openSocket(url));
    this.#options.onStatus();
  }

  #openSocket(url: string): TrackerSocket {
    const { connect, clock, random, isUrgent, onStatus } = this.#options;
    return new TrackerSocket({
      url,
      connect,
      clock,
      isUrgent,
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
    this.#cancelTick = this.#options.clock.after(TICK_MS, () => this.#tick());
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
    const nowMs = this.#options.clock.nowMs();
    const demand = this.#options.demand(tracked.infohash, url);
    if (!clock.isDue(nowMs, demand)) return false;
    const isFirst = clock.announced(nowMs);
    // At once, without offers: describing them takes a while, and until then the tracker can pass us those of others.
    if (isFirst) this.#announce(tracked, url, 'started', []);
    const offers = this.#makeOffers(tracked, url, clock.offersWorth(demand, socket.isDoubtful), (made) =>
      this.#announce(tracked, url, undefined, made),
    );
    if (!isFirst && offers === 0) this.#announce(tracked, url, undefined, []);
    return true;
  }

  /** Calls `send` once all offers are described, unless none could be. @returns how many are being made */
  #makeOffers(tracked: Tracked, url: string, wanted: number, send: (offers: readonly object[]) => void): number {
    const { infohash } = tracked;
    const { signaling } = this.#options;
    const offers: object[] = [];
    let made = 0;
    let awaited = 0;
    const settle = () => {
      if (--awaited === 0 && offers.length > 0 && !this.#stopped && this.#torrents.get(infohash) === tracked) send(offers);
    };
    for (let missing = wanted - signaling.offersOf(infohash, url); missing > 0; missing--) {
      awaited++;
      const described: OfferRequest['described'] = (offer) => {
        if (offer !== undefined) offers.push({ offer_id: binary(offer.offerId), offer: offer.description });
        settle();
      };
      if (!signaling.offer({ infohash, source: url, described })) {
        awaited--;
        break;
      }
      made++;
    }
    return made;
  }

  #announce(tracked: Tracked, url: string, event: 'started' | 'stopped' | undefined, offers: readonly object[]): void {
    this.#sockets.get(url)?.request({
      action: 'announce',
      info_hash: binary(tracked.infohash),
      peer_id: binary(this.#options.peerId),
      uploaded: 0,
      downloaded: 0,
      left: event === 'stopped' ? 0 : this.#options.demand(tracked.infohash, url).leftBytes,
      numwant: offers.length,
      offers,
      ...(event === undefined ? {} : { event }),
    });
  }

  #onMessage(url: string, message: Readonly<Record<string, unknown>>): void {
    if (message.action !== 'announce') return;
    const named = hexOf(message.info_hash);
    const tracked = isInfohash(named) ? this.#torrents.get(named) : undefined;
    if (tracked === undefined) return;
    const { infohash } = tracked;
    const peerId = hexOf(message.peer_id);
    const offerId = hexOf(message.offer_id);
    const offer = transportOf(message.offer, 'offer');
    const answer = transportOf(message.answer, 'answer');
    if (peerId !== undefined && offerId !== undefined && peerId !== this.#options.peerId) {
      if (offer !== undefined) this.#onOffer(tracked, url, peerId, offerId, offer);
      if (answer !== undefined) this.#options.signaling.takeAnswer({ infohash, source: url, peerId, offerId, transport: answer });
    } else if (peerId === undefined) this.#onResponse(tracked, url, message);
  }

  #onResponse(tracked: Tracked, url: string, message: Readonly<Record<string, unknown>>): void {
    const clock = tracked.clocks.get(url);
    if (clock === undefined) return;
    clock.onResponse(message);
    // Nobody else is there, so nobody got them.
    if (clock.others === 0) this.#options.signaling.withdrawAll(tracked.infohash, url);
    this.#announceIfDue(tracked, url);
  }

  #onOffer(tracked: Tracked, url: string, peerId: string, offerId: string, transport: Transport): void {
    const { infohash } = tracked;
    this.#options.signaling.takeOffer({ infohash, source: url, peerId, offerId, transport }, (answer) =>
      this.#sockets.get(url)?.send({
        action: 'announce',
        info_hash: binary(infohash),
        peer_id: binary(this.#options.peerId),
        to_peer_id: binary(peerId),
        offer_id: binary(offerId),
        answer,
      }),
    );
  }
}
