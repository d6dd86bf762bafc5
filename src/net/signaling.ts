/**
 * Offers and answers, whoever carries them: trackers, peers that introduce each other, or two people. Makes the connections, bounds
 * how many there are, and hands over those that both sides have described.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Infohash } from '../core/id.ts';
import type { Transport } from '../core/pairing.ts';
import { parseDescription, writeCandidates, writeDescription } from '../core/session-description.ts';
import type { Clock } from '../time/clock.ts';
import { TokenBucket } from '../time/token-bucket.ts';
import { type Description, fingerprintOf, nameOf } from './description.ts';

/** RTCIceCandidateInit: one more way to the other side. */
export interface RemoteCandidate {
  readonly candidate: string;
  readonly sdpMid: string;
  readonly sdpMLineIndex: number;
}

/** A WebRTC connection being set up. simple-peer in the browser. */
export interface SignalingConnection {
  signal(told: Description | { readonly type: 'candidate'; readonly candidate: RemoteCandidate }): void;
  destroy(): void;
  on(event: 'signal', listener: (description: Description) => void): unknown;
  on(event: 'connect' | 'error' | 'close' | 'end' | 'finish', listener: () => void): unknown;
}

/** Certificates at the two ends of a connection, as the descriptions name them. */
export interface Fingerprints {
  readonly own: Uint8Array | undefined;
  readonly remote: Uint8Array | undefined;
}

/** A connection that both sides have described; it is about to open. */
export interface Introduction<C> {
  readonly infohash: Infohash;
  /** What the carrier says: 40 hex digits. */
  readonly peerId: string;
  /** See {@link nameOf}: the same on both sides, 40 hex digits. */
  readonly offerId: string;
  /** Whether this side made the offer. */
  readonly initiator: boolean;
  /** Who carried it: a tracker's URL, a peer's id, or {@link PAIRING}. */
  readonly source: string;
  readonly connection: C;
  /** Complete once the connection is open. */
  readonly fingerprints: Fingerprints;
}

/** {@link Introduction.source} of two people who met. */
export const PAIRING = 'pairing';

/** An offer of ours, for a carrier to take. */
export interface Offered {
  /** What the answer must name: 40 hex digits. */
  readonly offerId: string;
  readonly description: Description;
  /** The same, read. */
  readonly transport: Transport;
}

/** An offer of ours that is wanted. */
export interface OfferRequest {
  readonly infohash: Infohash;
  readonly source: string;
  /** How long it waits for an answer; {@link OFFER_LIFETIME_MS} if absent. */
  readonly lifetimeMs?: number;
  /** Called once: with the description, or with nothing if there will be none. */
  readonly described: (offer: Offered | undefined) => void;
  /** Called when it ends without an answer, after it was described. */
  readonly expired?: () => void;
}

/** An offer or answer that has come. */
export interface Signal {
  readonly infohash: Infohash;
  readonly source: string;
  readonly peerId: string;
  /** As the carrier has it: 40 hex digits. */
  readonly offerId: string;
  readonly transport: Transport;
}

/** What becomes of an answer. `unwelcome`: there is no place for its maker. */
export type AnswerOutcome = 'taken' | 'unknown-offer' | 'unwelcome';

/** What signalling needs of the swarm. `C` is the class of connections. */
export interface SignalingOptions<C extends SignalingConnection> {
  /** `isPatient`: it does not fail because the other side is not there yet. */
  readonly createConnection: (initiator: boolean, isPatient: boolean) => C;
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Uint8Array;
  /** Whether one more connection may be made for this torrent; `open` are there. */
  readonly hasRoom: (infohash: Infohash, open: number) => boolean;
  /** Whether a connection to this peer would be kept. */
  readonly welcomes: (newcomer: { readonly infohash: Infohash; readonly peerId: string; readonly isIncoming: boolean }) => boolean;
  readonly onIntroduction: (introduction: Introduction<C>) => void;
}

/** How long an offer waits for an answer: the other side may need 5 s to gather its candidates. */
export const OFFER_LIFETIME_MS = 30_000;
/** The same between two people: they may have to find the camera first. */
export const PAIRING_LIFETIME_MS = 600_000;
/**
 * Until the answer has been handed back, whoever made it calls in vain: Chromium gives up after 15 s, and routers soon let nobody in any
 * more whom we did not call. So it calls again this often.
 */
