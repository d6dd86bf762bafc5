/** Reads the lists of peers that have far more: parents first, no faster than files are fetched. */
import type { TxId } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import { MAX_INV } from '../../core/limit.ts';
import type { Inv } from '../../core/message.ts';
import type { Peer } from '../../net/swarm.ts';
import type { Clock } from '../../time/clock.ts';
import { ListWalk } from './list-walk.ts';
import { FAR, FIRST_PAUSE_MS, isMissing, type Listing, REST_MS, type SyncPeer } from './sync-peer.ts';

/** Files that a peer has named and that are not here yet, before it is asked for more names. */
const AHEAD = 8 * MAX_INV;
/** Transactions named by lists and not decided yet that are told apart from news. */
const MAX_LISTED = 2 * AHEAD;
/** A list may take as long without a file accepted. */
const STALLED_MS = 30_000;
/** A list that brought fewer transactions in a turn is none to catch up with: good time does not stand still for it. */
const MIN_GAIN = 10;
/** A peer that is read or walked keeps its place for this long while another waits for it. */
export const TURN_MS = 30_000;

/** Points of 100 that a misdeed costs. */
const PENALTY = { falseList: 50, shortList: 25 } as const;

interface ListReaderOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Files that a peer has named and that are not here yet. */
  readonly awaitedOf: (peer: Peer) => number;
}

/** All lists that are being read. */
export class ListReader {
  readonly #options: ListReaderOptions;
  readonly #listed = new Set<TxId>();
  /** When lists brought the last {@link MIN_GAIN} transactions, whoever's they are. */
  readonly #gainsAtMs: number[] = [];

  constructor(options: ListReaderOptions) {
    this.#options = options;
  }

  /** Whether all lists together bring enough to be worth it. Who comes again under another name gains nothing by that. */
  get isGaining(): boolean {
    const [firstMs] = this.#gainsAtMs;
    return firstMs !== undefined && this.#gainsAtMs.length === MIN_GAIN && this.#options.clock.nowMs() - firstMs < TURN_MS;
  }

  /** Begins to read a peer's list. @param isFirst no other is being read @param isPatchy what is here may be no beginning of anybody's list */
  start(record: SyncPeer, isFirst: boolean, isPatchy: boolean): void {
    const { ledger, clock } = this.#options;
    if (isFirst) this.#listed.clear();
    // What is here may be the beginning of the peer's list, after a reload for instance; if not, it goes back until it is.
    const from = Math.max(0, ledger.size <= FAR || isPatchy ? 0 : Math.min(ledger.size, record.summary.transactions) - MAX_INV);
    const nowMs = clock.nowMs();
    const task: Listing = {
      kind: 'list',
      walk: new ListWalk(from, (txid) => isMissing(ledger, txid)),
      named: new Set(),
      isNew: false,
      askedAtMs: undefined,
      startedAtMs: nowMs,
      gained: 0,
      countedSinceMs: nowMs,
      gainedAtMs: nowMs,
    };
    record.task = task;
    this.ask(record, task);
  }

  /** Asks for the next page, unless it waits for one, or for what it has named. */
  ask({ peer }: SyncPeer, task: Listing): void {
    if (task.askedAtMs !== undefined || this.#options.awaitedOf(peer) >= AHEAD) return;
    task.askedAtMs = this.#options.clock.nowMs();
    peer.send({ t: 'list', from: task.walk.from });
  }

  /** A part of a list that was asked for; the fetcher has taken it like news. @returns whether it was one */
  take(record: SyncPeer, { held, from }: Inv): boolean {
    const { task, peer } = record;
    if (task?.kind !== 'list' || task.askedAtMs === undefined || from !== task.walk.from) return false;
    task.askedAtMs = undefined;
    const nowMs = this.#options.clock.nowMs();
    const { fresh, outcome } = task.walk.take(held.map(({ txid }) => txid));
    if (fresh.length > 0) task.isNew = true;
    for (const txid of fresh) {
      if (this.#listed.size < MAX_LISTED) this.#listed.add(txid);
      if (task.named.size < MAX_LISTED) task.named.add(txid);
    }
    switch (outcome) {
      case 'taken':
        break;
      case 'end':
        // A switch may shorten a list a little between the two.
        record.isListRead = 2 * task.walk.from >= record.summary.transactions;
        if (!record.isListRead) peer.penalize(PENALTY.shortList, 'its list ends long before what it claims');
        record.rest(nowMs, FIRST_PAUSE_MS);
        break;
      case 'stale':
        record.isListRead = true;
        record.rest(nowMs, REST_MS);
        break;
      case 'false':
        record.rest(nowMs, REST_MS);
        peer.penalize(PENALTY.falseList, 'its list names one transaction twice');
    }
    return true;
  }

  /** Counts what a list brings, and ends one that brings nothing. */
  look(record: SyncPeer, task: Listing): void {
    const nowMs = this.#options.clock.nowMs();
    if (nowMs - task.countedSinceMs >= TURN_MS) {
      record.isSlow = task.gained < MIN_GAIN;
      task.gained = 0;
      task.countedSinceMs = nowMs;
    }
    if (task.askedAtMs === undefined && nowMs - task.gainedAtMs >= STALLED_MS) record.rest(nowMs, REST_MS);
  }

  /** What of a batch is news: what was read from a peer's list is known to others already. */
  takeNews<T extends { readonly txid: TxId }>(accepted: readonly T[], lists: readonly SyncPeer[]): readonly T[] {
    const nowMs = this.#options.clock.nowMs();
    for (const { task } of lists) {
      if (task?.kind !== 'list') continue;
      for (const { txid } of accepted) {
        if (!task.named.delete(txid)) continue;
        task.gained++;
        task.gainedAtMs = nowMs;
        this.#gainsAtMs.push(nowMs);
        if (this.#gainsAtMs.length > MIN_GAIN) this.#gainsAtMs.shift();
      }
    }
    return accepted.filter(({ txid }) => !this.#listed.delete(txid));
  }
}
