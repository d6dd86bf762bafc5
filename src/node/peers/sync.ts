/**
 * Comes to the same state as each peer. Who is far behind reads the peer's list of transactions, parents first, no faster than files are
 * fetched; else the two trees are walked down to where they differ, and each side gets what only the other one has. Knows no rules: it
 * finds out what to fetch, and the fetcher fetches it. docs/protocol.md, State.
 */
import type { Fork, Relation } from '../../api/node.ts';
import { type Hash, keyOfTxid, type TxId, txidOfKey } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import { MAX_INV } from '../../core/limit.ts';
import { leavesOf, subtreeAt, type Tree } from '../../core/merkle-tree.ts';
import type { Hello, Inv, Message, Nodes, StateSummary } from '../../core/message.ts';
import type { State } from '../../core/state-summary.ts';
import { TreeWalk } from '../../core/tree-walk.ts';
import type { Peer } from '../../net/swarm.ts';
import type { Clock } from '../../time/clock.ts';
import { ListWalk } from './list-walk.ts';
import type { Topic } from './topic.ts';

/** A peer with so many more transactions is read from its list; fewer are found by walking its tree. */
const FAR = 1_000;
/** Peers that are read or walked at a time: enough that a silent one does not hold all up, and lists cost a tenth of the files. */
const PLACES = { list: 3, walk: 2 } as const;
/** Files that a peer has named and that are not here yet, before it is asked for more names. */
const AHEAD = 8 * MAX_INV;
/** Differences found in one walk; more are found by the next one, when these are here. */
const WALK_LIMITS = { maxFound: MAX_INV, maxNodes: 4_096 };
/** Before a difference that has just come up is looked into: as a rule it is news on its way. The other side looks first, or never does. */
const PATIENCE_MS = { first: 3_000, second: 10_000 } as const;
/** A difference is looked into after this long even if the peer's files keep coming. */
const LONGEST_PATIENCE_MS = 30_000;
/** Between two walks of one peer; twice as long after each that brought nothing new. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
/** A peer that is silent to a question, or whose list leads nowhere, is not asked again for this long. */
const REST_MS = 60_000;
/** After this long without an answer a peer counts as silent; its list may take as long without a file accepted. */
const ANSWER_TIMEOUT_MS = 15_000;
const STALLED_MS = 30_000;
/** A peer that is read or walked keeps its place for this long while another waits for it. */
const TURN_MS = 30_000;
/** A list that brought fewer transactions in a turn is none to catch up with: good time does not stand still for it. */
const MIN_GAIN = 10;
/** How often it is looked who takes long, or may be asked again. */
const TICK_MS = 1_000;
/** Transactions named by lists and not decided yet that are told apart from news. */
const MAX_LISTED = 2 * AHEAD;
/** Conflicts named per peer. */
const MAX_CONFLICTS = 64;

/** Points of 100 that a misdeed costs. */
const PENALTY = { silent: 10, falseNode: 50, falseList: 50, shortList: 25, restless: 2 } as const;
/** States that come sooner than this one after the other are too many: nodes tell theirs every 2 s at most. */
const MIN_STATE_INTERVAL_MS = 1_000;

interface Turn {
  /** Undefined while nothing is asked. */
  askedAtMs: number | undefined;
  startedAtMs: number;
}

/** Reading a peer's list. */
interface Listing extends Turn {
  readonly kind: 'list';
  readonly walk: ListWalk;
  /** Named by it and not accepted yet. */
  readonly named: Set<TxId>;
  /** Of those that it named, how many were accepted since when, and when the last one was. */
  gained: number;
  countedSinceMs: number;
  gainedAtMs: number;
}

/** Walking a peer's tree. */
interface Walking extends Turn {
  readonly kind: 'walk';
  readonly walk: TreeWalk;
  /** Our tree when it began. */
  readonly ours: Tree;
}

