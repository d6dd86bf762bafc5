/**
 * A partition of minutes that everybody notices: connections break, each half lives on by itself, and one day they find each other again. A coin that was
 * spent in both has settled in both, so it stays a fork; all else has to come together.
 */
import type { TransactionFile } from '../core/transaction.ts';
import { createArena, fundCheats, give, isForkShown, makeBranch } from './arena.ts';
import { HonestLoad, type HonestReport, payersFor } from './honest-load.ts';
import { type Inhabitant, isConfirmed, type World } from './world.ts';

/** What a run is made of. */
export interface PartitionRun {
  readonly nodes: number;
  readonly seed: number;
  readonly partitionMs: number;
  /** Coins that are spent in both halves, one after the other; a payment builds on each side. */
  readonly doubleSpends: number;
  /** In each half, payments that nobody disputes. */
  readonly honestPerSecond: number;
}

/** What became of one coin that was spent in both halves. */
export interface ForkOutcome {
  /** Nodes to whom a side was confirmed before the halves met. */
  readonly confirmed: number;
  /** Nodes that left their side afterwards. */
  readonly moved: number;
  /** From the end of the partition until every node named the other side at the payment that it counts; infinite if some never did. */
  readonly knownMs: number;
  /** Nodes that have named the fork, as one that connected peers follow; and those that did not though a peer on the other side was connected for a minute. */
  readonly shown: number;
  readonly silent: number;
  /** From the end of the partition until every node had named it; infinite if some never did. */
  readonly shownMs: number;
}

export interface PartitionReport {
  readonly forks: readonly ForkOutcome[];
  /** Within each half, during the partition. */
  readonly honest: HonestReport;
  /** Honest payments, and those of them that every node has accepted in the end. */
  readonly paid: number;
  readonly kept: number;
  /** From the end of the partition until every node had accepted all of them; infinite if some never did. */
  readonly keptMs: number;
  readonly failures: readonly unknown[];
}

/** Before the partition, and after the last double spend in it: coins settle. */
const SETTLING_MS = 25_000;
/** The second half of a double spend comes up to so much later. */
const APART_MS = 30_000;
const LOOK_MS = 500;
/** Afterwards nodes exchange a peer every ten minutes: in so long each has met the other half. */
const AFTER_MS = 1_200_000;
/** Often at first. */
const LOOKS_AFTER_MS = { first: 500, later: 5_000 } as const;
const FIRST_MS = 60_000;
/** Within so long trees are walked, and the fork is found. */
const FOUND_MS = 60_000;

type Half = readonly Inhabitant[];
type Sides = readonly [TransactionFile, TransactionFile];

/** Runs it. */
export async function runPartition(run: PartitionRun): Promise<PartitionReport> {
  const { nodes, seed, partitionMs, doubleSpends, honestPerSecond } = run;
  const { world } = await createArena({ nodes, seed });
  world.liveOn();
  const { clock, inhabitants } = world;
  const halfOf = (half: number): Half => inhabitants.filter((_, n) => n % 2 === half);
  const halves = [halfOf(0), halfOf(1)] as const;
  const cheats = await fundCheats(
    world,
    Array.from({ length: doubleSpends }, (_, n) => `cheat ${seed} ${n}`),
  );
  const payers = await world.fund(Array.from({ length: 2 * payersFor(honestPerSecond) }, (_, n) => `payer ${n}`));
  const loads = halves.map((nodes) => new HonestLoad({ world, perSecond: honestPerSecond, nodes }));
  await world.hasten(SETTLING_MS);

  const mend = world.cut(...halves);
  const spends = cheats.map((cheat, n) => {
    const branches = halves.map((_, half) => makeBranch(cheat, `payee ${half}`, 1));
    const fromMs = (n * (partitionMs - SETTLING_MS - APART_MS)) / doubleSpends;
    for (const [half, branch] of branches.entries())
      clock.after(fromMs + world.random() * APART_MS, () => give(world, world.pick(halves[half]), branch));
    return branches.map(([first]) => first) as [TransactionFile, TransactionFile];
  });
  for (const [half, load] of loads.entries()) load.start(payers.filter((_, n) => n % 2 === half));
  for (const endMs = clock.nowMs() + partitionMs; clock.nowMs() < endMs; ) {
    await world.hasten(LOOK_MS);
    for (const load of loads) load.look();
  }
  for (const load of loads) load.end();
  const reports = loads.map((load) => load.report());
  const paid = loads.flatMap(({ files }) => files);
  const countBySide = (sides: Sides, isCounted: (one: Inhabitant, own: TransactionFile) => boolean): number =>
    halves[0].filter((one) => isCounted(one, sides[0])).length + halves[1].filter((one) => isCounted(one, sides[1])).length;
  const confirmed = spends.map((sides) => countBySide(sides, isConfirmed));

  mend();
  const healed = await heal(world, spends, paid);
  const forks = healed.watches.map(({ sides, knownMs, shown, silent, shownMs }, n): ForkOutcome => {
    const moved = countBySide(sides, (one, own) => !holds(one, own));
    return { confirmed: confirmed[n] ?? 0, moved, knownMs, shown: shown.size, silent: silent.size, shownMs };
  });
  const kept = paid.filter((file) => inhabitants.every((one) => holds(one, file))).length;
  await world.stop();
  return { forks, honest: sum(reports), paid: paid.length, kept, keptMs: healed.keptMs, failures: world.failures };
}

