/**
 * Contests: what a node does with two transactions that spend one coin, as pure functions of what it has seen. Time is good time,
 * which only runs while the node is awake, connected and in sync, and comes in as an argument. The simulator runs this same code.
 * docs/consensus.md
 */
import type { TxId } from './id.ts';
import { CONFIRM_MS, CONTEST_LEAD_MS, SETTLE_MS } from './limit.ts';

/** Where an accepted transaction stands here, in good time. */
export type Stage =
  /** No rival is known. */
  | { readonly kind: 'fresh'; readonly sinceMs: number }
  /** A rival became known before it settled: it and what spends it are frozen. `leadSinceMs`: it has led without a break since then. */
  | { readonly kind: 'contested'; readonly sinceMs: number; readonly leadSinceMs: number | undefined }
  /** `contested`: it had won a contest before. */
  | { readonly kind: 'settled'; readonly sinceMs: number; readonly contested: boolean };

/** One side of a conflict. */
export interface Side {
  readonly txid: TxId;
  readonly weight: bigint;
  /** Peers that say they accepted it. */
  readonly holders: number;
  /** Those of them to whom it has settled; 0 if absent. */
  readonly settled?: number;
}

/** An accepted transaction and one that spends the same coin. */
export interface Standoff {
  readonly ours: Side;
  readonly rival: Side;
  /** Peers that said which side they are on. */
  readonly reporting: number;
  /** The greatest weight of all sides of the contest; of these two if absent. */
  readonly heaviest?: bigint;
  /** Good time since a second side was known here. */
  readonly ageMs: number;
  /** By how much ours was known before the rival; negative after a switch. */
  readonly marginMs: number;
  /** Whether both became known just after a gap in good time: then this node was not there, and others were. False if absent. */
  readonly isLate?: boolean;
}

/** A peer that went from side to side more often than this for each rival in one contest is counted no more: it follows no rule, or wants a split. */
export const MAX_CHANGES = 3;

/** How much heavier counts as heavier at first; twice as much after each {@link PATIENCE_MS}, so that keeping a balance costs more and more. */
const FIRST_FACTOR_BITS = 1;
const PATIENCE_MS = 4_000;
const MOST_FACTOR_BITS = 32;

/**
 * Whether a contest leans to the rival rather than to ours: of all sides, those are out than which the heaviest is clearly heavier; of the others it
 * leans to the smallest txid. So all who know the same facts lean the same way, nobody can hold two sides in balance, and three cannot chase
 * each other in a circle. What "clearly" means grows with the contest's age.
 */
export function leansToRival({ ours, rival, heaviest, ageMs }: Standoff): boolean {
  const bits = BigInt(Math.min(MOST_FACTOR_BITS, FIRST_FACTOR_BITS + Math.floor(ageMs / PATIENCE_MS)));
  const most = heaviest ?? (ours.weight > rival.weight ? ours.weight : rival.weight);
  const isOut = ({ weight }: Side) => most > weight << bits;
  return isOut(ours) === isOut(rival) ? rival.txid < ours.txid : isOut(ours);
}

/** Whether more than `permille` of 1,000 hold it. */
const isHeldBy = (holders: number, reporting: number, permille: number): boolean => holders * 1_000 > reporting * permille;

/**
 * The share of peers that keeps a node on its side while the contest leans to the other, in thousandths: nearly all where both sides came at about the
 * same time, since then nobody can know who was first; hardly any where ours came seconds before, since then every honest node has seen it
 * first, and whoever says otherwise lies. In between it falls steadily, so that neighbours, who differ by a fraction of a second, hardly differ.
 */
function keepingPermille(marginMs: number): number {
  const late = Math.min(1, Math.max(0, (marginMs - RACE_MS) / (LATE_MS - RACE_MS)));
  return Math.round(900 - 800 * late);
}
const RACE_MS = 7_000;
const LATE_MS = 8_500;
/** Share of peers that moves a node against the contest's leaning, or against what it has settled on. */
const NEARLY_ALL = 900;
const MOST = 700;
/** Fewer peers than this are not enough to move what is settled, or whom a gap left behind. */
const LEAST_WITNESSES = 3;

