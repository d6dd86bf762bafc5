/** A rival and all that builds on it, withheld until the payment has long settled, then released with far more votes: it comes too late. */
import { type ArenaOptions, createArena, fundCheats, give, makeBranch } from './arena.ts';
import { HonestLoad, type HonestReport, payersFor } from './honest-load.ts';
import type { Plot } from './two-faced.ts';
import { VoteSeller } from './vote-seller.ts';
import { type Inhabitant, isConfirmed } from './world.ts';

/** What a run is made of. */
export interface LateBranchRun extends ArenaOptions {
  /** After the payments, one for each: when its rival is released. */
  readonly agesMs: readonly number[];
  /** Payments that build on each rival. */
  readonly branch: number;
  /** Of the attacker, as a multiple of what all nodes vote with. */
  readonly voteRate: number;
  /** Payments that nobody disputes, around the last releases. */
  readonly honestPerSecond: number;
}

/** What one branch did. Numbers are of honest nodes. */
export interface LateBranchOutcome {
  readonly ageMs: number;
  /** Who ever held the rival. */
  readonly moved: number;
  /** Who did not call the payment, and the one that builds on it, confirmed in the end. */
  readonly unconfirmed: number;
  /** Who has no record of the rival. */
  readonly unrecorded: number;
}

export interface LateBranchReport {
  readonly outcomes: readonly LateBranchOutcome[];
  readonly honest: HonestReport;
  readonly failures: readonly unknown[];
}

const SETTLING_MS = 25_000;
/** After the payment, the one that builds on it. */
const PAID_ON_MS = 20_000;
/** Branches of one age are released so far apart. */
const APART_MS = 200;
/** Late rivals are watched by the nodes for a minute. */
const AFTER_MS = 75_000;
const LOOK_MS = 500;

/** Runs it. */
export async function runLateBranches(run: LateBranchRun): Promise<LateBranchReport> {
  const { agesMs, branch, voteRate, honestPerSecond, seed } = run;
  const { world, luck, plots, faces, honest } = await createArena(run);
  const { clock, inhabitants } = world;
  const cheats = await fundCheats(
    world,
    agesMs.map((_, n) => `cheat ${seed} ${n}`),
  );
  const names = Array.from({ length: payersFor(honestPerSecond) }, (_, n) => `payer ${n}`);
  const load = new HonestLoad({ world, perSecond: honestPerSecond, nodes: honest });
  const payers = await world.fund(names);
  const seller = new VoteSeller(world, luck);
  await seller.start();
  await world.hasten(SETTLING_MS);

  const lastMs = clock.nowMs() + Math.max(...agesMs) + agesMs.length * APART_MS;
  const attacks = cheats.map((cheat, n) => {
    const ageMs = agesMs[n] ?? 0;
    const counted = makeBranch(cheat, 'payee', 1);
    const rivals = makeBranch(cheat, 'rival', branch);
    const [payment] = counted;
    const [rival] = rivals;
    const plot: Plot = { sides: [payment, rival], released: 1 };
    plots.add(plot);
    clock.after(n * APART_MS, () => give(world, world.pick(honest), [payment]));
    clock.after(n * APART_MS + PAID_ON_MS, () => give(world, world.pick(honest), counted));
    clock.after(n * APART_MS + ageMs, () => {
      plot.released = 2;
      give(world, world.pick(honest), rivals);
      for (const inhabitant of inhabitants) if (faces.has(inhabitant.swarm.id)) give(world, inhabitant, rivals);
      seller.sell({ rate: voteRate, mode: 'mined' }, plot);
      clock.after(500, () => {
        for (const face of faces.values()) face.lie(plot);
      });
    });
    return { ageMs, payment, counted, rival, moved: new Set<Inhabitant>() };
  });
  clock.after(lastMs - clock.nowMs() - SETTLING_MS, () => load.start(payers));
  while (clock.nowMs() < lastMs + AFTER_MS) {
    await world.hasten(LOOK_MS);
    load.look();
    for (const { rival, moved } of attacks) for (const one of honest) if (one.node.ledger.isAccepted(rival.txid)) moved.add(one);
  }
  load.end();
  const outcomes = attacks.map(({ ageMs, payment, counted, rival, moved }): LateBranchOutcome => {
    const isRecorded = ({ node: { ledger, conflicts } }: Inhabitant) =>
      ledger.findWinners(rival.txid) !== undefined && conflicts.standingOf(payment.txid).rivals.includes(rival.txid);
    return {
      ageMs,
      moved: moved.size,
      unconfirmed: honest.filter((one) => !counted.every((file) => isConfirmed(one, file))).length,
      unrecorded: honest.filter((one) => !isRecorded(one)).length,
    };
  });
  await world.stop();
  return { outcomes, honest: load.report(), failures: world.failures };
}
