/**
 * Finds peers through peers: asks one that is connected to pass an offer on to somebody else, and answers offers that come that way. So a
 * network that has met once lives on without trackers. The peer in between sees descriptions only; that nobody sits between the two ends
 * is what the proof of identity shows.
 */
import type { Infohash } from '../core/id.ts';
import { MAX_KNOWN } from '../core/limit.ts';
import type { Intro } from '../core/message.ts';
import type { Transport } from '../core/pairing.ts';
import type { Clock } from '../time/clock.ts';
import { transportOf } from './description.ts';
import { OFFER_LIFETIME_MS, type Signaling } from './signaling.ts';
import type { Peer } from './swarm.ts';

/** What it needs of the swarm. */
export interface IntroducerOptions {
  /** Own peer id. */
  readonly peerId: string;
  readonly signaling: Pick<Signaling<never>, 'offer' | 'takeOffer' | 'takeAnswer'>;
  readonly clock: Clock;
  /** Connected `ttx` peers. */
  readonly peers: () => readonly Peer[];
  /** Swarm of the genesis, in which nodes meet; undefined while there is none. */
  readonly meetingPlace: () => Infohash | undefined;
  /** Whether another peer is worth asking this one for. */
  readonly wants: (introducerId: string) => boolean;
}

/** First wait between two requests; twice as long after each that brought nobody, because then there may be nobody else. */
const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 300_000;
/** Between two beginnings anew for those that come and go: nobody new can be met by asking them again and again. */
const FLAPPING_MS = 120_000;

/** How long an offer waits for somebody who may not have the file at all. */
const SOUGHT_MS = 8_000;
/** Between two such offers to one peer, whatever the file: it takes only so many. */
const SEEK_PAUSE_MS = 10_000;

const utf8 = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true });

/** Asks now and then while peers are wanted, until stopped. Does nothing while none are. */
export class Introducer {
  readonly #options: IntroducerOptions;
  /** When each peer was asked last, for as long as it matters: it may leave and come back. */
  readonly #askedAtMs = new Map<string, number>();
  /** Who was asked for an attached file, by its infohash. */
  readonly #sought = new Map<Infohash, Set<string>>();
  /** When each connected peer was last asked for any. */
  readonly #soughtAtMs = new Map<string, number>();
  #waitMs = FIRST_WAIT_MS;
  #begunAtMs = Number.NEGATIVE_INFINITY;
  #dueAtMs = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => {};

  constructor(options: IntroducerOptions) {
    this.#options = options;
  }

