/**
 * Fetches transactions from the peers that announced them: how much at a time, how long to wait, whom to ask instead. Knows no rules:
 * files go to the acceptor, and what it says of them decides how a peer is treated.
 */
import { type Hashes, NOBLE } from '../../core/hashes.ts';
import { type TxId, txidFromBytes, txidOf } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import { MAX_INV } from '../../core/limit.ts';
import type { Hello, Message } from '../../core/message.ts';
import type { Peer } from '../../net/swarm.ts';
import type { Clock } from '../../time/clock.ts';
import type { Acceptor, Outcome } from '../ledger/accept.ts';
import { FetchQueue } from './fetch-queue.ts';
import { OrphanSearch } from './orphan-search.ts';
import { RecentSet } from './recent-set.ts';
import { Seekers } from './seekers.ts';
import type { Topic } from './topic.ts';

/** Files asked of a new peer at a time. Each that comes in time lets it be asked for three more; each delay for half as many. */
const FIRST_WINDOW = 32;
const GROWTH = 3;
const MAX_WINDOW = 4_096;
/** Files under way from all peers, in fair shares: 64 MiB at the very worst, a few as a rule. */
const MAX_UNDER_WAY = 4_096;
/** After this long others that hold a file are asked as well: a file that comes in drops must not hold up its children. */
const PATIENCE_MS = 3_000;
/** After this long without any file that was asked for a peer counts as silent. */
const ANSWER_TIMEOUT_MS = 15_000;
/** A file that is not among those which a slow peer keeps sending is given up after this long. */
const LONGEST_ANSWER_MS = 60_000;
/** How often it is looked who takes long. */
const TICK_MS = 1_000;
/** Before a silent peer is asked for the same again; twice as long each time. */
const FIRST_REST_MS = 30_000;
const LONGEST_REST_MS = 600_000;
/** Before files that found no room on the disk are fetched again; twice as long each time. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

/** Points of 100 that a misdeed costs. */
const PENALTY = { unasked: 10, invalid: 50, silent: 10, lied: 10 } as const;

interface PeerRecord {
  readonly peer: Peer;
  /** It may have dropped the files of what it accepted. */
  isLight: boolean;
  window: number;
  /** Asked and not answered, by when, the oldest first. */
  readonly asked: Map<TxId, number>;
  /** The same, and others may be asked as well. */
  readonly overdue: Map<TxId, number>;
  /** Given up, but an answer that comes late is as good: a phone may have slept. */
  readonly late: RecentSet<TxId>;
  /** Answered and not decided yet; they take up room in the window. */
  deciding: number;
  deliveredAtMs: number;
  restMs: number;
  /** Each takes back that the peer is asked again after a rest. */
  readonly rests: Set<() => void>;
}

interface FetcherOptions {
  readonly ledger: Ledger;
  readonly acceptor: Acceptor;
  readonly clock: Clock;
  /** Absent: the library's. */
  readonly hashes?: Hashes | undefined;
  /** What of the news is fetched, and what is kept of what came of it; absent: all. */
  readonly news?: { choose(peer: Peer, txids: readonly TxId[]): readonly TxId[]; keeps(txid: TxId, bytes: Uint8Array): boolean };
  /** An orphan came that somebody here waits for: its ancestors may be urged now. */
  readonly awaited: () => void;
  readonly changed: () => void;
  /** A local fault while working for peers (storage full or lost). */
  readonly failed: (error: unknown) => void;
}