interface PeerRecord {
  readonly peer: Peer;
  /** It may know parts of the history only. */
  isLight: boolean;
  summary: StateSummary;
  summaryAtMs: number;
  task: Listing | Walking | undefined;
  /** What only it had when its tree was last walked, without what is accepted here since. */
  onlyTheirs: readonly TxId[];
  /** Undefined while it has the same transactions. */
  differsSinceMs: number | undefined;
  /** Root on which it was last found to agree. */
  agreedOn: Hash | undefined;
  notBeforeMs: number;
  pauseMs: number;
  /** When its last turn ended. Whoever had none comes first. */
  servedAtMs: number;
  /** Its list brought next to nothing in a whole turn. */
  isSlow: boolean;
}

interface SyncOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Whether this node keeps parts of the history only: then there is nothing to compare. */
  readonly isLight: () => boolean;
  /** The state of the ledger a moment ago: exact ones cost too much for each message. */
  readonly state: () => State;
  /** A peer holds these; what is missing is to be fetched. */
  readonly want: (peer: Peer, txids: readonly TxId[]) => void;
  /** Files that a peer has named and that are not here yet. */
  readonly awaitedOf: (peer: Peer) => number;
  /** A peer was compared with this node: which of the transactions accepted here it holds. */
  readonly compared: (peer: Peer, holds: (txid: TxId) => boolean) => void;
  readonly changed: () => void;
}

/** Keeps one network's node in sync with its peers. */
export class Sync implements Topic {
  readonly #options: SyncOptions;
  readonly #peers = new Map<string, PeerRecord>();
  readonly #listed = new Set<TxId>();
  #isTicking = false;
  /** It was light since it was opened. */
  #isPatchy = false;

  constructor(options: SyncOptions) {
    this.#options = options;
  }

  /** Whether peers' lists are being read, because they have far more than is here. */
  get isCatchingUp(): boolean {
    return this.#running('list').some(({ isSlow }) => !isSlow);
  }

  /** How this node stands to a peer; undefined before it has greeted, and on a light node. */
  relationTo(peerId: string): Relation | undefined {
    const record = this.#peers.get(peerId);
    if (record === undefined || this.#options.isLight()) return undefined;
    const { summary } = record;
    const ours = this.#options.state().summary;
    if (summary.transactionsRoot === ours.transactionsRoot) {
      return summary.coinsRoot === ours.coinsRoot ? { kind: 'in-sync' } : { kind: 'forked', forks: [] };
    }
    const forks = this.#forks(record);
    if (forks.length > 0) return { kind: 'forked', forks };
    // The summary may be some seconds old.
    const difference = summary.transactions - this.#options.ledger.size;
    return difference < 0 ? { kind: 'ahead', more: -difference } : { kind: 'behind', missing: difference };
  }

  /** What of a batch is news: what was read from a peer's list is known to others already. */
  takeNews<T extends { readonly txid: TxId }>(accepted: readonly T[]): readonly T[] {
    const nowMs = this.#options.clock.nowMs();
    for (const { task } of this.#running('list')) {
      if (task?.kind !== 'list') continue;
      for (const { txid } of accepted) {
        if (!task.named.delete(txid)) continue;
        task.gained++;
        task.gainedAtMs = nowMs;
      }
    }
    return accepted.filter(({ txid }) => !this.#listed.delete(txid));
  }

  /** Something was accepted. */
  grown(): void {
    this.#look();
  }

  /** This node has become light, or full: then peers' lists are read from the start, for what is here is no beginning of them. */
  turned(): void {
    const nowMs = this.#options.clock.nowMs();
    this.#isPatchy = true;
    for (const record of this.#peers.values()) {
      record.task = undefined;
      record.agreedOn = undefined;
      record.notBeforeMs = nowMs;
    }
    this.#look();
  }

  joined(peer: Peer, { summary, mode }: Hello): void {
    const nowMs = this.#options.clock.nowMs();
    this.#peers.set(peer.id, {
      peer,
      isLight: mode === 'light',
      summary,
      summaryAtMs: nowMs,
      task: undefined,
      onlyTheirs: [],
      // What has happened before they met is no news on its way.
      differsSinceMs: nowMs - PATIENCE_MS.first,
      agreedOn: undefined,
      notBeforeMs: nowMs,
      pauseMs: FIRST_PAUSE_MS,
      servedAtMs: 0,
      isSlow: false,
    });
    this.#look();
  }

  left(peer: Peer): void {
    this.#peers.delete(peer.id);
    this.#look();
  }