const CALL_AGAIN_MS = 30_000;
/** Most offers of ours that wait for an answer. */
const MAX_OFFERS = 8;
/** Most connections on the way from an answer to a BitTorrent handshake, so that strangers' offers cannot take all places. */
const MAX_OPENING = 12;
/**
 * Offers of others that are taken up, whoever carries them: each makes an RTCPeerConnection, and closed ones count towards the 500 that a
 * browser has until they are collected. As many as may be opening come at once; whoever is turned away offers again in seconds.
 */
const TAKEN_OFFERS = { perSecond: 2, burst: MAX_OPENING } as const;
/** A connection that neither opened nor failed by then is given up: WebTorrent gives it 25 s to connect and 25 s to shake hands. */
const OPENING_TIMEOUT_MS = 60_000;
/** Between the first sign that a connection ends and the moment when the browser has surely closed it. */
const ENDING_MS = 1_000;
/** Any of these may be the first sign. */
const ENDING = ['error', 'close', 'end', 'finish'] as const;

interface Offer<C> {
  readonly infohash: Infohash;
  readonly source: string;
  readonly connection: C;
  /** As described. */
  readonly own: () => Transport | undefined;
  readonly cancelTimeout: () => void;
  readonly expired: () => void;
}

/** One per running swarm. */
export class Signaling<C extends SignalingConnection> {
  readonly #options: SignalingOptions<C>;
  /** Every connection that the browser holds. */
  readonly #open = new Set<C>();
  readonly #offers = new Map<string, Offer<C>>();
  /** Connections that were introduced and have not opened. */
  readonly #opening = new Map<C, { readonly source: string; readonly cancelTimeout: () => void }>();
  readonly #budget: TokenBucket;

  constructor(options: SignalingOptions<C>) {
    this.#options = options;
    this.#budget = new TokenBucket(TAKEN_OFFERS, options.clock.nowMs());
  }

  /** Connections of all kinds, from the offer to the end. */
  get open(): number {
    return this.#open.size;
  }

  /** Connections being set up. */
  get pending(): number {
    return this.#offers.size + this.#opening.size;
  }

