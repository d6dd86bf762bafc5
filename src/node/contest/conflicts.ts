/**
 * Conflicts as one node lives through them: it tells its peers of every double spend, asks them which side they are on, votes, and goes over or
 * settles by the rules of `core/contest.ts`. docs/consensus.md
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Standing } from '../../api/node.ts';
import { leads, MAX_CHANGES } from '../../core/contest.ts';
import type { Switch } from '../../core/contest-switch.ts';
import type { Entry } from '../../core/entry.ts';
import { type CoinId, type TxId, txidFromBytes } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import { CONFIRM_MS, SETTLE_MS } from '../../core/limit.ts';
import type { Hello, Message } from '../../core/message.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import { RecentWork } from '../../core/weight.ts';
import type { Peer } from '../../net/swarm.ts';
import type { Amendment, Store, StoredEntry } from '../../storage/store.ts';
import type { Clock } from '../../time/clock.ts';
import type { Acceptor, Decided } from '../ledger/accept.ts';
import { type Answer, Spending } from '../peers/spending.ts';
import type { Topic } from '../peers/topic.ts';
import { type Contest, Contests, countedReports, report, unreport } from './contests.ts';
import { type DecidingOptions, decideContest } from './deciding.ts';
import { GoodTime } from './good-time.ts';
import { LookUp } from './look-up.ts';
import { DoubleSpendProofs } from './proofs.ts';
import { Settling } from './settling.ts';
import { Switching } from './switching.ts';
import { VOTE_SHARE, type VoteBits, type VoteSearch, Voting } from './voting.ts';

/** How often the rules are applied while a contest is open, and while something only has to settle. */
const CONTEST_STEP_MS = 250;
const QUIET_STEP_MS = 1_000;
/** For each contest, a step takes its time: looking at one of two sides costs some 20 µs (of 64, 1 ms), and who spends a thousand coins twice gets a few hundredths of the time. */
const STEP_MS_PER_CONTEST = 1;
const LONGEST_STEP_MS = 2_000;
/** Open contests that a new peer is told of. */
const MAX_TOLD = 64;
/** One in so many of the peers that say anything has to follow a side, for it to be kept beside many others. */
const FOLLOWERS = 4;
/** Tips that a payment vouches for: two are enough for weight to reach all tips, and each costs the payer the burn of 67 bytes. */
const VOUCHED = 2;
/** Before a contest is tried again that could not be written, or in which the owner has chosen. */
const RETRY_MS = 2_000;
/** Longest round between two votes of one contest. */
const LONGEST_ROUND_MS = 32_000;

interface ConflictsOptions {
  readonly ledger: Ledger;
  readonly acceptor: Acceptor;
  readonly store: Store;
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly voteSearch: VoteSearch | undefined;
  readonly voteBits: VoteBits | undefined;
  /** Whether this node would hear of a rival now: in sync, and nothing unread. */
  readonly isGood: () => boolean;
  readonly holdersOf: (txid: TxId) => ReadonlySet<string>;
  /** How many connected peers could hold a transaction: light ones that do not say so are not counted. */
  readonly couldHold: (txid: TxId) => number;
  /** Whether this node knows parts of the history only. */
  readonly isLight: () => boolean;
  /** Whether the proof of a double spend is any business of this node. */
  readonly isOfConcern: (file: TransactionFile) => boolean;
  /** This node has gone over. Resolves when the wallet knows. */
  readonly switched: (change: Switch) => Promise<void>;
  readonly changed: () => void;
  readonly failed: (error: unknown) => void;
}

/** All conflicts of one network. */
export class Conflicts implements Topic {
  readonly #options: ConflictsOptions;
  readonly #time: GoodTime;
  readonly #settling = new Settling();
  readonly #work = new RecentWork();
  readonly #voting: Voting;
  readonly spending: Spending;
  readonly #contests: Contests;
  readonly #lookUp: LookUp;
  readonly #proofs: DoubleSpendProofs;
  readonly #deciding: DecidingOptions;
  readonly switching: Switching;
  readonly #peers = new Set<string>();
  /** Read from the disk, and not met yet. */
  #restored: (readonly [Entry, seenMs: number])[] = [];
  #stopStep: (() => void) | undefined;
  #isQuiet = false;
  #stopped = false;

