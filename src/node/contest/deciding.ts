/** The rules of `core/contest.ts`, applied to one contest. docs/consensus.md */
import { isBeaten, leansToRival, type Stage, type Standoff } from '../../core/contest.ts';
import type { TxId } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import type { Contest, Contests, Weighed } from './contests.ts';
import type { Settling } from './settling.ts';
import type { Switching } from './switching.ts';

/**
 * Before a node follows its peers against the contest's leaning. Two that hear of each other's side at once would swap sides, again and again:
 * so the one that leans to the other goes first.
 */
const FOLLOW_MS = 2_000;
/** What settled and was confirmed long ago has no stage here. */
const LONG_SETTLED: Stage = { kind: 'settled', sinceMs: 0, contested: false };

export interface DecidingOptions {
  readonly ledger: Ledger;
  readonly contests: Contests;
  readonly settling: Settling;
  readonly switching: Switching;
  /** Good time. */
  readonly nowMs: () => number;
}

/** Goes over to a side of the contest that beats all it conflicts with. @returns false if it must not */
export async function decideContest(contest: Contest, options: DecidingOptions): Promise<boolean> {
  const { switching, nowMs } = options;
  const beaten = findBeating(contest, options);
  if (beaten?.isLeaning) return switching.goOver(beaten.rival);
  if (contest.following?.rival !== beaten?.rival)
    contest.following = beaten === undefined ? undefined : { rival: beaten.rival, sinceMs: nowMs() };
  if (contest.following === undefined || nowMs() - contest.following.sinceMs < FOLLOW_MS) return true;
  return switching.goOver(contest.following.rival);
}

/** A side that beats all it conflicts with; of those to which the contest leans, if there are any, the one to which it leans most. */
function findBeating(
  contest: Contest,
  { ledger, contests, settling, switching }: DecidingOptions,
): { readonly rival: TxId; readonly isLeaning: boolean } | undefined {
  // What all peers hold is left by no rule.
  if (!contests.isDisputed(contest)) return undefined;
  // What the owner chose is left for no rule.
  const isLeft = (standoff: Standoff) =>
    switching.chosenAtMs(standoff.ours.txid) === undefined && isBeaten(settling.stageOf(standoff.ours.txid) ?? LONG_SETTLED, standoff);
  const weighed: Weighed = new Map();
  let best: { readonly rival: TxId; readonly isLeaning: boolean } | undefined;
  for (const rival of contest.sides.keys()) {
    if (ledger.isAccepted(rival)) continue;
    const against = contests.standoffsAgainst(rival, weighed);
    if (against.length === 0 || !against.every(isLeft)) continue;
    const isLeaning = against.every(leansToRival);
    if (best?.isLeaning !== true || (isLeaning && leansToRival(contests.standoff(contest, best.rival, rival, weighed))))
      best = { rival, isLeaning };
  }
  return best;
}
