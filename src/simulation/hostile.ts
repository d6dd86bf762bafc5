/** Peers that mean harm: they speak `ttx` well enough to be let in, and then do one of these, to whom and when they like. */
import { type Hash, hashFromBytes, type Infohash, infohashFromBytes, type TxId, txidFromBytes } from '../core/id.ts';
import { type Held, type Intro, type Message, PROTOCOL, type ReceivedMessage, type StateSummary } from '../core/message.ts';
import { LoopbackPeer } from '../net/loopback-peer.ts';
import type { LoopbackSwarm } from '../net/loopback-swarm.ts';
import type { Peer } from '../net/swarm.ts';
import type { World } from './world.ts';

/**
 * - `liar`: claims a state that nobody has, a little ahead of its victim's, and answers questions about it with nodes that are not in it
 * - `withholder`: announces all that it hears of, and never hands anything over
 * - `flooder`: announces what there is not, without end
 * - `forger`: hands over other bytes than were asked for, and asks for more than it could take
 * - `babbler`: sends what is no message
 * - `matchmaker`: passes on offers from nobody to nobody, and old ones again and again
 */
export const MISDEEDS = ['liar', 'withholder', 'flooder', 'forger', 'babbler', 'matchmaker'] as const;
export type Misdeed = (typeof MISDEEDS)[number];

/** Between two deeds, drawn anew each time. */
const PAUSE_MS = [100, 1_500] as const;
/** Share of its victims that a deed is done to. */
const ATTENTION = 0.5;
/** How often it comes back under another name when nobody talks to it any more, and after how long. */
const RETURNS = 2;
const RETURN_MS = 30_000;
/** Old offers kept to be passed on again. */
const MAX_OFFERS = 50;

/** One hostile peer, connected wherever it is let in. */
export class HostilePeer {
  readonly misdeed: Misdeed;
  readonly #world: World;
  readonly #peers = new Map<Peer, StateSummary | undefined>();
  readonly #offers: Intro[] = [];
  #swarm: LoopbackSwarm;
  #returns = 0;
  #isReturning = false;
  /** What there is not, 40,000 times: making it up anew would take longer than anything it does to others. */
  readonly #inventions: readonly Message[];

  constructor(world: World, misdeed: Misdeed) {
    this.#world = world;
    this.misdeed = misdeed;
    this.#swarm = world.hub.createSwarm();
    const invent = (): Held => ({ infohash: this.#infohash(), txid: this.#txid() });
    this.#inventions =
      misdeed !== 'flooder' ? [] : Array.from({ length: 40 }, () => ({ t: 'inv', held: Array.from({ length: 1_000 }, invent) }));
  }

  /** Looks for victims, from now on. */
  async start(): Promise<void> {
    await this.#enter();
    const { clock, random } = this.#world;
    const act = () => {
      for (const peer of [...this.#peers.keys()]) if (random() < ATTENTION) this.#act(peer);
      this.#lookAround();
      clock.after(PAUSE_MS[0] + random() * (PAUSE_MS[1] - PAUSE_MS[0]), act);
    };
    act();
  }

  async #enter(): Promise<void> {
    const { infohash, bytes } = this.#world.genesis;
    this.#swarm.seed({ infohash, bytes, role: 'genesis' });
    await this.#swarm.start({
      peer: (peer) => {
        // They leave each other alone.
        if (!this.#world.isHonest(peer.id)) return;
        this.#peers.set(peer, undefined);
        peer.send(this.#hello());
      },
      gone: (peer) => this.#peers.delete(peer),
      message: (peer, message) => this.#peers.has(peer) && this.#answer(peer, message),
      changed: () => undefined,
    });
  }

  /** Whom all have barred begins anew. */
  #lookAround(): void {
    if (this.#peers.size > 0 || this.#isReturning || this.#returns >= RETURNS) return;
    this.#isReturning = true;
    this.#world.clock.after(RETURN_MS, async () => {
      this.#isReturning = false;
      if (this.#peers.size > 0) return;
      this.#returns++;
      await this.#swarm.stop();
      this.#swarm = this.#world.hub.createSwarm();
      await this.#enter();
    });
  }

  /** How many honest nodes still talk to it. */
  get victims(): number {
    return this.#peers.size;
  }

  #bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => Math.floor(this.#world.random() * 256));
  }

  #txid = (): TxId => txidFromBytes(this.#bytes(32));
  #hash = (): Hash => hashFromBytes(this.#bytes(32));
  #infohash = (): Infohash => infohashFromBytes(this.#bytes(20));

  #summary(of?: StateSummary): StateSummary {
    const transactions = of === undefined ? 1_000_000 : of.transactions + 1 + Math.floor(this.#world.random() * 50);
    return { transactions, work: 2n ** 60n, supply: 1n, transactionsRoot: this.#hash(), coinsRoot: this.#hash() };
  }

  #hello(): Message {
    const genesis = this.#world.network.id;
    return { t: 'hello', software: 'hostile/1', protocol: PROTOCOL, genesis, mode: 'full', modules: [], summary: this.#summary() };
  }

  #pick<T>(among: readonly T[]): T | undefined {
    return among[Math.floor(this.#world.random() * among.length)];
  }

  #act(peer: Peer): void {
    switch (this.misdeed) {
      case 'liar':
        return peer.send({ t: 'state', summary: this.#summary(this.#peers.get(peer)) });
      case 'flooder': {
        const invention = this.#pick(this.#inventions);
        if (invention !== undefined) peer.send(invention);
        return;
      }
      case 'forger':
        return peer.send({ t: 'get', txids: Array.from({ length: 1_000 }, () => this.#world.network.id) });
      case 'babbler':
        if (peer instanceof LoopbackPeer) peer.sendBytes(this.#bytes(1 + Math.floor(this.#world.random() * 2_000)));
        return;
      case 'matchmaker': {
        const peerId = () => this.#infohash() as string;
        const signal = this.#bytes(1_000);
        for (let n = 0; n < 5; n++) peer.send({ t: 'intro', kind: 'offer', id: peerId(), from: peerId(), to: peerId(), known: [], signal });
        const stale = this.#pick(this.#offers);
        if (stale !== undefined) peer.send(stale);
        return;
      }
      default:
    }
  }

  #answer(peer: Peer, message: ReceivedMessage): void {
    switch (message.t) {
      case 'hello':
      case 'state':
        this.#peers.set(peer, message.summary);
        return;
      case 'intro':
        if (message.kind === 'offer' && this.#offers.push(message) > MAX_OFFERS) this.#offers.shift();
        return;
      case 'inv':
        if (this.misdeed === 'withholder' && message.held.length > 0) {
          const rumour: Message = { t: 'inv', held: message.held };
          for (const other of this.#peers.keys()) other.send(rumour);
        }
        return;
      case 'list':
        peer.send({ t: 'inv', held: [{ infohash: this.#infohash(), txid: this.#txid() }], from: message.from });
        return;
      case 'node': {
        if (this.misdeed !== 'liar') return;
        const { tree, root, prefixes } = message;
        const children = Array.from({ length: 16 }, this.#hash);
        peer.send({ t: 'nodes', tree, root, nodes: prefixes.map((prefix) => ({ kind: 'inner', prefix, children })) });
        return;
      }
      case 'get':
        if (this.misdeed === 'forger') peer.send({ t: 'tx', files: message.txids.slice(0, 16).map(() => this.#bytes(400)), missing: [] });
        else if (this.misdeed === 'flooder') peer.send({ t: 'tx', files: [], missing: message.txids });
        return;
      default:
        return;
    }
  }
}
