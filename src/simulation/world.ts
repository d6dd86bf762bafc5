/**
 * Many nodes in one process: the node's own code over loopback wires, on a clock that only moves when told. The same options
 * give the same run.
 */
import type { Network } from '../core/decide.ts';
import type { TxId } from '../core/id.ts';
import { checkSignature } from '../core/signature.ts';
import type { Transaction, TransactionFile } from '../core/transaction.ts';
import { LoopbackHub } from '../net/loopback.ts';
import type { LoopbackSwarm } from '../net/loopback-swarm.ts';
import { NetworkNode } from '../node/network-node.ts';
import { makeGenesis, makePayment, type Person, person } from '../node/testkit/people.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { seededRandom } from './random.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly nodes: number;
  /** Peers that each node looks for; others may find it until it has half as many more, and one is exchanged now and then. */
  readonly degree: number;
  /** One way between two nodes, drawn once for each pair, evenly between these. */
  readonly latencyMs: readonly [least: number, most: number];
  /** Share of messages that are lost and sent again, which costs two latencies more; what follows waits for them, as in a data channel. */
  readonly loss?: number;
}

/** How often a node exchanges a peer, as `net/peer-table.ts` does it. */
const ROTATION_MS = 600_000;

/** A node and its place in the world. */
export interface Inhabitant {
  readonly node: NetworkNode;
  readonly swarm: LoopbackSwarm;
  readonly owner: Person;
}

/** When a transaction was first accepted by how many. */
export interface Arrival {
  readonly releasedMs: number;
  /** By node. */
  readonly arrivedMs: ReadonlyMap<NetworkNode, number>;
}

/** A network that lives while {@link World.advance} turns the clock. */
export class World {
  readonly clock = new VirtualClock();
  readonly random: () => number;
  readonly hub: LoopbackHub;
  readonly genesis: TransactionFile;
  readonly network: Network;
  readonly inhabitants: Inhabitant[] = [];
  /** Faults of nodes that nobody waits for: there should be none. */
  readonly failures: unknown[] = [];
  /** All that went over the wires. */
  sentBytes = 0;
  sentMessages = 0;
  readonly #options: WorldOptions;
  readonly #founder = person('founder');
  readonly #latencies = new Map<string, number>();
  readonly #lastArrivalMs = new Map<string, number>();
  readonly #verdicts = new Map<string, ReturnType<typeof checkSignature>>();
  readonly #watched = new Map<TxId, { releasedMs: number; arrivedMs: Map<NetworkNode, number> }>();
  /** The coin that each payer spends next. */
  readonly #coins = new Map<Person, TransactionFile>();
  #payments = 0;

  private constructor(options: WorldOptions) {
    this.#options = options;
    this.random = seededRandom(options.seed);
    this.hub = new LoopbackHub({
      clock: this.clock,
      wantedPeers: options.degree,
      mostPeers: 1.5 * options.degree,
      random: this.random,
      latencyMs: (from, to) => this.#delayMs(from, to),
      sent: (_from, _to, bytes) => {
        this.sentBytes += bytes;
        this.sentMessages++;
      },
    });
    const { file, network } = makeGenesis(this.#founder);
    this.genesis = file;
    this.network = network;
    this.#coins.set(this.#founder, file);
  }

  /** Founds a network and lets its nodes start, one after the other. */
  static async create(options: WorldOptions): Promise<World> {
    const world = new World(options);
    for (let n = 0; n < options.nodes; n++) await world.add(`node ${n}`);
    return world;
  }

  /** One more node, with an empty disk. */
  async add(name: string): Promise<Inhabitant> {
    const owner = person(name);
    const swarm = this.hub.createSwarm();
    const node: NetworkNode = new NetworkNode({
      network: this.network,
      genesis: this.genesis.bytes,
      store: await createMemoryStorage().openStore(this.network.id),
      swarm,
      clock: this.clock,
      verify: async ({ transaction }) => this.#verify(transaction),
      owner: owner.address,
      trackers: [],
      software: 'simulation/1',
      isJoined: () => true,
      isDrawn: Promise.resolve(),
      changed: () => this.#look(node),
      failed: (error) => this.failures.push(error),
    });
    await node.start();
    const inhabitant = { node, swarm, owner };
    this.inhabitants.push(inhabitant);
    this.#rotate(swarm, this.random() * ROTATION_MS);
    return inhabitant;
  }

  #rotate(swarm: LoopbackSwarm, inMs: number): void {
    this.clock.after(inMs, () => {
      if (swarm.isRunning) this.hub.rotate(swarm);
      this.#rotate(swarm, ROTATION_MS);
    });
  }

