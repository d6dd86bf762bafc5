/**
 * Introduces peers to each other: an offer of a WebRTC connection is passed on to somebody else who is connected here, and the answer
 * back. Only what a peer says of itself is passed on, so nothing goes further than to the peers of one node; what was passed on to us
 * goes to the swarm.
 */
import type { Intro, Message } from '../../core/message.ts';
import type { Peer, Swarm } from '../../net/swarm.ts';
import type { Clock } from '../../time/clock.ts';
import type { Topic } from './topic.ts';

/** An offer waits this long for its answer, and counts that long against whoever made it and whoever it went to. */
const LIFETIME_MS = 30_000;
/** Offers of one peer that are under way: it asks somebody else meanwhile. */
const MAX_MADE = 2;
/** Offers under way to one peer: each costs it a connection. */
const MAX_TAKEN = 2;
/** Offers under way in all: bounds the memory, however many peers there are. */
const MAX_UNDER_WAY = 64;
/** What one peer may pass on to us in {@link LIFETIME_MS}: offers to us, and answers to ours. */
const MAX_PASSED_ON = 8;
/** Points of 100 for asking on and on: whoever keeps to the pace of the protocol never comes near. */
const GREEDY = 2;

interface UnderWay {
  readonly maker: Peer;
  readonly taker: Peer;
  isAnswered: boolean;
}

interface IntroductionsOptions {
  readonly swarm: Pick<Swarm, 'introduced'>;
  readonly clock: Clock;
}

/** The topic of `intro`. */
export class Introductions implements Topic {
  readonly #options: IntroductionsOptions;
  /** Whoever was introduced last stands last. */
  readonly #peers = new Map<string, Peer>();
  /** How much each peer has passed on to us lately. */
  readonly #passedOn = new Map<Peer, number>();
  /** By the offer's id. */
  readonly #underWay = new Map<string, UnderWay>();

  constructor(options: IntroductionsOptions) {
    this.#options = options;
  }

  joined(peer: Peer): void {
    this.#peers.set(peer.id, peer);
  }

  left(peer: Peer): void {
    this.#peers.delete(peer.id);
  }

  receive(peer: Peer, message: Message): void {
    if (message.t !== 'intro') return;
    if (message.from !== peer.id || message.torrent !== undefined) this.#takeOver(peer, message);
    else if (message.kind === 'offer') this.#passOffer(peer, message);
    else this.#passAnswer(peer, message);
  }

  #takeOver(peer: Peer, message: Intro): void {
    const count = this.#passedOn.get(peer) ?? 0;
    if (count >= MAX_PASSED_ON) return peer.penalize(GREEDY, 'introduces us without end');
    if (count === 0) this.#options.clock.after(LIFETIME_MS, () => this.#passedOn.delete(peer));
    this.#passedOn.set(peer, count + 1);
    this.#options.swarm.introduced(peer, message);
  }

  #passOffer(maker: Peer, offer: Intro): void {
    const all = [...this.#underWay.values()];
    const made = all.filter((other) => other.maker === maker).length;
    if (made >= MAX_MADE) return maker.penalize(GREEDY, 'asks for introductions without end');
    if (all.length >= MAX_UNDER_WAY || this.#underWay.has(offer.id)) return;
    const known = new Set([...offer.known, maker.id]);
    const isFree = (id: string) => all.filter(({ taker }) => taker.id === id).length < MAX_TAKEN;
    const taker = [...this.#peers.values()].find(({ id }) => !known.has(id) && (offer.to ?? id) === id && isFree(id));
    if (taker === undefined) return;
    this.#peers.delete(taker.id);
    this.#peers.set(taker.id, taker);
    this.#underWay.set(offer.id, { maker, taker, isAnswered: false });
    this.#options.clock.after(LIFETIME_MS, () => this.#underWay.delete(offer.id));
    taker.send({ ...offer, to: taker.id, known: [] });
  }

  /** One answer to one offer, from whom it was passed to; another is dropped, for it may have come too late. */
  #passAnswer(taker: Peer, answer: Intro): void {
    const offer = this.#underWay.get(answer.id);
    if (offer?.taker !== taker || offer.isAnswered || answer.to !== offer.maker.id) return;
    offer.isAnswered = true;
    if (this.#peers.get(offer.maker.id) === offer.maker) offer.maker.send({ ...answer, known: [] });
  }
}
