/**
 * Many nodes in one process: the node's own code over loopback wires, on a clock that only moves when told. The same options
 * give the same run.
 */
import type { Network } from '../core/decide.ts';
import type { TxId } from '../core/id.ts';
import { checkSignature } from '../core/signature.ts';
import type { TransactionFile } from '../core/transaction.ts';
import { LoopbackHub } from '../net/loopback.ts';
import type { LoopbackSwarm } from '../net/loopback-swarm.ts';
import { NetworkNode, type NetworkNodeOptions } from '../node/network-node.ts';
import { makeGenesis, makePayment, type Person, person } from '../node/testkit/people.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import type { Storage } from '../storage/store.ts';
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
  /** Nodes are connected by chance once all are there, and stay so; else each finds those with room, which makes a band at first. */
  readonly isWeb?: boolean;
  /** What some nodes have other than all. */
  readonly equip?: (world: World, n: number, swarm: LoopbackSwarm) => Partial<NetworkNodeOptions>;
}

/** How often a node exchanges a peer, as `net/peer-table.ts` does it. */
const ROTATION_MS = 600_000;
/** See {@link World.hasten}. */
const STEP_MS = 10;

/** A node and its place in the world. Away, it is stopped and keeps its disk; back, it is a new node on it, under another name. */
export interface Inhabitant {
  node: NetworkNode;
  swarm: LoopbackSwarm;
  isHere: boolean;
  readonly owner: Person;
  readonly disk: Storage;
}

/** When a transaction was first accepted by whom. */
export interface Arrival {
  readonly releasedMs: number;
  readonly arrivedMs: ReadonlyMap<Inhabitant, number>;
  /** Who has been there since it was released. */
  readonly witnesses: ReadonlySet<Inhabitant>;
}

interface Watched extends Arrival {
  readonly arrivedMs: Map<Inhabitant, number>;
  readonly witnesses: Set<Inhabitant>;
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
  readonly founder = person('founder');
  readonly #latencies = new Map<string, number>();
  readonly #lastArrivalMs = new Map<string, number>();
  readonly #verdicts = new Map<string, ReturnType<typeof checkSignature>>();
  readonly #watched = new Map<TxId, Watched>();
  readonly #honest = new Set<string>();
  /** The coin that each payer spends next. */
  readonly #coins = new Map<Person, TransactionFile>();
  #payments = 0;
  #partition: { readonly untilMs: number; readonly isLeft: (swarm: LoopbackSwarm) => boolean } | undefined;

  private constructor(options: WorldOptions) {
    this.#options = options;
    this.random = seededRandom(options.seed);
    this.hub = new LoopbackHub({
      clock: this.clock,
      wantedPeers: options.degree,
      mostPeers: 1.5 * options.degree,
      random: this.random,
      trackers: !options.isWeb,
      latencyMs: (from, to) => this.#delayMs(from, to),
      sent: (_from, _to, bytes) => {
        this.sentBytes += bytes;
        this.sentMessages++;
      },
    });
    const { file, network } = makeGenesis(this.founder);
    this.genesis = file;
    this.network = network;
    this.#coins.set(this.founder, file);
  }

  /** Founds a network and lets its nodes start, one after the other. */
  static async create(options: WorldOptions): Promise<World> {
    const world = new World(options);
    for (let n = 0; n < options.nodes; n++) await world.add(`node ${n}`);
    if (options.isWeb) world.weave();
    return world;
  }