/** Watches until all is shown and all is kept, or nothing more is to be expected. */
async function heal(world: World, spends: readonly Sides[], paid: readonly TransactionFile[]) {
  const { clock, inhabitants } = world;
  const startMs = clock.nowMs();
  const watches = spends.map((sides) => new ForkWatch(inhabitants, sides));
  let keptMs = Number.POSITIVE_INFINITY;
  const isDone = () => Number.isFinite(keptMs) && watches.every(({ knownMs, shownMs }) => Number.isFinite(Math.max(knownMs, shownMs)));
  for (let passedMs = 0; passedMs < AFTER_MS && !isDone(); ) {
    await world.hasten(passedMs < FIRST_MS ? LOOKS_AFTER_MS.first : LOOKS_AFTER_MS.later);
    passedMs = clock.nowMs() - startMs;
    for (const watch of watches) watch.look(passedMs);
    if (paid.every((file) => inhabitants.every((one) => holds(one, file)))) keptMs = Math.min(keptMs, passedMs);
  }
  return { watches, keptMs };
}

/** What becomes known of one double spend. */
class ForkWatch {
  readonly sides: Sides;
  readonly shown = new Set<Inhabitant>();
  readonly silent = new Set<Inhabitant>();
  knownMs = Number.POSITIVE_INFINITY;
  shownMs = Number.POSITIVE_INFINITY;
  readonly #inhabitants: readonly Inhabitant[];
  /** Since when each node has had a peer on the other side without naming the fork. */
  readonly #meetingMs = new Map<Inhabitant, number>();

  constructor(inhabitants: readonly Inhabitant[], sides: Sides) {
    this.#inhabitants = inhabitants;
    this.sides = sides;
  }

  look(nowMs: number): void {
    const [left] = this.sides;
    const holders = new Set(this.#inhabitants.flatMap((one) => (holds(one, left) ? [one.swarm.id] : [])));
    for (const one of this.#inhabitants) {
      const isAcross = ({ id }: { readonly id: string }) => holders.has(id) !== holders.has(one.swarm.id);
      const isShown = isForkShown(one, this.sides);
      if (isShown) this.shown.add(one);
      if (isShown || !one.node.exchange.peers().some(isAcross)) this.#meetingMs.delete(one);
      else if (!this.#meetingMs.has(one)) this.#meetingMs.set(one, nowMs);
      else if (nowMs - (this.#meetingMs.get(one) ?? nowMs) >= FOUND_MS) this.silent.add(one);
    }
    if (this.shown.size === this.#inhabitants.length) this.shownMs = Math.min(this.shownMs, nowMs);
    if (this.#inhabitants.every((one) => knowsRival(one, this.sides))) this.knownMs = Math.min(this.knownMs, nowMs);
  }
}

/** Whether a node names the other side at the payment that it counts. */
function knowsRival(one: Inhabitant, [left, right]: Sides): boolean {
  const [ours, theirs] = holds(one, left) ? [left, right] : [right, left];
  return one.node.conflicts.standingOf(ours.txid).rivals.includes(theirs.txid);
}

const holds = ({ node: { ledger } }: Inhabitant, { txid }: TransactionFile): boolean => ledger.isAccepted(txid);

const sum = (reports: readonly HonestReport[]): HonestReport =>
  reports.reduce((all, report) => ({
    seen: all.seen + report.seen,
    confirmedIn20s: all.confirmedIn20s + report.confirmedIn20s,
    payments: all.payments + report.payments,
    confirmedEverywhere: all.confirmedEverywhere + report.confirmedEverywhere,
  }));