/** What is wanted of the peers of one network. */
export class Fetcher implements Topic {
  readonly #options: FetcherOptions;
  readonly #queue = new FetchQueue();
  readonly #peers = new Map<string, PeerRecord>();
  readonly #seekers = new Seekers();
  readonly #orphans: OrphanSearch;
  #isTicking = false;
  /** Counts up, so that each time another peer is asked. */
  #turn = 0;
  #isPaused = false;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(options: FetcherOptions) {
    this.#options = options;
    const { clock, ledger, acceptor } = options;
    const isLost = (txid: TxId) => !this.#queue.has(txid) && this.#isMissing(txid);
    this.#orphans = new OrphanSearch({ clock, ledger, pool: acceptor.pool, isLost, seek: (txids) => this.#seekAgain(txids) });
  }

  /** Files wanted and not here yet. */
  get size(): number {
    return this.#queue.size;
  }

  wants(txid: TxId): boolean {
    return this.#queue.has(txid);
  }

  /** Files that a peer announced and that are not here yet: who asks it for more names waits while these are many. */
  announcedBy(peer: Peer): number {
    return this.#queue.announcedBy(peer.id);
  }

  /** No peer is here any more, and none will come. */
  stop(): void {
    this.#orphans.stop();
  }

  joined(peer: Peer, hello: Hello): void {
    const record: PeerRecord = {
      peer,
      isLight: hello.mode === 'light',
      window: FIRST_WINDOW,
      asked: new Map(),
      overdue: new Map(),
      late: new RecentSet(2 * MAX_WINDOW),
      deciding: 0,
      deliveredAtMs: Number.NEGATIVE_INFINITY,
      restMs: FIRST_REST_MS,
      rests: new Set(),
    };
    this.#peers.set(peer.id, record);
    this.#queue.join(peer.id);
    this.#request(record, this.#seekers.txids().slice(0, MAX_INV));
    this.#fill();
  }

  left(peer: Peer): void {
    for (const takeBack of this.#peers.get(peer.id)?.rests ?? []) takeBack();
    if (!this.#peers.delete(peer.id)) return;
    this.#options.acceptor.pool.leave(peer.id);
    this.#queue.leave(peer.id);
    this.#fill();
  }

  receive(peer: Peer, message: Message): void {
    const record = this.#peers.get(peer.id);
    if (record === undefined) return;
    // It has become light since.
    if (message.t === 'hello') record.isLight = message.mode === 'light';
    if (message.t === 'tx') return this.#arrived(record, message.files, message.missing);
    if (message.t !== 'inv') return;
    const held = message.held.map(({ txid }) => txid);
    this.#announced(peer, held);
  }

  #announced(peer: Peer, txids: readonly TxId[]): void {
    this.want(peer, this.#options.news?.choose(peer, txids) ?? txids);
  }

  /** A peer says that it holds these: those that are not here are fetched. */
  want(peer: Peer, txids: readonly TxId[]): void {
    for (const txid of txids) if (this.#isMissing(txid) && !this.#queue.announce(peer.id, txid)) break;
    this.#fill();
    this.#options.changed();
  }

  /** Somebody here waits for these: all peers are asked for them in turn, before anything else. Again: those that failed, too. */
  urge(txids: readonly TxId[]): void {
    for (const txid of txids) this.#queue.urge(txid);
    this.#fill();
  }

  /** Nobody here waits for these any more. */
  relax(txids: Iterable<TxId>): void {
    for (const txid of txids) this.#queue.relax(txid);
  }

  /** Asks a peer for a file that it must have, however busy it is. */
  ask(peer: Peer, txid: TxId): void {
    const record = this.#peers.get(peer.id);
    if (record !== undefined) this.#request(record, [txid]);
  }

  /**
   * Asks every peer at once for a file, those that come later too, until it arrives or the signal ends it.
   * @throws the signal's reason
   */
  async seek(txid: TxId, signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted();
    const found = this.#seekers.wait(txid, signal);
    for (const record of this.#peers.values()) this.#request(record, [txid]);
    return found;
  }

  #isMissing(txid: TxId): boolean {
    const { ledger, acceptor } = this.#options;
    return ledger.find(txid) === undefined && !ledger.isRejected(txid) && acceptor.pool.find(txid) === undefined;
  }

  /** Gives every peer with room in its window the next files. */
  #fill(): void {
    if (this.#isPaused) return;
    const share = Math.max(1, Math.min(MAX_WINDOW, Math.floor(MAX_UNDER_WAY / Math.max(1, this.#peers.size))));
    for (const record of this.#peers.values()) {
      const window = Math.min(record.window, share);
      const busy = record.asked.size + record.overdue.size + record.deciding;
      // In few large questions rather than many small ones: a batch costs the disk as much as a file does.
      if (busy > 0 && window - busy < window / 4) continue;
      this.#request(record, this.#queue.take(record.peer.id, window - busy));
    }
  }

  #request(record: PeerRecord, wanted: readonly TxId[]): void {
    const nowMs = this.#options.clock.nowMs();
    // Asked twice it would answer twice, and be blamed for it.
    const txids = wanted.filter((txid) => !record.asked.has(txid) && !record.overdue.has(txid));
    for (const txid of txids) record.asked.set(txid, nowMs);
    for (let from = 0; from < txids.length; from += MAX_INV) record.peer.send({ t: 'get', txids: txids.slice(from, from + MAX_INV) });
    this.#watch();
  }

  #watch(): void {
    if (this.#isTicking || ![...this.#peers.values()].some(({ asked, overdue }) => asked.size + overdue.size > 0)) return;
    this.#isTicking = true;
    const { clock } = this.#options;
    const dueMs = clock.nowMs() + TICK_MS;
    clock.after(TICK_MS, () => {
      this.#isTicking = false;
      // A thread that was busy or asleep has yet to read what peers have sent meanwhile.
      const isLate = clock.nowMs() - dueMs > TICK_MS;
      if (!isLate) for (const record of [...this.#peers.values()]) this.#hurry(record);
      this.#fill();
      this.#watch();
    });
  }

  /** What a peer takes long for is asked of others, and what it does not deliver at all is held against it. */
  #hurry(record: PeerRecord): void {
    const { asked, overdue, peer } = record;
    const nowMs = this.#options.clock.nowMs();
    const slow = agedBy(asked, nowMs - PATIENCE_MS);
    for (const txid of slow) {
      overdue.set(txid, asked.get(txid) ?? nowMs);
      asked.delete(txid);
      this.#queue.share(peer.id, txid);
    }
    if (slow.length > 0) record.window = Math.max(1, Math.floor(record.window / 2));
    const isSilent = nowMs - record.deliveredAtMs >= ANSWER_TIMEOUT_MS;
    const given = agedBy(overdue, nowMs - (isSilent ? ANSWER_TIMEOUT_MS : LONGEST_ANSWER_MS));
    if (given.length === 0) return;
    this.#giveUp(record, given);
    if (isSilent) peer.penalize(PENALTY.silent, 'did not answer a get');
  }

  #giveUp(record: PeerRecord, txids: readonly TxId[]): void {
    const { peer, overdue, late } = record;
    const announced = txids.filter((txid) => this.#queue.hasAnnounced(peer.id, txid));
    for (const txid of txids) {
      overdue.delete(txid);
      late.add(txid);
      this.#queue.fail(peer.id, txid);
    }
    const takeBack = this.#options.clock.after(record.restMs, () => {
      record.rests.delete(takeBack);
      this.#announced(peer, announced);
    });
    record.rests.add(takeBack);
    record.restMs = Math.min(2 * record.restMs, LONGEST_REST_MS);
  }

  #arrived(record: PeerRecord, files: readonly Uint8Array[], missing: readonly TxId[]): void {
    const { peer } = record;
    const { sha256 } = this.#options.hashes ?? NOBLE;
    const asked: Uint8Array[] = [];
    const txids: TxId[] = [];
    let delivered = 0;
    for (const file of files) {
      const txid = txidFromBytes(sha256(file));
      if (record.asked.delete(txid)) record.window = Math.min(MAX_WINDOW, record.window + GROWTH);
      else if (!record.overdue.delete(txid) && !record.late.delete(txid)) continue;
      this.#seekers.found(txid, file);
      delivered++;
      if (this.#options.news?.keeps(txid, file) === false) {
        this.#queue.finish(txid);
        continue;
      }
      asked.push(file);
      txids.push(txid);
    }
    if (delivered > 0) {
      record.restMs = FIRST_REST_MS;
      record.deliveredAtMs = this.#options.clock.nowMs();
    }
    if (delivered < files.length) peer.penalize(PENALTY.unasked, 'sent files that were not asked for');
    const lacking = missing.filter((txid) => record.asked.delete(txid) || record.overdue.delete(txid));
    // Who announces has it on disk. Announcing without end what there is not would keep honest announcements out.
    const hasLied = !record.isLight && lacking.some((txid) => this.#queue.hasAnnounced(peer.id, txid));
    for (const txid of lacking) this.#queue.fail(peer.id, txid);
    if (hasLied) peer.penalize(PENALTY.lied, 'has not what it announced');
    if (asked.length === 0) return this.#fill();
    record.deciding += asked.length;
    this.#accept(record, asked, txids).catch(this.#options.failed);
  }

  async #accept(record: PeerRecord, files: readonly Uint8Array[], txids: readonly TxId[]): Promise<void> {
    try {
      for (const outcome of await this.#options.acceptor.accept(files, { peer: record.peer.id, txids })) this.#judge(record, outcome);
      this.#pauseMs = FIRST_PAUSE_MS;
      for (const txid of txids) this.#queue.finish(txid);
    } catch (error) {
      // Our disk, not their file: it is asked for again.
      this.#pause();
      for (const txid of txids) this.#queue.repeat(txid);
      throw error;
    } finally {
      // Only now is there room in the window: what is fetched waits in memory no longer than it takes to decide.
      record.deciding -= files.length;
      // Gone meanwhile: what it has just been charged with is nobody's.
      if (!this.#peers.has(record.peer.id)) this.#options.acceptor.pool.leave(record.peer.id);
      this.#fill();
      this.#options.changed();
    }
  }

  /** Nothing more is fetched for a while: there is no room for it. */
  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#options.clock.after(this.#pauseMs, () => {
      this.#isPaused = false;
      this.#fill();
    });
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
  }

  #judge({ peer }: PeerRecord, outcome: Outcome): void {
    if (outcome.kind === 'accepted') peer.commend();
    if (outcome.kind === 'rejected') peer.penalize(PENALTY.invalid, `sent an invalid transaction: ${outcome.code}`);
    if (outcome.kind !== 'pending') return;
    const { acceptor, awaited } = this.#options;
    const { txid } = outcome.file;
    if (!acceptor.pool.isCrowded(peer.id)) {
      const holders = this.#queue.announcers(txid);
      for (const parent of outcome.missing) this.#queue.chase(peer.id, holders, txidOf(parent));
    }
    if (acceptor.pool.isPinned(txid)) awaited();
    this.#orphans.begin();
  }

  /** Asks one peer after another, each time others, for ancestors that nobody delivered. */
  #seekAgain(txids: ReadonlySet<TxId>): void {
    const peers = [...this.#peers.keys()];
    for (const txid of txids) {
      const peer = peers[this.#turn++ % peers.length];
      if (peer !== undefined) this.#queue.chase(peer, [], txid);
    }
    this.#fill();
  }
}

/** What has been in a map of times since `ms`, of those that stand first: the oldest. */
function agedBy(times: ReadonlyMap<TxId, number>, ms: number): TxId[] {
  const aged: TxId[] = [];
  for (const [txid, sinceMs] of times) {
    if (sinceMs > ms) break;
    aged.push(txid);
  }
  return aged;
}
