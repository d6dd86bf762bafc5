/**
 * CONSENSUS. What a transaction costs its sender: the burn for its bytes, and the reward or charge for its work compared with
 * its branch. Exact integers throughout; docs/protocol.md, Coins.
 */
import { type Amount, amount, type TxId } from './id.ts';
import { TRAIL_LENGTH } from './limit.ts';
import type { NetworkParameters } from './network.ts';

/** The last 1 … 5 work bits up a branch, oldest first; the last is the transaction's own. */
export type Trail = readonly number[];

const sum = (trail: Trail): number => trail.reduce((total, bits) => total + bits, 0);

/** A parent as the choice of the branch sees it. */
export interface BranchCandidate {
  readonly txid: TxId;
  readonly trail: Trail;
}

/** The parent that the trail goes through: greatest mean as an exact fraction, equal ones by smallest txid. `parents` is not empty. */
export function chooseBranch<T extends BranchCandidate>(parents: readonly T[]): T {
  return parents.reduce((best, parent) => {
    const difference = sum(parent.trail) * best.trail.length - sum(best.trail) * parent.trail.length;
    return difference > 0 || (difference === 0 && parent.txid < best.txid) ? parent : best;
  });
}

/** The trail of a transaction with `bits` of work on a branch; a genesis has no branch. */
export const extendTrail = (branch: Trail, bits: number): Trail => [...branch, bits].slice(-TRAIL_LENGTH);

/** Base units burned for a file of `sizeBytes`. */
export const burnOf = (sizeBytes: number, { burnPerByte }: NetworkParameters): Amount => amount(BigInt(sizeBytes) * BigInt(burnPerByte));

/** What work earned or cost, in base units; at most one of the two is above 0. */
export interface WorkEffect {
  readonly reward: Amount;
  readonly charge: Amount;
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Reward or charge for `bits` of work on a branch whose trail has 1 … 5 entries, given the transaction's burn. */
export function workEffect(bits: number, branch: Trail, burn: Amount, { workReward, maxGain }: NetworkParameters): WorkEffect {
  const n = BigInt(branch.length);
  const d = n * BigInt(bits) - BigInt(sum(branch));
  const perBit = BigInt(workReward);
  if (d > 0n) return { reward: amount(min(burn + BigInt(maxGain), (perBit * d) / n)), charge: amount(0) };
  // Rounded up: −d·workReward is not negative, so adding n − 1 before the division is the ceiling.
  return { reward: amount(0), charge: amount(min(burn, (perBit * -d + n - 1n) / n)) };
}
