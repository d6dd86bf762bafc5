/** Peers that mean harm: they speak `ttx` well enough to be let in, and then do one of these. */
import { type Hash, hashFromBytes, type Infohash, infohashFromBytes, type TxId, txidFromBytes } from '../core/id.ts';
import { type Held, type Message, PROTOCOL, type ReceivedMessage, type StateSummary } from '../core/message.ts';
import type { LoopbackSwarm } from '../net/loopback-swarm.ts';
import type { Peer } from '../net/swarm.ts';
import type { World } from './world.ts';

/**
 * - `liar`: claims a state that nobody has, and answers questions about it with nodes that are not in it
 * - `withholder`: announces all that it hears of, and never hands anything over
 * - `flooder`: announces what there is not, without end
 * - `forger`: hands over other bytes than were asked for, and asks for more than it could take
 * - `matchmaker`: passes on offers from nobody to nobody
 */
export const MISDEEDS = ['liar', 'withholder', 'flooder', 'forger', 'matchmaker'] as const;
export type Misdeed = (typeof MISDEEDS)[number];

/** How often those that do something of their own accord do it. */
const EVERY_MS = 500;

/** One hostile peer, connected wherever it is let in. */
export class HostilePeer {
  readonly misdeed: Misdeed;
  readonly swarm: LoopbackSwarm;
  readonly #world: World;
  readonly #peers = new Set<Peer>();
  /** What there is not, 40,000 times: making it up anew would take longer than anything it does to others. */
  readonly #inventions: readonly (readonly Held[])[];

  constructor(world: World, misdeed: Misdeed) {
    this.#world = world;
    this.misdeed = misdeed;
    this.swarm = world.hub.createSwarm();
    const invent = () => ({ infohash: this.#infohash(), txid: this.#txid() });
    this.#inventions = misdeed !== 'flooder' ? [] : Array.from({ length: 40 }, () => Array.from({ length: 1_000 }, invent));
  }

  /** Looks for victims, from now on. */
  async start(): Promise<void> {
    const { genesis, clock } = this.#world;
    this.swarm.seed({ infohash: genesis.infohash, bytes: genesis.bytes, role: 'genesis' });
    await this.swarm.start({
      peer: (peer) => {
        // They leave each other alone.
        if (!this.#isHonest(peer)) return;
        this.#peers.add(peer);
        peer.send(this.#hello());
      },
      gone: (peer) => this.#peers.delete(peer),
      message: (peer, message) => this.#isHonest(peer) && this.#answer(peer, message),
      changed: () => undefined,
    });
    const act = () => {
      for (const peer of this.#peers) this.#act(peer);
      clock.after(EVERY_MS, act);
    };
    clock.after(EVERY_MS, act);
  }

  /** How many honest nodes still talk to it. */
  get victims(): number {
    return this.#peers.size;
  }

  #isHonest({ id }: Peer): boolean {
    return this.#world.inhabitants.some(({ swarm }) => swarm.id === id);
  }

  #bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => Math.floor(this.#world.random() * 256));
  }

  #txid = (): TxId => txidFromBytes(this.#bytes(32));
  #hash = (): Hash => hashFromBytes(this.#bytes(32));
  #infohash = (): Infohash => infohashFromBytes(this.#bytes(20));

  #summary(): StateSummary {
    return { transactions: 1_000_000, work: 2n ** 60n, supply: 1n, transactionsRoot: this.#hash(), coinsRoot: this.#hash() };
  }

  #hello(): Message {
    const genesis = this.#world.network.id;
    return { t: 'hello', software: 'hostile/1', protocol: PROTOCOL, genesis, mode: 'full', modules: [], summary: this.#summary() };
  }

  #act(peer: Peer): void {
    if (this.misdeed === 'liar') peer.send({ t: 'state', summary: this.#summary() });
    else if (this.misdeed === 'flooder') {
      peer.send({ t: 'inv', held: this.#inventions[Math.floor(this.#world.random() * this.#inventions.length)] ?? [] });
    } else if (this.misdeed === 'forger') {
      peer.send({ t: 'get', txids: Array.from({ length: 1_000 }, () => this.#world.network.id) });
    } else if (this.misdeed === 'matchmaker') {
      const peerId = () => this.#infohash() as string;
      const signal = this.#bytes(1_000);
      for (let n = 0; n < 10; n++) peer.send({ t: 'intro', kind: 'offer', id: peerId(), from: peerId(), to: peerId(), known: [], signal });
    }
  }

  #answer(peer: Peer, message: ReceivedMessage): void {
    switch (message.t) {
      case 'inv':
        if (this.misdeed === 'withholder' && message.held.length > 0)
          for (const other of this.#peers) other.send({ t: 'inv', held: message.held });
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