  /** One more node, with an empty disk. */
  async add(name: string): Promise<Inhabitant> {
    const owner = person(name);
    const disk = createMemoryStorage();
    const inhabitant: Inhabitant = { owner, disk, isHere: true, ...(await this.#open(owner, disk, () => this.#look(inhabitant))) };
    await inhabitant.node.start();
    this.inhabitants.push(inhabitant);
    if (!this.#options.isWeb) this.#rotate(inhabitant, this.random() * ROTATION_MS);
    return inhabitant;
  }

  async #open(owner: Person, disk: Storage, changed: () => void): Promise<Pick<Inhabitant, 'node' | 'swarm'>> {
    const swarm = this.hub.createSwarm();
    this.#honest.add(swarm.id);
    const node = new NetworkNode({
      network: this.network,
      genesis: this.genesis.bytes,
      store: await disk.openStore(this.network.id),
      swarm,
      clock: this.clock,
      verify: async (file) => this.#verify(file),
      owner: owner.address,
      trackers: [],
      software: 'simulation/1',
      isJoined: () => true,
      isDrawn: Promise.resolve(),
      random: this.random,
      changed,
      failed: (error) => this.failures.push(error),
      ...this.#options.equip?.(this, this.inhabitants.length, swarm),
    });
    return { node, swarm };
  }

  /** Closes a node. */
  async leave(inhabitant: Inhabitant): Promise<void> {
    inhabitant.isHere = false;
    for (const { witnesses } of this.#watched.values()) witnesses.delete(inhabitant);
    await inhabitant.node.stop();
  }

  /** Opens it again. */
  async comeBack(inhabitant: Inhabitant): Promise<void> {
    const { owner, disk } = inhabitant;
    Object.assign(inhabitant, await this.#open(owner, disk, () => this.#look(inhabitant)), { isHere: true });
    await inhabitant.node.start();
  }

  get here(): readonly Inhabitant[] {
    return this.inhabitants.filter(({ isHere }) => isHere);
  }

  /** Whether a peer id is that of a node, now or before. */
  isHonest(peerId: string): boolean {
    return this.#honest.has(peerId);
  }

  /** Connects those that have too few peers, by chance. */
  weave(swarms = this.inhabitants.map(({ swarm }) => swarm)): void {
    const { degree } = this.#options;
    for (const swarm of swarms) {
      const strangers = swarms.filter((other) => other.peerCount < 1.5 * degree && this.hub.canMeet(swarm, other));
      while (swarm.peerCount < degree && strangers.length > 0) {
        const [stranger] = strangers.splice(Math.floor(this.random() * strangers.length), 1);
        if (stranger !== undefined && stranger.peerCount < 1.5 * degree) this.hub.connect(swarm, stranger);
      }
    }
  }

  /** From now on nodes that were woven together are found by others, and exchange a peer now and then. */
  liveOn(): void {
    this.hub.startTrackers();
    for (const inhabitant of this.inhabitants) this.#rotate(inhabitant, this.random() * ROTATION_MS);
  }

  #rotate(inhabitant: Inhabitant, inMs: number): void {
    this.clock.after(inMs, () => {
      if (inhabitant.isHere) this.hub.rotate(inhabitant.swarm);
      this.#rotate(inhabitant, ROTATION_MS);
    });
  }

  /** Gives `names` a coin each, known to all nodes before anything else happens. */
  async fund(names: readonly string[]): Promise<readonly Person[]> {
    const payers = names.map(person);
    const files = payers.map((payer) => {
      const file = this.createPayment(this.founder, payer.address, 1_000_000_000n);
      this.#coins.set(payer, file);
      return file.bytes;
    });
    for (const { node } of this.inhabitants) await node.acceptor.accept(files);
    return payers;
  }

  /** A payment that no node has yet. It spends what the payer's payment before it left. */
  createPayment(from: Person, to = this.founder.address, units = 1_000n): TransactionFile {
    const coin = this.#coins.get(from);
    if (coin === undefined) throw new Error('this person has no coin');
    const file = makePayment(from, [coin], to, units, ++this.#payments);
    this.#coins.set(from, file);
    return file;
  }

  /** Hands a payment to one node, and watches it spread. */
  async release(file: TransactionFile, { node }: Inhabitant): Promise<Arrival> {
    const arrival = { releasedMs: this.clock.nowMs(), arrivedMs: new Map(), witnesses: new Set(this.here) };
    this.#watched.set(file.txid, arrival);
    await node.acceptor.accept([file.bytes]);
    return arrival;
  }

  #look(inhabitant: Inhabitant): void {
    for (const [txid, { arrivedMs }] of this.#watched) {
      if (arrivedMs.has(inhabitant) || !inhabitant.node.ledger.isAccepted(txid)) continue;
      arrivedMs.set(inhabitant, this.clock.nowMs());
      if (arrivedMs.size === this.inhabitants.length) this.#watched.delete(txid);
    }
  }

  /** One of the nodes, by chance. */
  pick(among: readonly Inhabitant[] = this.here): Inhabitant {
    const picked = among[Math.floor(this.random() * among.length)];
    if (picked === undefined) throw new Error('nobody lives here');
    return picked;
  }

  /** So many of the nodes, by chance, each once. */
  pickSome(among: readonly Inhabitant[], count: number): readonly Inhabitant[] {
    const left = [...among];
    return Array.from({ length: Math.min(count, left.length) }, () => {
      const picked = this.pick(left);
      left.splice(left.indexOf(picked), 1);
      return picked;
    });
  }

  /** Cuts two groups off from each other; all notice. @returns what lets them meet again */
  cut(some: readonly Inhabitant[], others: readonly Inhabitant[]): () => void {
    const across = (change: (a: LoopbackSwarm, b: LoopbackSwarm) => void) => {
      for (const a of some) for (const b of others) change(a.swarm, b.swarm);
    };
    across((a, b) => this.hub.cut(a, b));
    return () => across((a, b) => this.hub.mend(a, b));
  }

  /** Until then nothing that is sent from one half to the other arrives, and nobody notices. */
  part(untilMs: number, isLeft: (swarm: LoopbackSwarm) => boolean): void {
    this.#partition = { untilMs, isLeft };
  }

  /** Whether all nodes that are here have the same state. */
  get isAgreed(): boolean {
    const [first, ...others] = this.here;
    const root = first?.node.ledger.summary().transactionsRoot;
    return others.every(({ node }) => node.ledger.size === first?.node.ledger.size && node.ledger.summary().transactionsRoot === root);
  }

  /** Lets time pass. */
  advance(durationMs: number): Promise<void> {
    return this.clock.advance(durationMs);
  }

  /** Lets time pass some ten times as quickly: everything due within 10 ms happens at once. */
  async hasten(durationMs: number): Promise<void> {
    const { clock } = this;
    for (const endMs = clock.nowMs() + durationMs; clock.nowMs() < endMs; ) {
      clock.leap(STEP_MS);
      await clock.advance(0);
    }
  }

  /** Closes every node. */
  async stop(): Promise<void> {
    for (const { node } of this.here) await node.stop();
  }

  /** A signature is checked once for the whole world: its verdict depends on nothing else. */
  #verify({ txid, transaction }: TransactionFile): ReturnType<typeof checkSignature> {
    const verdict = this.#verdicts.get(txid) ?? checkSignature(transaction);
    this.#verdicts.set(txid, verdict);
    return verdict;
  }

  #delayMs(from: LoopbackSwarm, to: LoopbackSwarm): number {
    const latencyMs = this.#latencyMs(from, to);
    const lost = this.random() < (this.#options.loss ?? 0);
    const way = `${from.id}>${to.id}`;
    const nowMs = this.clock.nowMs();
    const { untilMs = 0, isLeft } = this.#partition ?? {};
    const leavesMs = isLeft !== undefined && isLeft(from) !== isLeft(to) ? Math.max(nowMs, untilMs) : nowMs;
    const arrivalMs = Math.max(this.#lastArrivalMs.get(way) ?? 0, leavesMs + latencyMs * (lost ? 3 : 1));
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

/** Whether a node holds a transaction and calls it confirmed. */
export const isConfirmed = ({ node: { ledger, conflicts } }: Inhabitant, { txid }: TransactionFile): boolean =>
  ledger.isAccepted(txid) && conflicts.standingOf(txid).stage === 'confirmed';
