/** What the screens are told of forks: money spent twice on whose use connected devices do not agree. Plain types, no logic. */
import type { Address, Amount, TxId } from '../core/id.ts';
import type { ActivityEntry, Balance } from './state.ts';

/** A fork in a line: some connected device follows `theirs`, and `ours` counts here instead. */
export interface ForkNews {
  readonly theirs: TxId;
  readonly ours: readonly TxId[];
  /** Connected devices that follow `theirs`. */
  readonly followers: number;
  /** Whether a payment of this wallet counts on one side only. */
  readonly isOwn: boolean;
  /** Why `ours` counts here: the owner chose it, it settled before the other side was heard of, or nothing is settled yet. */
  readonly basis: 'chosen' | 'settled' | 'open';
}

/** One of several transactions that spend the same money. */
export interface ForkSide {
  readonly txid: TxId;
  readonly from: Address;
  readonly to: Address;
  readonly amount: Amount;
  /** When this device first held it, Unix milliseconds. */
  readonly seenAtMs: number;
  /** Whether it counts here. */
  readonly isFollowed: boolean;
  /** Connected devices known to follow it. */
  readonly followers: number;
  /** Transactions known here that build on it, at most 4,096. */
  readonly descendants: number;
  /** Σ 2^(work bits) of it and of those. */
  readonly work: bigint;
  /** When the owner of this device chose it, Unix milliseconds; undefined if never. */
  readonly chosenAtMs: number | undefined;
}

/** A fork with all sides that can be followed, the one that counts here first. */
export interface ForkDetail {
  readonly sides: readonly ForkSide[];
  /** Connected devices that could tell. */
  readonly peers: number;
}

/** A payment of this wallet that counts on one side only. */
export type ForkPayment = Pick<ActivityEntry, 'txid' | 'kind' | 'amount' | 'counterparty'>;

/** What following another side would change for this wallet. */
export interface FollowPreview {
  readonly before: Balance;
  readonly after: Balance;
  /** Count now, and would not. */
  readonly withdrawn: readonly ForkPayment[];
  /** Do not count now, and would. */
  readonly returned: readonly ForkPayment[];
  /** Payments of others that would change with them. */
  readonly others: number;
}
