/** The stages of what has not settled yet. What is accepted and not in here has settled. docs/protocol.md, Conflicts. */
import { advance, contestedStage, freshStage, isConfirmed, type Stage } from '../../core/contest.ts';
import type { Entry } from '../../core/entry.ts';
import type { TxId } from '../../core/id.ts';
import { CONFIRM_MS, SETTLE_MS } from '../../core/limit.ts';

/** Settled, and confirmed, in one step: a history of thousands settles in seconds without holding up anything else. */
const MAX_AT_ONCE = 2_000;
/** Unsettled ancestors looked at to find out whether one is contested. */
const MAX_ANCESTORS = 256;
const NOBODY = { holders: 0, peers: 0 } as const;

interface Unsettled {
  readonly entry: Entry;
  /** Good time at which it was accepted here. */
  readonly seenMs: number;
  stage: Stage;
}

/** Transactions on their way to being settled and confirmed. */
export class Settling {
  readonly #unsettled = new Map<TxId, Unsettled>();
  /** In order of acceptance. */
  readonly #fresh = new Set<TxId>();
  readonly #contested = new Set<TxId>();
  /** Settled, and not confirmed yet. */
  readonly #confirming = new Set<TxId>();

  /** A transaction was accepted. */
  add(entry: Entry, nowMs: number): void {
    this.#unsettled.set(entry.txid, { entry, seenMs: nowMs, stage: freshStage(nowMs) });
    this.#fresh.add(entry.txid);
  }

  /** A transaction came into a contest, or won one. `acceptedMs`: good time at which it was accepted, if that is not known here. */
  contest(entry: Entry, nowMs: number, acceptedMs = nowMs): void {
    const { seenMs } = this.#unsettled.get(entry.txid) ?? { seenMs: acceptedMs };
    this.#unsettled.set(entry.txid, { entry, seenMs, stage: contestedStage(nowMs) });
    this.#fresh.delete(entry.txid);
    this.#contested.add(entry.txid);
  }

  /** What came into a contest has no rival any more. */
  startAgain(txid: TxId): void {
    const unsettled = this.#unsettled.get(txid);
    this.delete(txid);
    if (unsettled !== undefined) this.add(unsettled.entry, unsettled.stage.sinceMs);
  }

  /** What settled before, or had been chosen: confirmed it is only when most peers hold it, nearly all if it was `contested`. */
  settle(entry: Entry, nowMs: number, contested = true, acceptedMs = nowMs): void {
    this.delete(entry.txid);
    this.#unsettled.set(entry.txid, { entry, seenMs: acceptedMs, stage: { kind: 'settled', sinceMs: nowMs, contested } });
    this.#confirming.add(entry.txid);
  }

  /** This node's owner chose it just now. */
  choose(entry: Entry, nowMs: number): void {
    const waiting = [...this.#confirming];
    this.#confirming.clear();
    this.settle(entry, nowMs);
    // What builds on it may have settled long before.
    for (const txid of waiting) this.#confirming.add(txid);
  }

  /** A transaction is not accepted any more. */
  delete(txid: TxId): void {
    this.#unsettled.delete(txid);
    for (const set of [this.#fresh, this.#contested, this.#confirming]) set.delete(txid);
  }

  /** Undefined for what settled and was confirmed long ago. */
  stageOf(txid: TxId): Stage | undefined {
    return this.#unsettled.get(txid)?.stage;
  }

  /** Good time at which it was accepted; undefined for what settled long ago. */
  seenMsOf(txid: TxId): number | undefined {
    return this.#unsettled.get(txid)?.seenMs;
  }

  isSettled(txid: TxId): boolean {
    const stage = this.stageOf(txid);
    return stage === undefined || stage.kind === 'settled';
  }

  /** Whether it or something that it builds on is contested. */
  isFrozen(txid: TxId): boolean {
    if (this.#contested.size === 0) return false;
    const line = new Set<TxId>([txid]);
    // A Set is walked in the order of insertion, also while it grows.
    for (const next of line) {
      const unsettled = this.#unsettled.get(next);
      if (unsettled === undefined) continue;
      if (unsettled.stage.kind === 'contested') return true;
      for (const parent of unsettled.entry.prev) if (line.size < MAX_ANCESTORS) line.add(parent);
    }
    return false;
  }

  get hasContests(): boolean {
    return this.#contested.size > 0;
  }

  get isIdle(): boolean {
    return this.#fresh.size + this.#contested.size + this.#confirming.size === 0;
  }

  contested(): ReadonlySet<TxId> {
    return this.#contested;
  }

  /**
   * What time has brought. What is confirmed is forgotten here.
   * @param brokenMs what must last without a break counts from here
   * @param isLeading whether a contested one leads against every rival
   * @param peersOf peers that say they hold it, and all peers
   * @returns what has settled, and what is confirmed, now
   */
  step(
    nowMs: number,
    brokenMs: number,
    isLeading: (txid: TxId) => boolean,
    peersOf: (txid: TxId) => { holders: number; peers: number },
  ): { readonly settled: readonly TxId[]; readonly confirmed: readonly TxId[] } {
    const settled: TxId[] = [];
    const confirmed: TxId[] = [];
    const move = (txid: TxId, isContested: boolean): void => {
      const unsettled = this.#unsettled.get(txid);
      if (unsettled === undefined) return;
      const parentsSettled = unsettled.entry.prev.every((parent) => this.isSettled(parent));
      const facts = { isContested, isLeading: isContested && isLeading(txid), parentsSettled };
      unsettled.stage = advance(sinceBreak(unsettled.stage, brokenMs), facts, nowMs);
      if (unsettled.stage.kind !== 'settled') return;
      this.#fresh.delete(txid);
      this.#contested.delete(txid);
      this.#confirming.add(txid);
      settled.push(txid);
    };
    for (const txid of this.#contested) move(txid, true);
    for (const txid of this.#fresh) {
      if (settled.length >= MAX_AT_ONCE || nowMs - Math.max(brokenMs, this.seenMsOf(txid) ?? 0) < SETTLE_MS) break;
      move(txid, false);
    }
    // Won a contest and must be held by nearly all, and what builds on it, which is no safer and is met here after it.
    const doubted = new Set<TxId>();
    for (const txid of this.#confirming) {
      if (confirmed.length >= MAX_AT_ONCE) break;
      const { entry, stage } = this.#unsettled.get(txid) ?? {};
      if (entry === undefined || stage?.kind !== 'settled') continue;
      const isDoubted = entry.prev.some((parent) => doubted.has(parent));
      const isTooSoon = isDoubted || nowMs - stage.sinceMs < CONFIRM_MS;
      // Counted no sooner: of a history that was just fetched ten thousand wait, and each costs some 20 µs.
      const { holders, peers } = isTooSoon ? NOBODY : peersOf(txid);
      if (isConfirmed(stage, holders, peers, nowMs)) {
        this.delete(txid);
        confirmed.push(txid);
      } else if (isDoubted || stage.contested) doubted.add(txid);
    }
    return { settled, confirmed };
  }
}

/** A gap starts the wait again. */
function sinceBreak(stage: Stage, brokenMs: number): Stage {
  switch (stage.kind) {
    case 'fresh':
      return stage.sinceMs < brokenMs ? { ...stage, sinceMs: brokenMs } : stage;
    case 'contested':
      return stage.leadSinceMs !== undefined && stage.leadSinceMs < brokenMs ? { ...stage, leadSinceMs: brokenMs } : stage;
    case 'settled':
      return stage;
  }
}
