/**
 * Double spends among real nodes: the node as it ships, over loopback wires, on a virtual clock. Several of different coins run in one network, some
 * seconds apart: they share wires and nothing else. Only the luck of votes is drawn, and each signature is checked once for all.
 */
import type { TransactionFile } from '../core/transaction.ts';
import { makePayment, type Person, person } from '../node/testkit/people.ts';
import { type Arena, type ArenaOptions, createArena, give } from './arena.ts';
import { HonestLoad, type HonestReport, payersFor } from './honest-load.ts';
import type { Plot } from './two-faced.ts';
import { type VotePlan, VoteSeller } from './vote-seller.ts';
import type { Inhabitant } from './world.ts';

/** A transaction of the attacker. */
export interface Release {
  /** After the first. */
  readonly atMs: number;
  /** Bits of the coins that it spends: two releases conflict where they share one. */
  readonly coins: number;
}

/** One double spend. */
export interface Attack {
  readonly releases: readonly Release[];
  readonly votes?: VotePlan;
}

/** A network in which attacks happen. */
export interface Surroundings extends ArenaOptions {
  /** Two halves that hear nothing of each other for so long, and do not notice. All attacks begin with it, their first two releases in one half each. */
  readonly partitionMs?: number;
  /** Payments that nobody disputes, while all this goes on. */
  readonly honestPerSecond?: number;
}

/** What became of an attack. */
export interface Outcome {
  /** All honest nodes hold the same; or some have not settled; or two settled on different sides. */
  readonly end: 'one side' | 'contested' | 'split';
  /** From the last release, or the end of the partition, until no honest node changed any more. */
  readonly agreeMs: number;
  /** The same until all had settled; infinite if some did not. */
  readonly settledMs: number;
  /** Share of the honest nodes that do not hold what most hold. */
  readonly minority: number;
  /** Honest nodes that called a side "confirmed" and do not hold it in the end. */
  readonly cheated: number;
  /** The same, of those whose peers are not mostly hostile. */
  readonly cheatedAmongHonest: number;
  /** Honest nodes that left what they had settled on. */
  readonly reversals: number;
}

/** What a network made of its attacks. */
export interface Report {
  readonly outcomes: readonly Outcome[];
  /** Payments that nobody disputed. */
  readonly honest: HonestReport;
  /** Errors inside nodes: there should be none. */
  readonly failures: readonly unknown[];
}

const LOOK_MS = 250;
/** Watched for this long after the last release or the end of a partition, unless all is confirmed before. */
const AFTER_MS = 60_000;
/** Between the first releases of two attacks in one network. */
const APART_MS = 150;
/** How long honest payments are made. */
const LOAD_MS = 60_000;
/** Agreed and confirmed for so long after the last release: it is over. */
const CALM_MS = 2_000;
/** How often those who balance tell everybody what they do not hold, once a second. */
const BALANCING_LIES = 30;

/** One attack under way. Arrays go by honest node. */
interface Run {
  readonly plot: Plot;
  readonly startMs: number;
  /** When its outcome begins to count. */
  readonly fromMs: number;
  /** Bits of the sides held; called "confirmed"; ever settled on. */
  readonly held: number[];
  readonly told: number[];
  readonly settled: number[];
  readonly reversed: Set<number>;
  /** Whether something held has not settled. */
  readonly open: boolean[];
  changedMs: number;
  settledMs: number;
  isOver: boolean;
}

/** Runs attacks in one network. */
export async function runAttacks(surroundings: Surroundings, attacks: readonly Attack[]): Promise<Report> {
  const network = await ContestNetwork.create(surroundings, attacks);
  return network.run();
}

class ContestNetwork {
  readonly #surroundings: Surroundings;
  readonly #world: Arena['world'];
  readonly #plots: Arena['plots'];
  readonly #faces: Arena['faces'];
  readonly #honest: Arena['honest'];
  readonly #seller: VoteSeller;
  readonly #runs: Run[] = [];
  readonly #load: HonestLoad;

  private constructor(surroundings: Surroundings, { world, plots, faces, honest, luck }: Arena) {
    this.#surroundings = surroundings;
    this.#world = world;
    this.#plots = plots;
    this.#faces = faces;
    this.#honest = honest;
    this.#seller = new VoteSeller(world, luck);
    this.#load = new HonestLoad({ world, perSecond: surroundings.honestPerSecond ?? 0, nodes: honest });
  }