  constructor(options: ConflictsOptions) {
    this.#options = options;
    const { ledger, store, clock, failed, voteSearch } = options;
    this.#time = new GoodTime(clock, () => this.#peers.size > 0 && options.isGood());
    this.#voting = new Voting({
      genesis: ledger.network.id,
      clock,
      search: voteSearch,
      bitsOf: options.voteBits,
      isSide: (txid) => this.#contests.of(txid).length > 0,
      openSides: () => new Set(this.#contests.open().flatMap(({ sides }) => [...sides.keys()])),
    });
    this.#contests = new Contests({
      ledger,
      random: options.random,
      nowMs: () => this.#time.nowMs,
      brokenMs: () => this.#time.brokenMs,
      seenMsOf: (txid) => this.#settling.seenMsOf(txid),
      contested: () => this.#settling.contested(),
      weigh: (sides) => this.#weigh(sides),
    });
    this.switching = new Switching({
      ...options,
      settling: this.#settling,
      contests: this.#contests,
      nowMs: () => this.#time.nowMs,
      weightOf: (txid) => this.#weigh([txid])[0] ?? 0n,
      switched: (change) => {
        this.#ask(this.#meetAfter(change));
        this.#wake();
        return options.switched(change);
      },
    });
    this.#deciding = {
      ledger,
      contests: this.#contests,
      settling: this.#settling,
      switching: this.switching,
      nowMs: () => this.#time.nowMs,
    };
    this.spending = new Spending({
      ledger,
      store,
      clock,
      random: options.random,
      isLight: options.isLight,
      isSettled: (txid) => this.#settling.isSettled(txid),
      answered: (peer, coin, answer) => this.#answered(peer, coin, answer),
      failed,
    });
    this.#proofs = new DoubleSpendProofs({ ...options, told: (peer, sides) => this.#voting.tell(peer, sides) });
    this.#lookUp = new LookUp({
      clock,
      hasPeers: () => this.#peers.size > 0,
      ask: (coins) => this.spending.askFew(coins),
      changed: options.changed,
    });
  }

  /** Takes back what was kept, in order, before anything else is decided. */
  restore(stored: StoredEntry): void {
    const { entry, winners, settledMs, confirmedMs, contestedMs, chosenMs, firstSeenMs } = stored;
    // Good time begins at 0 now: who was first in an open contest stays so.
    const seenMs = Math.min(0, firstSeenMs - this.#options.clock.nowMs());
    this.switching.restore(stored);
    // Contested after it had settled: it lost, and won again.
    const isSettled = (settledMs !== undefined && settledMs >= (contestedMs ?? 0)) || entry.prev.length === 0;
    const isConfirmed = entry.prev.length === 0 || (confirmedMs !== undefined && confirmedMs >= (settledMs ?? 0));
    // Without what it vouched for: that stands in its file.
    if (winners.length > 0 || !isSettled)
      this.#work.add({ txid: entry.txid, prev: entry.prev, ref: [], workBits: entry.trail.at(-1) ?? 0 });
    if (winners.length > 0) this.#restored.push([entry, seenMs]);
    else if (chosenMs !== undefined) this.#settling.settle(entry, 0);
    else if (!isSettled && contestedMs !== undefined) this.#settling.contest(entry, 0, seenMs);
    else if (!isSettled) this.#settling.add(entry, 0);
    else if (!isConfirmed) this.#settling.settle(entry, 0, contestedMs !== undefined, seenMs);
  }

  /** All is back. The winner of a contest may stand behind what lost. */
  restored(): void {
    for (const [rival, seenMs] of this.#restored) this.#contests.restore(rival, seenMs);
    this.#restored = [];
    // What came back behind a side has no rival itself.
    for (const txid of [...this.#settling.contested()]) if (this.#contests.of(txid).length === 0) this.#settling.startAgain(txid);
  }

  stop(): void {
    this.#stopped = true;
    this.#stopStep?.();
    this.#lookUp.stop();
  }

  joined(peer: Peer, hello: Hello): void {
    this.#peers.add(peer.id);
    this.#proofs.joined(peer);
    this.spending.joined(peer, hello);
    this.#voting.joined(peer);
    const open = this.#contests.open();
    for (const { sides } of open.slice(0, MAX_TOLD)) this.#proofs.tell([...sides.keys()], peer);
    if (open.length > 0)
      this.spending.ask(
        open.map(({ coin }) => coin),
        new Set([peer.id]),
      );
    this.#wake();
  }

  left(peer: Peer): void {
    this.#peers.delete(peer.id);
    this.#proofs.left(peer);
    this.spending.left(peer);
    this.#voting.left(peer);
    this.#contests.left(peer.id);
  }

  receive(peer: Peer, message: Message): void {
    this.spending.receive(peer, message);
    this.#voting.receive(peer, message);
    this.#proofs.receive(peer, message);
    if (message.t === 'inv') for (const { txid } of message.held) this.#contests.report(peer.id, txid);
  }

  /** Takes notice of newly decided transactions, after their commit. */
  decided(batch: readonly Decided[]): void {
    this.#time.look();
    const { ledger } = this.#options;
    // Those that are forgotten, as one of too many, are left out.
    const known = batch.flatMap(({ file, decision }) =>
      decision.kind !== 'rejected' && ledger.find(decision.entry.txid) !== undefined ? [{ file, ...decision }] : [],
    );
    // A rival may stand in front of what it conflicts with, which else would look as if it had settled long ago.
    for (const { file, kind, entry } of known) {
      this.#work.add({ txid: entry.txid, prev: entry.prev, ref: file.transaction.ref, workBits: entry.trail.at(-1) ?? 0 });
      if (kind === 'accepted' && entry.prev.length > 0) this.#settling.add(entry, this.#time.nowMs);
    }
    // In one question, not in one for each contest: a batch may bring hundreds.
    this.#ask(known.flatMap(({ kind, entry }) => (kind === 'accepted' ? this.#meetLosers(entry) : this.#meetWinners(entry))));
    this.#wake();
  }

  /** What lost before, for another of its coins, is a rival of what was accepted just now: no arrival of its own would say so. */
  #meetLosers(entry: Entry): readonly Contest[] {
    return this.#options.ledger.liveRivals(entry).flatMap((rival) => this.#meetWinners(rival));
  }

  /** What is accepted again meets what lost to it; what lost again, though all that it builds on came back, meets what it lost to. */
  #meetAfter({ accepted, winners }: Switch): readonly Contest[] {
    const { ledger } = this.#options;
    const lost = [...winners].flatMap(([txid, named]) => (named.length > 0 ? (ledger.find(txid) ?? []) : []));
    const live = lost.filter(({ prev }) => prev.every((parent) => ledger.isAccepted(parent)));
    return [...accepted.flatMap((entry) => this.#meetLosers(entry)), ...live.flatMap((entry) => this.#meetWinners(entry))];
  }

  #meetWinners(rival: Entry): readonly Contest[] {
    const contests = this.#contests.meetAgain(rival);
    for (const contest of contests) this.#opened(contest, rival.txid);
    return contests;
  }

  /** Everybody is told. */
  #opened(contest: Contest, rival: TxId): void {
    const { ledger, holdersOf, failed, changed, clock } = this.#options;
    for (const side of contest.sides.keys())
      for (const id of holdersOf(side)) if (!contest.reports.has(id)) report(contest, id, side, false);
    const ours = [...contest.sides.keys()].filter((txid) => txid !== rival && ledger.isAccepted(txid));
    const fresh = ours.filter((txid) => !this.#settling.isSettled(txid));
    for (const txid of fresh) {
      const entry = ledger.find(txid);
      if (entry !== undefined) this.#settling.contest(entry, this.#time.nowMs);
    }
    // One proof of one coin is enough: who signs a thousand rivals is not carried around a thousand times.
    if (contest.sides.size === 2) this.#proofs.tell([...contest.sides.keys()]);
    this.#amend(fresh.map((txid) => ({ txid, contestedMs: clock.nowMs() }))).catch(failed);
    changed();
  }

  #ask(contests: readonly Contest[]): void {
    if (contests.length === 0) return;
    const asked = this.#contests.ask(contests, [...this.#peers], this.#options.clock.nowMs());
    for (const [id, coins] of asked) if (coins.length > 0) this.spending.ask(coins, new Set([id]));
  }

  /** Asks peers who spends these coins, for what the answers bring. */
  lookUp(coins: readonly CoinId[]): void {
    this.#lookUp.start(coins);
  }

  /** Whether nobody who knows them has answered about the coins that were looked up last. */
  get isUnanswered(): boolean {
    return this.#lookUp.isUnanswered;
  }

  #answered(peer: Peer, coin: CoinId, answer: Answer): void {
    if (answer.kind !== 'unknown') this.#lookUp.answered(coin);
    const contest = this.#contests.get(coin);
    if (answer.kind !== 'spent') {
      if (contest !== undefined) unreport(contest, peer.id);
      return;
    }
    const { ledger, acceptor, failed } = this.#options;
    const txid = txidFromBytes(sha256(answer.file));
    if (contest !== undefined) report(contest, peer.id, txid, answer.settled);
    if (ledger.find(txid) !== undefined) return;
    const counted = contest === undefined ? [] : countedReports(contest);
    // Who names another side each time that it is asked follows none.
    const followers = counted.filter(({ side, changes }) => side === txid && changes <= MAX_CHANGES).length;
    const isFollowed = followers > 0 && followers * FOLLOWERS >= counted.length;
    acceptor.accept([answer.file], { peer: peer.id, isFollowed }).catch(failed);
  }

  /** Recent tips that this node believes in, for a payment to vouch for: those that fewest vouch for, so that weight spreads over all of them. */
  tips(except: ReadonlySet<TxId>): readonly TxId[] {
    const isOffered = (txid: TxId) => !except.has(txid) && this.isBelieved(txid);
    return this.#work.tips(isOffered, VOUCHED, this.#options.random);
  }

  /** Whether a transaction has settled and nobody is known to contest it. */
  isBelieved(txid: TxId): boolean {
    return this.#options.ledger.isAccepted(txid) && this.#settling.isSettled(txid) && this.#contests.of(txid).length === 0;
  }

  #weigh(sides: readonly TxId[]): readonly bigint[] {
    return this.#work.weigh(sides, (txid) => this.#voting.weightOf(txid));
  }

  /** Applies the rules again and again, also in quiet hours while there are peers: a break would look as if this node had been away. */
  #wake(): void {
    const isQuiet = !this.#settling.hasContests;
    // A new contest does not wait for the next quiet step.
    if (this.#stopped || (this.#stopStep !== undefined && (isQuiet || !this.#isQuiet))) return;
    const contests = this.#contests.watched().length;
    if (this.#settling.isIdle && contests === 0 && this.#peers.size === 0) return;
    this.#stopStep?.();
    this.#isQuiet = isQuiet;
    const leastMs = isQuiet ? QUIET_STEP_MS : CONTEST_STEP_MS;
    const stepMs = Math.min(LONGEST_STEP_MS, Math.max(leastMs, contests * STEP_MS_PER_CONTEST));
    this.#stopStep = this.#options.clock.after(stepMs, () => {
      this.#stopStep = undefined;
      this.#step()
        .catch(this.#options.failed)
        .finally(() => this.#wake());
    });
  }

  async #step(): Promise<void> {
    const { clock, holdersOf, couldHold, changed } = this.#options;
    const { nowMs: beforeMs, isRunning: wasRunning } = this.#time;
    this.#time.look();
    const nowMs = this.#time.nowMs;
    const watched = this.#contests.watched();
    this.#ask(watched.filter(({ askMs }) => clock.nowMs() >= askMs));
    for (const contest of watched) if (clock.nowMs() >= contest.retryMs) await this.#tryToDecide(contest);
    for (const contest of watched) this.#vote(contest);
    const { settled, confirmed } = this.#settling.step(
      nowMs,
      this.#time.brokenMs,
      (txid) => this.#contests.standoffs(txid).every(leads),
      (txid) => ({ holders: [...holdersOf(txid)].filter((id) => !this.#contests.hasLeft(id, txid)).length, peers: couldHold(txid) }),
    );
    const atMs = clock.nowMs();
    await this.#amend([...settled.map((txid) => ({ txid, settledMs: atMs })), ...confirmed.map((txid) => ({ txid, confirmedMs: atMs }))]);
    // Whoever waits for a payment is shown how time passes, and that it stands still.
    const isAwaited = nowMs > beforeMs && (!this.#settling.isIdle || watched.length > 0);
    if (settled.length + confirmed.length > 0 || isAwaited || this.#time.isRunning !== wasRunning) changed();
  }

  /** One contest that cannot be written keeps no other waiting. */
  async #tryToDecide(contest: Contest): Promise<void> {
    const isDone = await decideContest(contest, this.#deciding).catch(this.#options.failed);
    if (isDone !== true) contest.retryMs = this.#options.clock.nowMs() + RETRY_MS;
  }

  /** Votes for the side held here, for a tenth of the time, as long as it is contested. */
  #vote(contest: Contest): void {
    if (this.#time.nowMs < contest.voteMs || this.#voting.isBusy) return;
    const ours = [...contest.sides.keys()].find((txid) => this.#settling.contested().has(txid));
    if (ours === undefined) return;
    this.#voting.cast(ours, contest.roundMs * VOTE_SHARE).catch(this.#options.failed);
    contest.roundMs = Math.min(LONGEST_ROUND_MS, contest.roundMs * 2);
    contest.voteMs = this.#time.nowMs + contest.roundMs;
  }

  async #amend(amended: readonly Amendment[]): Promise<void> {
    if (amended.length === 0 || this.#stopped) return;
    const { acceptor, store } = this.#options;
    await acceptor.quiet(() => store.commit({ amended }));
  }

  /** The files of a transaction and of one that spends a coin of it, as evidence. @throws {TtxError} `unknown-transaction`, `file-dropped` */
  async loadEvidence(txid: TxId): Promise<Uint8Array> {
    const { ledger, store } = this.#options;
    const others = new Set([...this.standingOf(txid).rivals, ...(ledger.findWinners(txid) ?? [])]);
    const { loadEvidence } = await import('./evidence.ts');
    return loadEvidence(store, txid, [...others]);
  }

  /** Where an accepted transaction stands, and what that rests on. */
  standingOf(txid: TxId): Standing {
    const own = this.#settling.stageOf(txid);
    const rivals = this.#contests.of(txid).flatMap(({ sides }) => [...sides.keys()].filter((side) => side !== txid));
    const facts = { rivals: [...new Set(rivals)], peers: this.#peers.size, isCounting: this.#time.isRunning };
    if (own === undefined) return { stage: 'confirmed', sinceMs: 0, confirmsInMs: 0, ...facts };
    const stage = this.#settling.isFrozen(txid) ? 'contested' : own.kind;
    const sinceMs = this.#time.nowMs - Math.max(own.sinceMs, own.kind === 'settled' ? 0 : this.#time.brokenMs);
    const waitMs = stage === 'fresh' ? SETTLE_MS + CONFIRM_MS : CONFIRM_MS;
    // Not 0 before it is confirmed: most peers have to say that they hold it, too.
    return { stage, sinceMs, confirmsInMs: stage === 'contested' ? undefined : Math.max(1, waitMs - sinceMs), ...facts };
  }
}
