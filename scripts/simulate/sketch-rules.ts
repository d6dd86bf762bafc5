/** The rules before they were improved: only twice the weight or most of the peers move a node. Kept for the comparison in docs/consensus.md. */
import type { Stage, Standoff } from '../../src/core/contest.ts';
import type { Rules } from './consensus-model.ts';

const most = (holders: number, reporting: number): boolean => holders * 10 > reporting * 7;

/** Rule 5 of the first design. */
export const SKETCH_RULES: Rules = {
  isBeaten: (stage: Stage, { ours, rival, reporting }: Standoff) => {
    const isHeavier = rival.weight > 2n * ours.weight;
    const isHeld = most(rival.holders, reporting);
    if (stage.kind === 'settled' && !stage.contested) return isHeld && isHeavier;
    return isHeld || (isHeavier && !most(ours.holders, reporting));
  },
  leads: ({ ours, rival }: Standoff) => ours.weight > 2n * rival.weight,
};