/** Whether a side has settled at most peers, and at enough of them: what one peer says it may have made up. */
const hasSettled = ({ settled = 0 }: Side, reporting: number): boolean => settled >= LEAST_WITNESSES && isHeldBy(settled, reporting, 500);

/** Whether it has settled at enough peers, and at more than the other: then who holds it stays, though most peers may not have settled yet. */
const isAhead = ({ settled = 0 }: Side, other: Side): boolean => settled >= LEAST_WITNESSES && settled > (other.settled ?? 0);

/** Whether to go over to the rival, seen from a transaction of ours at `stage`. */
export function isBeaten(stage: Stage, standoff: Standoff): boolean {
  const { ours, rival, reporting, marginMs } = standoff;
  const isHeld = isHeldBy(rival.holders, reporting, NEARLY_ALL);
  // What settled without a contest moves only with its peers and for the weight: a late rival has neither.
  if (stage.kind === 'settled' && !stage.contested) return isHeld && reporting >= LEAST_WITNESSES && rival.weight > ours.weight * 2n;
  if (isHeld) return true;
  if (standoff.isLate === true && hasSettled(rival, reporting)) return true;
  if (standoff.isLate === true && isAhead(ours, rival)) return false;
  return reporting > 0 && !isHeldBy(ours.holders, reporting, keepingPermille(marginMs)) && leansToRival(standoff);
}

/** Whether ours leads: most peers hold it. Weight alone settles nothing, for it may be bought. */
export const leads = ({ ours, reporting }: Standoff): boolean => isHeldBy(ours.holders, reporting, MOST);

/** What the stage of an accepted transaction depends on. */
export interface StageFacts {
  /** Whether any rival is known, a signed pending one included. */
  readonly isContested: boolean;
  /** Whether it leads against every rival. */
  readonly isLeading: boolean;
  /** Whether all transactions in its `prev` are settled. */
  readonly parentsSettled: boolean;
}

/** The stage of a transaction accepted at `nowMs` while no rival is known. */
export const freshStage = (nowMs: number): Stage => ({ kind: 'fresh', sinceMs: nowMs });
/** The stage of a transaction that came into a contest, or won it just now. */
export const contestedStage = (nowMs: number): Stage => ({ kind: 'contested', sinceMs: nowMs, leadSinceMs: undefined });

/** The stage after what is known at `nowMs`. */
export function advance(stage: Stage, { isContested, isLeading, parentsSettled }: StageFacts, nowMs: number): Stage {
  switch (stage.kind) {
    case 'fresh':
      if (isContested) return contestedStage(nowMs);
      return parentsSettled && nowMs - stage.sinceMs >= SETTLE_MS ? { kind: 'settled', sinceMs: nowMs, contested: false } : stage;
    case 'contested': {
      if (!isLeading) return stage.leadSinceMs === undefined ? stage : { ...stage, leadSinceMs: undefined };
      if (stage.leadSinceMs === undefined) return { ...stage, leadSinceMs: nowMs };
      return parentsSettled && nowMs - stage.leadSinceMs >= CONTEST_LEAD_MS ? { kind: 'settled', sinceMs: nowMs, contested: true } : stage;
    }
    case 'settled':
      return stage;
  }
}

/**
 * Whether a payee may be told "paid": settled for a while, and most of the peers say that they hold it; nearly all that say anything, if it was
 * contested.
 * @param holders peers that say they hold it
 * @param peers peers asked
 */
export function isConfirmed(stage: Stage, holders: number, peers: number, nowMs: number): boolean {
  if (stage.kind !== 'settled' || nowMs - stage.sinceMs < CONFIRM_MS) return false;
  return isHeldBy(holders, peers, stage.contested ? NEARLY_ALL : 500);
}
