/** What one node remembers of a peer with which it comes to the same state. */
import { type Hash, keyOfTxid, type TxId } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import { leavesOf, subtreeAt, type Tree } from '../../core/merkle-tree.ts';
import type { Hello, StateSummary } from '../../core/message.ts';
import type { TreeWalk } from '../../core/tree-walk.ts';
import type { Peer } from '../../net/swarm.ts';
import { TokenBucket } from '../../time/token-bucket.ts';
import type { ListWalk } from './list-walk.ts';

/** A peer with so many more transactions is read from its list; fewer are found by walking its tree. */
export const FAR = 1_000;
/** Between two turns of one peer; twice as long after each walk that brought nothing new. */
export const FIRST_PAUSE_MS = 5_000;
export const LONGEST_PAUSE_MS = 300_000;
/** A peer that is silent to a question, or whose list leads nowhere, is not asked again for this long. */
export const REST_MS = 60_000;
/** Before a difference that has just come up is looked into: as a rule it is news on its way. The other side looks first, or never does. */
export const PATIENCE_MS = { first: 3_000, second: 10_000 } as const;
/** States that a peer may tell: nodes tell theirs every 2 s at most, but what two minutes have held up comes at once. */
const STATES = { perSecond: 0.5, burst: 60 } as const;
/** Of these at first, when nothing can have been held up yet. */
const FIRST_STATES = 5;

interface Turn {
  /** Undefined while nothing is asked. */
  askedAtMs: number | undefined;
  startedAtMs: number;
}

/** Reading a peer's list. */
export interface Listing extends Turn {
  readonly kind: 'list';
  readonly walk: ListWalk;
  /** Named by it and not accepted yet. */
  readonly named: Set<TxId>;
  /** It has named anything that is missing here. */
  isNew: boolean;
  /** Of those that it named, how many were accepted since when, and when the last one was. */
  gained: number;
  countedSinceMs: number;
  gainedAtMs: number;
}

/** Walking a peer's tree. */
export interface Walking extends Turn {
  readonly kind: 'walk';
  readonly walk: TreeWalk;
  /** Our tree when it began. */
  readonly ours: Tree;
}

/** A peer that has greeted. */
export class SyncPeer {
  readonly peer: Peer;
  /** It may know parts of the history only. */
  isLight: boolean;
  summary: StateSummary;
  readonly states: TokenBucket;
  task: Listing | Walking | undefined;
  /** What only it had when its tree was last walked, without what is accepted here since. */
  onlyTheirs: readonly TxId[] = [];
  /** Undefined while it has the same transactions. */
  differsSinceMs: number | undefined;
  /** Root on which it was last found to agree. */
  agreedOn: Hash | undefined;
  notBeforeMs: number;
  pauseMs: number = FIRST_PAUSE_MS;
  /** When its last turn ended. Whoever had none comes first. */
  servedAtMs = 0;
  /** Its list brought next to nothing in a whole turn. */
  isSlow = false;
  /** Its list was read to the end since its tree was last walked: what still differs is no matter of lists. */
  isListRead = false;
  /** It asked for nodes of our tree last, not for our list. */
  isWalkingOurs = false;

  constructor(peer: Peer, { summary, mode }: Hello, nowMs: number) {
    this.peer = peer;
    this.isLight = mode === 'light';
    this.summary = summary;
    this.states = new TokenBucket(STATES, nowMs);
    this.states.take(STATES.burst - FIRST_STATES, nowMs);
    // What has happened before they met is no news on its way.
    this.differsSinceMs = nowMs - PATIENCE_MS.first;
    this.notBeforeMs = nowMs;
  }

  /** Its turn ends, and the next one does not begin sooner. */
  rest(nowMs: number, durationMs: number): void {
    this.task = undefined;
    this.servedAtMs = nowMs;
    this.notBeforeMs = nowMs + durationMs;
  }

  /** Rests, and twice as long the next time. */
  pause(nowMs: number): void {
    this.rest(nowMs, this.pauseMs);
    this.pauseMs = Math.min(2 * this.pauseMs, LONGEST_PAUSE_MS);
  }
}

export const isMissing = (ledger: Ledger, txid: TxId): boolean => ledger.find(txid) === undefined && !ledger.isRejected(txid);

/** Whether a tree of transactions has `txid`. */
export function isIn(transactions: Tree, txid: TxId): boolean {
  const key = keyOfTxid(txid);
  for (const leaf of leavesOf(subtreeAt(transactions, key))) if (leaf.key === key) return true;
  return false;
}