  /** A network in which all coins have settled, and attacks that begin now. */
  static async create(surroundings: Surroundings, attacks: readonly Attack[]): Promise<ContestNetwork> {
    const { seed, honestPerSecond = 0, partitionMs = 0 } = surroundings;
    const arena = await createArena(surroundings);
    const { world } = arena;
    const network = new ContestNetwork(surroundings, arena);
    if (attacks.some(({ votes }) => votes !== undefined)) await network.#seller.start();
    const names = Array.from({ length: payersFor(honestPerSecond) }, (_, n) => `payer ${n}`);
    const owners = attacks.map((_, n) => person(`attacker ${seed} ${n}`));
    const coins = attacks.map(({ releases }, n) => {
      const count = 32 - Math.clz32(releases.reduce((all, release) => all | release.coins, 0));
      return Array.from({ length: count }, () => world.createPayment(world.founder, owners[n]?.address, 1_000_000_000n));
    });
    for (const { node } of world.inhabitants) await node.acceptor.accept(coins.flat().map(({ bytes }) => bytes));
    const payers = await world.fund(names);
    await world.hasten(20_000);
    if (partitionMs > 0) world.part(world.clock.nowMs() + partitionMs, isLeft);
    for (const [n, attack] of attacks.entries()) {
      const owner = owners[n];
      if (owner !== undefined) network.#plan(attack, owner, coins[n] ?? [], partitionMs > 0 ? 0 : n * APART_MS);
    }
    network.#load.start(payers);
    return network;
  }

