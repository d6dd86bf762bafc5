/**
 * Newcomers to a network of which a part has invented another history: long after a payment has settled everywhere, hostile nodes follow a rival of it, say that
 * it has settled, have built far more on it and have far more votes for it. What a newcomer believes depends on whom it meets.
 */
import { createArena, fundCheats, give, isForkShown, makeBranch } from './arena.ts';
import type { Plot } from './two-faced.ts';
import { VoteSeller } from './vote-seller.ts';
import { type Inhabitant, isConfirmed } from './world.ts';

/** What a run is made of. */
export interface NewcomerRun {
  readonly nodes: number;
  readonly seed: number;
  /** Of the nodes, those that follow the invented history. */
  readonly hostile: number;
  /** How many of its peers are hostile, for each newcomer. */
  readonly hostilePeers: readonly number[];
  /** Payments that build on the rival. */
  readonly branch: number;
  /** Of the attacker, as a multiple of what all nodes vote with. */
  readonly voteRate: number;
}

/** What one newcomer has come to. */
export interface NewcomerOutcome {
  readonly hostilePeers: number;
  /** Whether it holds what the honest network settled on. */
  readonly isHonestSide: boolean;
  /** Whether it ever called the invented side confirmed. */
  readonly isDeceived: boolean;
  /** Whether its owner is shown the fork. */
  readonly isShown: boolean;
}

export interface NewcomerReport {
  readonly outcomes: readonly NewcomerOutcome[];
  /** Honest nodes that were there before and ever held the invented side. */
  readonly moved: number;
  readonly failures: readonly unknown[];
}

/** Peers of a newcomer. */
export const NEWCOMER_PEERS = 8;
const SETTLING_MS = 25_000;
/** How old the payment is when the rival is shown. */
const AGE_MS = 120_000;
/** From then until newcomers come; what they are watched for. */
const SHOWN_MS = 30_000;
const AFTER_MS = 120_000;
const LOOK_MS = 500;

/** Runs it. */
export async function runNewcomers(run: NewcomerRun): Promise<NewcomerReport> {
  const { nodes, seed, hostile, hostilePeers, branch, voteRate } = run;
  const { world, luck } = await createArena({ nodes, seed });
  const { hub } = world;
  const liars = world.inhabitants.slice(0, hostile);
  const honest = world.inhabitants.slice(hostile);
  const seller = new VoteSeller(world, luck);
  await seller.start();
  const [cheat] = await fundCheats(world, [`cheat ${seed}`]);
  if (cheat === undefined) throw new Error('nobody cheats');
  await world.hasten(SETTLING_MS);

  const [payment] = makeBranch(cheat, 'payee', 0);
  const invented = makeBranch(cheat, 'rival', branch);
  const [rival] = invented;
  const plot: Plot = { sides: [payment, rival], released: 2 };
  give(world, world.pick(honest), [payment]);
  await world.hasten(AGE_MS);
  for (const { node } of liars) {
    await node.acceptor.accept(invented.map(({ bytes }) => bytes));
    await node.forks.follow(rival.txid);
  }
  await world.hasten(SHOWN_MS);

  const newcomers: { readonly inhabitant: Inhabitant; readonly hostilePeers: number; isDeceived: boolean }[] = [];
  for (const [n, count] of hostilePeers.entries()) {
    const inhabitant = await world.add(`newcomer ${n}`);
    newcomers.push({ inhabitant, hostilePeers: count, isDeceived: false });
  }
  // They go online by themselves.
  await world.hasten(100);
  for (const { inhabitant, hostilePeers: count } of newcomers) {
    for (const [among, wanted] of [
      [liars, count],
      [honest, NEWCOMER_PEERS - count],
    ] as const)
      for (const { swarm } of world.pickSome(among, wanted)) hub.connect(inhabitant.swarm, swarm);
    seller.meet(inhabitant);
  }
  seller.sell({ rate: voteRate, mode: 'repeated' }, plot);
  const moved = new Set<Inhabitant>();
  for (const endMs = world.clock.nowMs() + AFTER_MS; world.clock.nowMs() < endMs; ) {
    await world.hasten(LOOK_MS);
    for (const one of honest) if (one.node.ledger.isAccepted(rival.txid)) moved.add(one);
    for (const newcomer of newcomers) if (isConfirmed(newcomer.inhabitant, rival)) newcomer.isDeceived = true;
  }
  const outcomes = newcomers.map(({ inhabitant, hostilePeers: count, isDeceived }): NewcomerOutcome => {
    const isHonestSide = inhabitant.node.ledger.isAccepted(payment.txid);
    return { hostilePeers: count, isHonestSide, isDeceived, isShown: isForkShown(inhabitant, [payment, rival]) };
  });
  await world.stop();
  return { outcomes, moved: moved.size, failures: world.failures };
}