  /** Who is connected or how many are wanted has changed: there may be somebody to ask, or somebody new to meet. */
  refresh(): void {
    const { peers, clock } = this.#options;
    const nowMs = clock.nowMs();
    const isNew = peers().some(({ id }) => !this.#askedAtMs.has(id));
    if (isNew || nowMs - this.#begunAtMs >= FLAPPING_MS) {
      this.#waitMs = FIRST_WAIT_MS;
      this.#begunAtMs = nowMs;
    }
    this.#schedule(this.#waitMs);
  }

  /** What `peer` passed on from somebody else; anything that does not fit is ignored, for an offer may have run out meanwhile. */
  receive(peer: Peer, { kind, id, from, to, signal, torrent }: Intro): void {
    const { peerId, signaling, meetingPlace } = this.#options;
    const infohash = torrent ?? meetingPlace();
    // Whoever wants a file asks for it himself, or anybody could be made to connect to him.
    if (torrent !== undefined && from !== peer.id) return;
    const transport = read(kind, signal);
    if (infohash === undefined || transport === undefined || to !== peerId || from === peerId) return;
    const told = { infohash, source: peer.id, peerId: from, offerId: id, transport };
    if (kind === 'answer') signaling.takeAnswer(told);
    else signaling.takeOffer(told, ({ sdp }) => this.#send(peer, 'answer', id, sdp, from, torrent));
  }

  /**
   * Asks connected peers, one after the other, whether they have an attached file: by an offer to meet in its swarm, which only who has it
   * takes up. For when trackers bring nobody.
   * @returns whether somebody was asked
   */
  seek(torrent: Infohash): boolean {
    const { peers, signaling, clock } = this.#options;
    const nowMs = clock.nowMs();
    const asked = this.#sought.get(torrent) ?? new Set();
    const connected = peers();
    for (const id of this.#soughtAtMs.keys()) if (!connected.some((peer) => peer.id === id)) this.#soughtAtMs.delete(id);
    // Everybody has had his turn; somebody may have got it since.
    if (connected.every(({ id }) => asked.has(id))) asked.clear();
    const isRested = (id: string) => nowMs - (this.#soughtAtMs.get(id) ?? Number.NEGATIVE_INFINITY) >= SEEK_PAUSE_MS;
    const peer = connected.find(({ id }) => !asked.has(id) && isRested(id));
    if (peer === undefined) return false;
    const isMade = signaling.offer({
      infohash: torrent,
      source: peer.id,
      lifetimeMs: SOUGHT_MS,
      described: (offer) => offer !== undefined && this.#send(peer, 'offer', offer.offerId, offer.description.sdp, peer.id, torrent),
    });
    if (!isMade) return false;
    this.#sought.set(torrent, asked.add(peer.id));
    this.#soughtAtMs.set(peer.id, nowMs);
    return true;
  }

  /** Nobody wants the file any more. */
  forget(torrent: Infohash): void {
    this.#sought.delete(torrent);
  }

  stop(): void {
    this.#cancel();
    this.#dueAtMs = Number.POSITIVE_INFINITY;
  }

  #schedule(waitMs: number): void {
    const { clock } = this.#options;
    const dueAtMs = clock.nowMs() + waitMs;
    if (dueAtMs >= this.#dueAtMs) return;
    this.#cancel();
    this.#dueAtMs = dueAtMs;
    this.#cancel = clock.after(waitMs, () => {
      this.#dueAtMs = Number.POSITIVE_INFINITY;
      this.#ask();
    });
  }

  /** Asks whoever was asked longest ago. */
  #ask(): void {
    const { peers, wants, signaling, meetingPlace, clock } = this.#options;
    const infohash = meetingPlace();
    const nowMs = clock.nowMs();
    const connected = peers();
    for (const [id, askedMs] of this.#askedAtMs)
      if (nowMs - askedMs >= LONGEST_WAIT_MS && !connected.some((peer) => peer.id === id)) this.#askedAtMs.delete(id);
    const lastAskedMs = ({ id }: Peer) => this.#askedAtMs.get(id) ?? Number.NEGATIVE_INFINITY;
    const [peer] = connected.filter(({ id }) => wants(id)).sort((a, b) => lastAskedMs(a) - lastAskedMs(b));
    if (peer === undefined || infohash === undefined) return;
    this.#schedule(this.#waitMs);
    // An earlier question may still be answered.
    if (nowMs - lastAskedMs(peer) < OFFER_LIFETIME_MS) return;
    const isMade = signaling.offer({
      infohash,
      source: peer.id,
      described: (offer) => offer !== undefined && this.#send(peer, 'offer', offer.offerId, offer.description.sdp),
    });
    if (!isMade) return;
    this.#askedAtMs.set(peer.id, nowMs);
    this.#waitMs = Math.min(LONGEST_WAIT_MS, 2 * this.#waitMs);
  }

  #send(peer: Peer, kind: Intro['kind'], id: string, sdp: string, to?: string, torrent?: Infohash): void {
    const { peerId, peers } = this.#options;
    const known = kind === 'offer' && torrent === undefined ? peers().map((other) => other.id) : [];
    peer.send({ t: 'intro', kind, id, from: peerId, to, known: known.slice(0, MAX_KNOWN), torrent, signal: utf8.encode(sdp) });
  }
}

function read(type: Intro['kind'], signal: Uint8Array): Transport | undefined {
  try {
    return transportOf({ type, sdp: strict.decode(signal) }, type);
  } catch {
    // Not UTF-8.
    return undefined;
  }
}