  /** Makes the sides of an attack and sets their alarms. */
  #plan(attack: Attack, owner: Person, coins: readonly TransactionFile[], inMs: number): void {
    const { releases, votes } = attack;
    const { partitionMs = 0, hostile } = this.#surroundings;
    const { clock, inhabitants } = this.#world;
    const sides = releases.map((release, r) =>
      makePayment(
        owner,
        coins.filter((_, c) => release.coins & (1 << c)),
        person(`payee ${r}`).address,
        1_000n,
        r + 5,
      ),
    );
    const plot: Plot = { sides, released: 0 };
    this.#plots.add(plot);
    const startMs = clock.nowMs() + inMs;
    const lastMs = startMs + Math.max(...releases.map(({ atMs }) => atMs));
    const places = this.#placesOf(releases.length);
    const none = () => this.#honest.map(() => 0);
    this.#runs.push({
      plot,
      startMs,
      fromMs: Math.max(lastMs, clock.nowMs() + partitionMs),
      held: none(),
      told: none(),
      settled: none(),
      open: this.#honest.map(() => true),
      reversed: new Set(),
      changedMs: 0,
      settledMs: Number.POSITIVE_INFINITY,
      isOver: false,
    });
    for (const [r, { atMs }] of releases.entries()) {
      const [side, place] = [sides[r], places[r]];
      if (side === undefined || place === undefined) continue;
      clock.after(inMs + atMs, () => {
        plot.released++;
        give(this.#world, place, [side]);
        if (plot.released < sides.length) return;
        // Who is behind it need not wait for the news.
        for (const inhabitant of inhabitants) if (this.#faces.has(inhabitant.swarm.id)) give(this.#world, inhabitant, sides);
        if (votes !== undefined) this.#seller.sell(votes, plot);
        for (let lies = 0; lies < (hostile?.kind === 'balancing' ? BALANCING_LIES : 1); lies++)
          clock.after(500 + lies * 1_000, () => {
            for (const face of this.#faces.values()) face.lie(plot);
          });
      });
    }
  }

  /** Where each release happens: the first anywhere, the second as far away as it gets, further ones anywhere. */
  #placesOf(count: number): readonly Inhabitant[] {
    const { partitionMs = 0 } = this.#surroundings;
    const first = this.#world.pick(this.#honest);
    const others = this.#honest.filter(({ swarm }) => isLeft(swarm) !== isLeft(first.swarm));
    const second = partitionMs > 0 ? this.#world.pick(others) : this.#farthest(first);
    return Array.from({ length: count }, (_, r) => [first, second][r] ?? this.#world.pick(this.#honest));
  }

  /** One of those that the fewest hops do not reach. */
  #farthest(from: Inhabitant): Inhabitant {
    const byId = new Map(this.#world.inhabitants.map((inhabitant) => [inhabitant.swarm.id, inhabitant]));
    const seen = new Set([from]);
    let ring = [from];
    for (;;) {
      const next = ring.flatMap(({ node }) => node.exchange.peers().flatMap(({ id }) => byId.get(id) ?? []));
      const beyond = [...new Set(next)].filter((one) => !seen.has(one));
      if (!beyond.some((one) => this.#honest.includes(one))) break;
      for (const one of beyond) seen.add(one);
      ring = beyond;
    }
    return this.#world.pick(ring.filter((one) => this.#honest.includes(one)));
  }

  /** Until all is over. */
  async run(): Promise<Report> {
    const { honestPerSecond = 0 } = this.#surroundings;
    const { clock, failures } = this.#world;
    const leastMs = clock.nowMs() + (honestPerSecond > 0 ? LOAD_MS : 0);
    while (this.#runs.some(({ isOver }) => !isOver) || clock.nowMs() < leastMs) {
      await this.#world.hasten(LOOK_MS);
      const nowMs = clock.nowMs();
      for (const run of this.#runs) if (!run.isOver && nowMs >= run.startMs) this.#look(run, nowMs);
      this.#load.look();
    }
    const outcomes = this.#runs.map((run) => this.#outcomeOf(run));
    await this.#world.stop();
    return { outcomes, honest: this.#load.report(), failures };
  }

  #look(run: Run, nowMs: number): void {
    const { plot, held, told, settled, open, reversed } = run;
    for (const [i, { node }] of this.#honest.entries()) {
      let holds = 0;
      let isOpen = false;
      for (const [r, { txid }] of plot.sides.entries()) {
        const bit = 1 << r;
        if (!node.ledger.isAccepted(txid)) {
          if ((settled[i] ?? 0) & bit) reversed.add(i);
          continue;
        }
        holds |= bit;
        const { stage } = node.conflicts.standingOf(txid);
        if (stage === 'confirmed') told[i] = (told[i] ?? 0) | bit;
        if (stage === 'confirmed' || stage === 'settled') settled[i] = (settled[i] ?? 0) | bit;
        else isOpen = true;
      }
      if (held[i] !== holds) run.changedMs = nowMs;
      held[i] = holds;
      open[i] = isOpen || holds === 0;
    }
    if (open.some(Boolean)) run.settledMs = Number.POSITIVE_INFINITY;
    else run.settledMs = Math.min(run.settledMs, nowMs);
    const isCalm = nowMs > run.fromMs + CALM_MS && held.every((holds, i) => holds === held[0] && ((told[i] ?? 0) & holds) === holds);
    run.isOver = isCalm || nowMs >= run.fromMs + AFTER_MS;
  }

  #outcomeOf({ held, told, open, reversed, changedMs, settledMs, fromMs }: Run): Outcome {
    const counts = new Map<number, number>();
    for (const holds of held) counts.set(holds, (counts.get(holds) ?? 0) + 1);
    const settledSides = new Set(held.filter((_, i) => !open[i]));
    const cheated = held.flatMap((holds, i) => ((told[i] ?? 0) & ~holds ? [i] : []));
    return {
      end: counts.size === 1 ? 'one side' : settledSides.size > 1 ? 'split' : 'contested',
      agreeMs: Math.max(0, changedMs - fromMs),
      settledMs: Math.max(0, settledMs - fromMs),
      minority: 1 - Math.max(...counts.values()) / held.length,
      cheated: cheated.length,
      cheatedAmongHonest: cheated.filter((i) => !this.#isSurrounded(i)).length,
      reversals: reversed.size,
    };
  }

  #isSurrounded(i: number): boolean {
    const around = this.#honest[i]?.node.exchange.peers().map(({ id }) => this.#faces.has(id)) ?? [];
    return around.filter(Boolean).length * 2 > around.length;
  }
}

/** Peer ids count up. */
const isLeft = ({ id }: { readonly id: string }): boolean => Number.parseInt(id.slice(-8), 16) % 2 === 0;
