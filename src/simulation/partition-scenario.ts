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
  /** Nodes that do not name the fork in the end, though a connected peer is on the other side; and those without such a peer. */
  readonly silent: number;
  readonly unaware: number;
  /** From the end of the partition until every node knew of the other side, and until every node named the fork; infinite if some never did. */
  readonly knownMs: number;
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
  const forks = spends.map((sides, n): ForkOutcome => {
    const moved = countBySide(sides, (one, own) => !holds(one, own));
    const mute = inhabitants.filter((one) => !isForkShown(one, sides));
    const unaware = mute.filter((one) => !meetsOthers(world, one, sides)).length;
    return {
      confirmed: confirmed[n] ?? 0,
      moved,
      silent: mute.length - unaware,
      unaware,
      knownMs: healed.known.doneMs(n),
      shownMs: healed.shown.doneMs(n),
    };
  });
  const kept = paid.filter((file) => inhabitants.every((one) => holds(one, file))).length;
  await world.stop();
  return { forks, honest: sum(reports), paid: paid.length, kept, keptMs: healed.kept.doneMs(0), failures: world.failures };
}

/** Watches until all is shown and all is kept, or nothing more is to be expected. */
async function heal(world: World, spends: readonly Sides[], paid: readonly TransactionFile[]) {
  const { clock, inhabitants } = world;
  const startMs = clock.nowMs();
  const everywhere = (isDone: (one: Inhabitant) => boolean) => inhabitants.every(isDone);
  const known = new Watch(spends, (sides) => everywhere((one) => knowsRival(one, sides)));
  const shown = new Watch(spends, (sides) => everywhere((one) => isForkShown(one, sides)));
  const kept = new Watch([paid], (files) => everywhere((one) => files.every((file) => holds(one, file))));
  const watches = [known, shown, kept];
  for (let passedMs = 0; passedMs < AFTER_MS && !watches.every(({ isDone }) => isDone); passedMs = clock.nowMs() - startMs) {
    await world.hasten(passedMs < FIRST_MS ? LOOKS_AFTER_MS.first : LOOKS_AFTER_MS.later);
    for (const watch of watches) watch.look(clock.nowMs() - startMs);
  }
  return { known, shown, kept };
}

/** When each of some things was first so. */
class Watch<T> {
  readonly #things: readonly T[];
  readonly #isSo: (thing: T) => boolean;
  readonly #doneMs = new Map<number, number>();

  constructor(things: readonly T[], isSo: (thing: T) => boolean) {
    this.#things = things;
    this.#isSo = isSo;
  }

  look(nowMs: number): void {
    for (const [n, thing] of this.#things.entries()) if (!this.#doneMs.has(n) && this.#isSo(thing)) this.#doneMs.set(n, nowMs);
  }

  get isDone(): boolean {
    return this.#doneMs.size === this.#things.length;
  }

  /** Infinite if it never was. */
  doneMs(n: number): number {
    return this.#doneMs.get(n) ?? Number.POSITIVE_INFINITY;
  }
}

/** Whether a node names the other side at the payment that it counts. */
function knowsRival(one: Inhabitant, [left, right]: Sides): boolean {
  const [ours, theirs] = holds(one, left) ? [left, right] : [right, left];
  return one.node.conflicts.standingOf(ours.txid).rivals.includes(theirs.txid);
}

const holds = ({ node: { ledger } }: Inhabitant, { txid }: TransactionFile): boolean => ledger.isAccepted(txid);

/** Whether a connected peer holds the other side. */
function meetsOthers({ inhabitants }: World, one: Inhabitant, [side]: Sides): boolean {
  const connected = new Set(one.node.exchange.peers().map(({ id }) => id));
  return inhabitants.some((other) => connected.has(other.swarm.id) && holds(other, side) !== holds(one, side));
}

const sum = (reports: readonly HonestReport[]): HonestReport =>
  reports.reduce((all, report) => ({
    seen: all.seen + report.seen,
    confirmedIn20s: all.confirmedIn20s + report.confirmedIn20s,
    payments: all.payments + report.payments,
    confirmedEverywhere: all.confirmedEverywhere + report.confirmedEverywhere,
  }));
