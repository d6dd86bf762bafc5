/** Hash power for hire: votes that were hashed in advance, in a network's contests. */
import type { TxId } from '../core/id.ts';
import { MAX_VOTES } from '../core/limit.ts';
import { type Message, PROTOCOL, type ReceivedMessage, type Vote } from '../core/message.ts';
import { addVote, type Ballot, ballotWeight } from '../core/vote.ts';
import type { LoopbackSwarm } from '../net/loopback-swarm.ts';
import type { Peer } from '../net/swarm.ts';
import type { Plot } from './two-faced.ts';
import { HASHES_PER_MS, type VoteLuck } from './vote-luck.ts';
import type { Inhabitant, World } from './world.ts';

/**
 * What the attacker does with hash power, `rate` times what all honest nodes together vote with, saved up for a minute before: all for the last
 * release, with it (`mined`), with it and told again each second for those who do not listen yet (`repeated`), or some seconds later (`withheld`);
 * or always for the side that is behind (`balanced`).
 */
export interface VotePlan {
  readonly rate: number;
  readonly mode: 'mined' | 'repeated' | 'withheld' | 'balanced';
}

/** Of a node's time, what goes into votes. */
const HONEST_SHARE = 0.1;
const SAVED_MS = 60_000;
/** `withheld`: votes come this long after the last release. */
const WITHHELD_MS = [2_000, 22_000] as const;
const BALANCE_EVERY_MS = 1_000;
/** `repeated`: so often. */
const REPEATS = 60;
/** Connections, spread by chance. */
const PEERS = 8;

/** A peer that says nothing but votes. */
export class VoteSeller {
  readonly #world: World;
  readonly #luck: VoteLuck;
  readonly #swarm: LoopbackSwarm;
  readonly #peers = new Set<Peer>();
  readonly #ballots = new Map<TxId, Ballot>();

  constructor(world: World, luck: VoteLuck) {
    this.#world = world;
    this.#luck = luck;
    this.#swarm = world.hub.createSwarm();
  }

  /** Connects with some nodes. */
  async start(): Promise<void> {
    const { network, inhabitants } = this.#world;
    const summary = inhabitants[0]?.node.ledger.summary();
    if (summary === undefined) return;
    await this.#swarm.start({
      peer: (peer) => {
        this.#peers.add(peer);
        // Light: nobody asks it for anything.
        peer.send({ t: 'hello', software: 'votes/1', protocol: PROTOCOL, genesis: network.id, mode: 'light', modules: [], summary });
      },
      gone: (peer) => this.#peers.delete(peer),
      message: (_, message) => this.#listen(message),
      changed: () => undefined,
    });
    for (let n = 0; n < PEERS; n++) this.meet(this.#world.pick());
  }

  /** Connects with one more. */
  meet({ swarm }: Inhabitant): void {
    this.#world.hub.connect(this.#swarm, swarm);
  }

  /** Takes part in one double spend of which the last side is released now. */
  sell({ rate, mode }: VotePlan, plot: Plot): void {
    const { clock, random, inhabitants } = this.#world;
    const hashesPerMs = rate * inhabitants.length * HASHES_PER_MS * HONEST_SHARE;
    let saved = hashesPerMs * SAVED_MS;
    const last = plot.sides.at(-1)?.txid as TxId;
    if (mode === 'mined') return this.#tell(this.#draw(last, saved));
    if (mode === 'repeated') {
      const votes = this.#draw(last, saved);
      for (let n = 0; n < REPEATS; n++) clock.after(n * 1_000, () => this.#tell(votes));
      return;
    }
    const [soonest, latest] = WITHHELD_MS;
    if (mode === 'withheld') {
      clock.after(soonest + random() * (latest - soonest), () => this.#tell(this.#draw(last, saved)));
      return;
    }
    const endMs = clock.nowMs() + 60_000;
    const balance = (): void => {
      saved += hashesPerMs * BALANCE_EVERY_MS;
      const sides = plot.sides.map(({ txid }) => ({ txid, weight: Number(ballotWeight(this.#ballots.get(txid) ?? [])) }));
      sides.sort((a, b) => b.weight - a.weight);
      const most = sides[0]?.weight ?? 0;
      for (const { txid, weight } of sides.slice(1)) {
        // So many hashes bring about so much weight, or some times more.
        const lacking = Math.min(saved, (most - weight) / 4);
        if (lacking <= most / 16) continue;
        saved -= lacking;
        this.#tell(this.#draw(txid, lacking));
      }
      if (clock.nowMs() < endMs) clock.after(BALANCE_EVERY_MS, balance);
    };
    balance();
  }

  #draw(txid: TxId, hashes: number): Message {
    return { t: 'vote', votes: this.#luck.best(hashes, MAX_VOTES).map((nonce): Vote => ({ txid, nonce })) };
  }

  #tell(message: Message): void {
    this.#listen(message);
    for (const peer of this.#peers) peer.send(message);
  }

  #listen(message: ReceivedMessage): void {
    if (message.t !== 'vote') return;
    for (const { txid, nonce } of message.votes) {
      const vote = { nonce, bits: this.#luck.bitsOf(new Uint8Array(), nonce) };
      this.#ballots.set(txid, addVote(this.#ballots.get(txid) ?? [], vote));
    }
  }
}