  receive(peer: Peer, message: Message): void {
    const record = this.#peers.get(peer.id);
    if (record === undefined) return;
    switch (message.t) {
      case 'hello':
        record.isLight = message.mode === 'light';
        return;
      case 'state':
        this.#heed(record);
        record.summary = message.summary;
        this.#look();
        return this.#options.changed();
      case 'inv':
        return this.#page(record, message);
      case 'nodes':
        return this.#nodes(record, message);
      default:
    }
  }

  /** Each state may set off questions: who changes its mind all the time is not taken seriously for long. */
  #heed(record: PeerRecord): void {
    const nowMs = this.#options.clock.nowMs();
    if (nowMs - record.summaryAtMs < MIN_STATE_INTERVAL_MS) record.peer.penalize(PENALTY.restless, 'tells its state too often');
    record.summaryAtMs = nowMs;
  }

  /** Whether a peer has the same transactions, and if not, since when. */
  #compare(record: PeerRecord, { summary: { transactionsRoot }, trees }: State): void {
    const { clock, compared, changed } = this.#options;
    const { peer, summary, agreedOn, differsSinceMs } = record;
    const isSame = summary.transactionsRoot === transactionsRoot;
    if (isSame !== (differsSinceMs === undefined)) changed();
    if (!isSame) {
      record.differsSinceMs ??= clock.nowMs();
      return;
    }
    record.differsSinceMs = undefined;
    record.agreedOn = transactionsRoot;
    if (agreedOn === transactionsRoot) return;
    record.onlyTheirs = [];
    record.pauseMs = FIRST_PAUSE_MS;
    compared(peer, (txid) => isIn(trees.transactions, txid));
  }

  #isFar({ transactions }: StateSummary): boolean {
    const { size } = this.#options.ledger;
    return transactions - size >= FAR || (size <= 1 && transactions > size);
  }

  #isMissing(txid: TxId): boolean {
    const { ledger } = this.#options;
    return ledger.find(txid) === undefined && !ledger.isRejected(txid);
  }

  #forks({ onlyTheirs }: PeerRecord): readonly Fork[] {
    const { ledger } = this.#options;
    return onlyTheirs
      .flatMap((theirs) => {
        const ours = ledger.findWinners(theirs);
        return ours === undefined ? [] : [{ theirs, ours }];
      })
      .slice(0, MAX_CONFLICTS);
  }

  /** Goes on wherever it can go on. */
  #look(): void {
    const records = [...this.#peers.values()];
    // With nobody to compare it with, the state would be computed for nothing: seconds, after opening a large network.
    if (records.length === 0 || this.#options.isLight()) return;
    const ours = this.#options.state();
    for (const record of records) {
      this.#compare(record, ours);
      this.#expire(record);
      if (record.task?.kind === 'list') this.#askPage(record, record.task);
    }
    const nowMs = this.#options.clock.nowMs();
    const waiting = records.filter(
      ({ task, differsSinceMs, notBeforeMs }) => !task && differsSinceMs !== undefined && nowMs >= notBeforeMs,
    );
    // Who was served longest ago comes first, then who differs longest: no number of peers can keep another one out.
    waiting.sort((a, b) => a.servedAtMs - b.servedAtMs || (a.differsSinceMs ?? 0) - (b.differsSinceMs ?? 0));
    for (const record of waiting) {
      const kind = this.#isFar(record.summary) ? 'list' : 'walk';
      const isReady = kind === 'list' ? this.#options.awaitedOf(record.peer) === 0 : this.#isRipe(record, ours.summary);
      if (!isReady || !this.#findPlace(kind)) continue;
      if (kind === 'list') this.#startList(record);
      else this.#startWalk(record, ours.trees.transactions);
    }
    this.#watch();
  }

  #running(kind: 'list' | 'walk'): readonly PeerRecord[] {
    return [...this.#peers.values()].filter(({ task }) => task?.kind === kind);
  }

  /** Whether one more can be read or walked; for that, one whose turn is over gives up its place. */
  #findPlace(kind: 'list' | 'walk'): boolean {
    const running = this.#running(kind);
    if (running.length < PLACES[kind]) return true;
    const nowMs = this.#options.clock.nowMs();
    const over = running.find(({ task }) => task !== undefined && nowMs - task.startedAtMs >= TURN_MS);
    if (over === undefined) return false;
    if (kind === 'walk') this.#pause(over);
    else this.#rest(over, over.isSlow ? REST_MS : 0);
    return true;
  }

  #watch(): void {
    const isNeeded = [...this.#peers.values()].some(({ task, differsSinceMs }) => task !== undefined || differsSinceMs !== undefined);
    if (this.#isTicking || !isNeeded) return;
    this.#isTicking = true;
    this.#options.clock.after(TICK_MS, () => {
      this.#isTicking = false;
      this.#look();
    });
  }

  /** Ends what a peer does not go on with. */
  #expire(record: PeerRecord): void {
    const { task, peer } = record;
    if (task === undefined) return;
    const nowMs = this.#options.clock.nowMs();
    if (task.askedAtMs !== undefined && nowMs - task.askedAtMs >= ANSWER_TIMEOUT_MS) {
      this.#rest(record, REST_MS);
      return peer.penalize(PENALTY.silent, `did not answer a ${task.kind === 'list' ? 'list' : 'node'}`);
    }
    if (task.kind !== 'list') return;
    if (nowMs - task.countedSinceMs >= TURN_MS) {
      record.isSlow = task.gained < MIN_GAIN;
      task.gained = 0;
      task.countedSinceMs = nowMs;
    }
    if (task.askedAtMs === undefined && nowMs - task.gainedAtMs >= STALLED_MS) this.#rest(record, REST_MS);
  }

  #rest(record: PeerRecord, durationMs: number): void {
    const nowMs = this.#options.clock.nowMs();
    record.task = undefined;
    record.servedAtMs = nowMs;
    record.notBeforeMs = nowMs + durationMs;
  }

  /** Rests, and twice as long the next time. */
  #pause(record: PeerRecord): void {
    this.#rest(record, record.pauseMs);
    record.pauseMs = Math.min(2 * record.pauseMs, LONGEST_PAUSE_MS);
  }

  // Lists

  #startList(record: PeerRecord): void {
    const { ledger, clock } = this.#options;
    if (this.#running('list').length === 0) this.#listed.clear();
    // What is here may be the beginning of the peer's list, after a reload for instance; if not, it goes back until it is.
    const from = Math.max(0, ledger.size <= FAR || this.#isPatchy ? 0 : Math.min(ledger.size, record.summary.transactions) - MAX_INV);
    const nowMs = clock.nowMs();
    const task: Listing = {
      kind: 'list',
      walk: new ListWalk(from, (txid) => this.#isMissing(txid)),
      named: new Set(),
      askedAtMs: undefined,
      startedAtMs: nowMs,
      gained: 0,
      countedSinceMs: nowMs,
      gainedAtMs: nowMs,
    };
    record.task = task;
    this.#askPage(record, task);
  }

  #askPage({ peer }: PeerRecord, task: Listing): void {
    if (task.askedAtMs !== undefined || this.#options.awaitedOf(peer) >= AHEAD) return;
    task.askedAtMs = this.#options.clock.nowMs();
    peer.send({ t: 'list', from: task.walk.from });
  }

  /** A part of a list that was asked for; the fetcher has taken it like news. */
  #page(record: PeerRecord, { held, from }: Inv): void {
    const { task, peer } = record;
    if (task?.kind !== 'list' || task.askedAtMs === undefined || from !== task.walk.from) return;
    task.askedAtMs = undefined;
    const { fresh, outcome } = task.walk.take(held.map(({ txid }) => txid));
    for (const txid of fresh) {
      if (this.#listed.size < MAX_LISTED) this.#listed.add(txid);
      if (task.named.size < MAX_LISTED) task.named.add(txid);
    }
    switch (outcome) {
      case 'taken':
        break;
      case 'end':
        // A switch may shorten a list a little between the two.
        if (2 * task.walk.from < record.summary.transactions) peer.penalize(PENALTY.shortList, 'its list ends long before what it claims');
        this.#rest(record, FIRST_PAUSE_MS);
        break;
      case 'stale':
        this.#rest(record, REST_MS);
        break;
      case 'false':
        this.#rest(record, REST_MS);
        peer.penalize(PENALTY.falseList, 'its list names one transaction twice');
    }
    this.#look();
  }

  // Walks

  /** Whether it is time to look into a difference. */
  #isRipe({ peer, isLight, summary, differsSinceMs }: PeerRecord, ours: StateSummary): boolean {
    const { ledger, clock, awaitedOf } = this.#options;
    // Much has come since: the state that says what of it is still missing is being computed.
    if (ledger.size - ours.transactions >= FAR) return false;
    const differsForMs = clock.nowMs() - (differsSinceMs ?? clock.nowMs());
    // It reads our list, or is light and wants no more.
    if (ours.transactions - summary.transactions >= (isLight ? 1 : FAR)) return false;
    if (awaitedOf(peer) > 0 && differsForMs < LONGEST_PATIENCE_MS) return false;
    const more = summary.transactions - ours.transactions;
    const isFirst = more > 0 || (more === 0 && ours.transactionsRoot < summary.transactionsRoot);
    return differsForMs >= (isFirst ? PATIENCE_MS.first : PATIENCE_MS.second);
  }

  #startWalk(record: PeerRecord, ours: Tree): void {
    const { clock } = this.#options;
    const walk = new TreeWalk(ours, record.summary.transactionsRoot, WALK_LIMITS);
    const task: Walking = { kind: 'walk', walk, ours, askedAtMs: clock.nowMs(), startedAtMs: clock.nowMs() };
    record.task = task;
    this.#askNodes(record, task);
  }

  #askNodes(record: PeerRecord, task: Walking): void {
    const prefixes = task.walk.question();
    if (prefixes.length === 0) return this.#walked(record, task);
    task.askedAtMs = this.#options.clock.nowMs();
    record.peer.send({ t: 'node', tree: 'transactions', root: task.walk.root, prefixes });
  }

  #nodes(record: PeerRecord, { tree, root, nodes }: Nodes): void {
    const { task, peer } = record;
    // An answer that comes late, or to nothing, is no use and no harm.
    if (task?.kind !== 'walk' || tree !== 'transactions' || root !== task.walk.root) return;
    switch (task.walk.take(nodes)) {
      case 'taken':
        this.#askNodes(record, task);
        return;
      case 'gone':
        // Its next summary comes within seconds.
        return this.#rest(record, FIRST_PAUSE_MS);
      case 'false':
        this.#rest(record, LONGEST_PAUSE_MS);
        peer.penalize(PENALTY.falseNode, 'its state does not hash to the root it claimed');
    }
  }

  #walked(record: PeerRecord, { walk, ours }: Walking): void {
    const { ledger, want, compared, changed } = this.#options;
    const { peer } = record;
    const before = new Set(record.onlyTheirs);
    record.onlyTheirs = walk.onlyTheirs.map(({ key }) => txidOfKey(key));
    const missing = record.onlyTheirs.filter((txid) => this.#isMissing(txid));
    if (missing.some((txid) => !before.has(txid))) record.pauseMs = FIRST_PAUSE_MS;
    this.#pause(record);
    if (missing.length > 0) want(peer, missing);
    const onlyOurs = new Set(walk.onlyOurs.map(({ key }) => txidOfKey(key)));
    const held = [...onlyOurs].flatMap((txid) => {
      const entry = ledger.find(txid);
      return entry === undefined ? [] : [{ infohash: entry.infohash, txid }];
    });
    if (held.length > 0) peer.send({ t: 'inv', held });
    // Of a state that it has left behind, it would say that it lacks what it has by now.
    const isLatest = record.summary.transactionsRoot === walk.root;
    if (isLatest && !walk.isCut) compared(peer, (txid) => !onlyOurs.has(txid) && isIn(ours, txid));
    changed();
    this.#look();
  }
}

/** Whether a tree of transactions has `txid`. */
function isIn(transactions: Tree, txid: TxId): boolean {
  const key = keyOfTxid(txid);
  for (const leaf of leavesOf(subtreeAt(transactions, key))) if (leaf.key === key) return true;
  return false;
}