  /** Offers of ours for a torrent that wait with one carrier. */
  offersOf(infohash: Infohash, source: string): number {
    return [...this.#offers.values()].filter((offer) => offer.infohash === infohash && offer.source === source).length;
  }

  /** Makes an offer. @returns false, and calls nothing, if there is no room for it */
  offer({ infohash, source, lifetimeMs = OFFER_LIFETIME_MS, described, expired = () => {} }: OfferRequest): boolean {
    const { hasRoom, clock, randomBytes } = this.#options;
    const isFull = this.#offers.size >= MAX_OFFERS && source !== PAIRING;
    if (isFull || !hasRoom(infohash, this.#open.size)) return false;
    const offerId = bytesToHex(randomBytes(20));
    const connection = this.#create(true, false);
    let isDescribed = false;
    let own: Transport | undefined;
    const describe = (description: Description | undefined) => {
      if (isDescribed) return;
      isDescribed = true;
      own = description && parseDescription(description.sdp);
      if (description === undefined || own === undefined) {
        this.withdraw(offerId);
        described(undefined);
      } else described({ offerId, description: { type: description.type, sdp: description.sdp }, transport: own });
    };
    const cancelTimeout = clock.after(lifetimeMs, () => this.withdraw(offerId));
    this.#offers.set(offerId, { infohash, source, connection, own: () => own, cancelTimeout, expired });
    connection.on('signal', describe);
    const fail = () => {
      if (this.#offers.get(offerId)?.connection === connection) this.withdraw(offerId);
      describe(undefined);
    };
    connection.on('error', fail);
    connection.on('close', fail);
    return true;
  }

  /**
   * Takes an offer up, if it is of use and there is room; `answered` is called with our description, `ended` when the connection ends.
   * Two people who met do not stand in the queue of strangers.
   */
  takeOffer(signal: Signal, answered: (answer: Description, transport: Transport) => void, ended = () => {}): boolean {
    const { hasRoom, welcomes, clock } = this.#options;
    const { infohash, peerId, source, transport } = signal;
    const isStranger = source !== PAIRING;
    if (isStranger && this.#opening.size >= MAX_OPENING) return false;
    if (!hasRoom(infohash, this.#open.size) || !welcomes({ infohash, peerId, isIncoming: true })) return false;
    // Last, so that only offers that would be taken up use it.
    if (isStranger && !this.#budget.take(1, clock.nowMs())) return false;
    const connection = this.#create(false, !isStranger);
    let own: Transport | undefined;
    connection.on('signal', ({ type, sdp }) => {
      if (type !== 'answer') return;
      own = parseDescription(sdp);
      if (own === undefined) connection.destroy();
      else answered({ type, sdp }, own);
    });
    for (const event of ENDING) connection.on(event, ended);
    this.#introduce(signal, nameOf(transport), connection, false, () => own);
    return true;
  }

  /** Gives an answer to the offer that it is for, if that came by the same carrier; `ended` is called when the connection ends. */
  takeAnswer(signal: Signal, ended = () => {}): AnswerOutcome {
    const { offerId, infohash, source, peerId } = signal;
    const offer = this.#offers.get(offerId);
    const own = offer?.own();
    if (offer === undefined || own === undefined || offer.infohash !== infohash || offer.source !== source) return 'unknown-offer';
    if (!this.#options.welcomes({ infohash, peerId, isIncoming: false })) {
      this.withdraw(offerId);
      return 'unwelcome';
    }
    this.#offers.delete(offerId);
    offer.cancelTimeout();
    for (const event of ENDING) offer.connection.on(event, ended);
    this.#introduce(signal, nameOf(own), offer.connection, true, () => own);
    return 'taken';
  }

  withdraw(offerId: string): void {
    const offer = this.#offers.get(offerId);
    if (offer === undefined) return;
    this.#offers.delete(offerId);
    offer.cancelTimeout();
    offer.connection.destroy();
    offer.expired();
  }

  /** Takes back the offers of a torrent, or of all, that wait with one carrier, or with all. */
  withdrawAll(infohash: Infohash | undefined, source?: string): void {
    for (const [id, offer] of [...this.#offers]) {
      if ((infohash ?? offer.infohash) === offer.infohash && (source ?? offer.source) === offer.source) this.withdraw(id);
    }
  }

  /** An introduced connection has shaken hands, or is no longer wanted. */
  settled(connection: C): void {
    this.#opening.get(connection)?.cancelTimeout();
    this.#opening.delete(connection);
  }

  /** Gives up all that came by one carrier and has not opened, or by any. */
  abandon(carrier?: string): void {
    this.withdrawAll(undefined, carrier);
    for (const [connection, { source }] of [...this.#opening]) {
      if ((carrier ?? source) !== source) continue;
      this.settled(connection);
      connection.destroy();
    }
  }

  #create(initiator: boolean, isPatient: boolean): C {
    const { createConnection, clock } = this.#options;
    const connection = createConnection(initiator, isPatient);
    this.#open.add(connection);
    const closed = () => this.#open.delete(connection);
    connection.on('close', closed);
    connection.on('error', closed);
    // Which of these comes depends on how it ends; these come before the browser's connection is closed.
    for (const event of ['end', 'finish'] as const) connection.on(event, () => clock.after(ENDING_MS, closed));
    return connection;
  }

  #callAgain(connection: C, transport: Transport, round: number): void {
    let isOver = false;
    for (const event of ['connect', ...ENDING] as const)
      connection.on(event, () => {
        isOver = true;
      });
    const call = () => {
      if (isOver) return;
      for (const candidate of writeCandidates(transport, round++))
        tell(connection, { type: 'candidate', candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 } });
      this.#options.clock.after(CALL_AGAIN_MS, call);
    };
    this.#options.clock.after(CALL_AGAIN_MS, call);
  }

  #introduce(
    { infohash, peerId, source, transport }: Signal,
    offerId: string,
    connection: C,
    initiator: boolean,
    own: () => Transport | undefined,
  ): void {
    const settled = () => this.settled(connection);
    const isPairing = source === PAIRING;
    const cancelTimeout = this.#options.clock.after(isPairing ? PAIRING_LIFETIME_MS : OPENING_TIMEOUT_MS, () => {
      settled();
      if (isPairing) connection.destroy();
    });
    this.#opening.set(connection, { source, cancelTimeout });
    for (const event of ENDING) connection.on(event, settled);
    const fingerprints: Fingerprints = {
      get own() {
        const described = own();
        return described && fingerprintOf(described);
      },
      remote: fingerprintOf(transport),
    };
    const introduce = () => this.#options.onIntroduction({ infohash, peerId, offerId, initiator, source, connection, fingerprints });
    // WebTorrent gives a connection 25 s to open; two people need longer.
    if (isPairing) connection.on('connect', introduce);
    else introduce();
    if (isPairing && !initiator) this.#callAgain(connection, transport, 1);
    tell(connection, { type: initiator ? 'answer' : 'offer', sdp: writeDescription(transport) });
  }
}

function tell(connection: SignalingConnection, told: Parameters<SignalingConnection['signal']>[0]): void {
  try {
    connection.signal(told);
  } catch {
    // It is gone by now.
    connection.destroy();
  }
}