  /** Gives `names` a coin each, known to all nodes before anything else happens. */
  async fund(names: readonly string[]): Promise<readonly Person[]> {
    const payers = names.map(person);
    const files = payers.map((payer) => {
      const file = this.createPayment(this.#founder, payer.address, 1_000_000_000n);
      this.#coins.set(payer, file);
      return file.bytes;
    });
    for (const { node } of this.inhabitants) await node.acceptor.accept(files);
    return payers;
  }

  /** A payment that no node has yet. It spends what the payer's payment before it left. */
  createPayment(from: Person, to = this.#founder.address, units = 1_000n): TransactionFile {
    const coin = this.#coins.get(from);
    if (coin === undefined) throw new Error('this person has no coin');
    const file = makePayment(from, [coin], to, units, ++this.#payments);
    this.#coins.set(from, file);
    return file;
  }

  /** Hands a payment to one node, and watches it spread. */
  async release(file: TransactionFile, { node }: Inhabitant): Promise<Arrival> {
    const arrival = { releasedMs: this.clock.nowMs(), arrivedMs: new Map<NetworkNode, number>() };
    this.#watched.set(file.txid, arrival);
    await node.acceptor.accept([file.bytes]);
    return arrival;
  }

  #look(node: NetworkNode): void {
    for (const [txid, { arrivedMs }] of this.#watched) {
      if (arrivedMs.has(node) || !node.ledger.isAccepted(txid)) continue;
      arrivedMs.set(node, this.clock.nowMs());
      if (arrivedMs.size === this.inhabitants.length) this.#watched.delete(txid);
    }
  }

  /** One of the nodes, by chance. */
  pick(among: readonly Inhabitant[] = this.inhabitants): Inhabitant {
    const picked = among[Math.floor(this.random() * among.length)];
    if (picked === undefined) throw new Error('nobody lives here');
    return picked;
  }

  /** Whether all nodes have the same state. */
  get isAgreed(): boolean {
    return new Set(this.inhabitants.map(({ node }) => node.ledger.summary().transactionsRoot)).size === 1;
  }

  /** Lets time pass. */
  advance(durationMs: number): Promise<void> {
    return this.clock.advance(durationMs);
  }

  /** Closes every node. */
  async stop(): Promise<void> {
    for (const { node } of this.inhabitants) await node.stop();
  }

  /** A signature is checked once for the whole world: its verdict depends on nothing else. */
  #verify(transaction: Transaction): ReturnType<typeof checkSignature> {
    // All of it, so that a tampered copy is another one.
    const whole = JSON.stringify(transaction, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    const verdict = this.#verdicts.get(whole) ?? checkSignature(transaction);
    this.#verdicts.set(whole, verdict);
    return verdict;
  }

  #delayMs(from: LoopbackSwarm, to: LoopbackSwarm): number {
    const latencyMs = this.#latencyMs(from, to);
    const lost = this.random() < (this.#options.loss ?? 0);
    const way = `${from.id}>${to.id}`;
    const nowMs = this.clock.nowMs();
    const arrivalMs = Math.max(this.#lastArrivalMs.get(way) ?? 0, nowMs + latencyMs * (lost ? 3 : 1));
    this.#lastArrivalMs.set(way, arrivalMs);
    return arrivalMs - nowMs;
  }

  #latencyMs(from: LoopbackSwarm, to: LoopbackSwarm): number {
    const pair = from.id < to.id ? `${from.id}-${to.id}` : `${to.id}-${from.id}`;
    const [least, most] = this.#options.latencyMs;
    const latencyMs = this.#latencies.get(pair) ?? least + this.random() * (most - least);
    this.#latencies.set(pair, latencyMs);
    return latencyMs;
  }
}
