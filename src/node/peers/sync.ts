/**
 * Comes to the same state as each peer. Who is far behind reads the peer's list of transactions, parents first, no faster than files are
 * fetched; else, and where the list was read to its end in vain, the two trees are walked down to where they differ, and each side gets what only the other one has. Knows no rules: it
 * finds out what to fetch, and the fetcher fetches it. docs/protocol.md, State.
 */
import type { Fork, Relation } from '../../api/node.ts';
import type { TxId } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import type { Hello, Message, StateSummary } from '../../core/message.ts';
import type { State } from '../../core/state-summary.ts';
import type { Peer } from '../../net/swarm.ts';
import type { Clock } from '../../time/clock.ts';
import { ListReader, TURN_MS } from './list-reader.ts';
import { FAR, FIRST_PAUSE_MS, isIn, REST_MS, SyncPeer } from './sync-peer.ts';
import type { Topic } from './topic.ts';
import { TreeComparer } from './tree-comparer.ts';

/** Peers that are read or walked at a time: enough that a silent one does not hold all up, and lists cost a tenth of the files. */
const PLACES = { list: 3, walk: 2 } as const;
/** After this long without an answer a peer counts as silent. */
const ANSWER_TIMEOUT_MS = 15_000;
/** How often it is looked who takes long, or may be asked again. */
const TICK_MS = 1_000;
/** Conflicts named per peer. */
const MAX_CONFLICTS = 64;

/** Points of 100 that a misdeed costs. */
const PENALTY = { silent: 10, restless: 5 } as const;

/** What {@link Sync} needs. */
export interface SyncOptions {
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
  readonly #peers = new Map<string, SyncPeer>();
  readonly #lists: ListReader;
  readonly #trees: TreeComparer;
  #isTicking = false;
  /** It was light since it was opened. */
  #isPatchy = false;
  /** Some peer had the same transactions. */
  #hasAgreed = false;

  constructor(options: SyncOptions) {
    this.#options = options;
    this.#lists = new ListReader(options);
    const walked = () => {
      options.changed();
      this.#look();
    };
    this.#trees = new TreeComparer({ ...options, walked });
  }

  /** Whether peers' lists are being read, because they have far more than is here. Once it has been in sync, claims are not enough: lists must bring something. */
  get isCatchingUp(): boolean {
    const isReading = this.#running('list').some(({ task, isSlow }) => task?.kind === 'list' && task.isNew && !isSlow);
    return isReading && (!this.#hasAgreed || this.#lists.isGaining);
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
    return this.#lists.takeNews(accepted, this.#running('list'));
  }

  /** Something was accepted. */
  grown(): void {
    this.#look();
  }

  /** This node has become light, or full: then peers' lists are read from the start, for what is here is no beginning of them. */
  turned(): void {
    const nowMs = this.#options.clock.nowMs();
    this.#isPatchy = true;
    this.#hasAgreed = false;
    for (const record of this.#peers.values()) {
      record.task = undefined;
      record.isListRead = false;
      record.agreedOn = undefined;
      record.notBeforeMs = nowMs;
    }
    this.#look();
  }

  joined(peer: Peer, hello: Hello): void {
    this.#peers.set(peer.id, new SyncPeer(peer, hello, this.#options.clock.nowMs()));
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
        if (this.#lists.take(record, message)) this.#look();
        return;
      case 'nodes':
        return this.#trees.take(record, message);
      case 'list':
        record.isWalkingOurs = false;
        return;
      case 'node':
        record.isWalkingOurs = message.tree === 'transactions';
        return;
      default:
    }
  }

  /** Each state may set off questions: who changes its mind all the time is not taken seriously for long. */
  #heed(record: SyncPeer): void {
    const isBearable = record.states.take(1, this.#options.clock.nowMs());
    if (!isBearable) record.peer.penalize(PENALTY.restless, 'tells its state too often');
  }

  /** Whether a peer has the same transactions, and if not, since when. */
  #compare(record: SyncPeer, { summary: { transactionsRoot }, trees }: State): void {
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
    record.isListRead = false;
    this.#hasAgreed = true;
    if (agreedOn === transactionsRoot) return;
    record.onlyTheirs = [];
    record.pauseMs = FIRST_PAUSE_MS;
    compared(peer, (txid) => isIn(trees.transactions, txid));
  }

  #isFar({ transactions }: StateSummary): boolean {
    const { size } = this.#options.ledger;
    return transactions - size >= FAR || (size <= 1 && transactions > size);
  }

  #forks({ onlyTheirs }: SyncPeer): readonly Fork[] {
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
      if (record.task?.kind === 'list') this.#lists.ask(record, record.task);
    }
    const nowMs = this.#options.clock.nowMs();
    const waiting = records.filter(
      ({ task, differsSinceMs, notBeforeMs }) => !task && differsSinceMs !== undefined && nowMs >= notBeforeMs,
    );
    // Who was served longest ago comes first, then who differs longest: no number of peers can keep another one out.
    waiting.sort((a, b) => a.servedAtMs - b.servedAtMs || (a.differsSinceMs ?? 0) - (b.differsSinceMs ?? 0));
    for (const record of waiting) {
      const kind = this.#isFar(record.summary) && !record.isListRead ? 'list' : 'walk';
      const isReady = kind === 'list' ? this.#options.awaitedOf(record.peer) === 0 : this.#trees.isRipe(record, ours.summary);
      if (!isReady || !this.#findPlace(kind)) continue;
      if (kind === 'list') this.#lists.start(record, this.#running('list').length === 0, this.#isPatchy);
      else this.#trees.start(record, ours.trees.transactions);
    }
    this.#watch();
  }

  #running(kind: 'list' | 'walk'): readonly SyncPeer[] {
    return [...this.#peers.values()].filter(({ task }) => task?.kind === kind);
  }

  /** Whether one more can be read or walked; for that, one whose turn is over gives up its place. */
  #findPlace(kind: 'list' | 'walk'): boolean {
    const running = this.#running(kind);
    if (running.length < PLACES[kind]) return true;
    const nowMs = this.#options.clock.nowMs();
    const over = running.find(({ task }) => task !== undefined && nowMs - task.startedAtMs >= TURN_MS);
    if (over === undefined) return false;
    if (kind === 'walk') over.pause(nowMs);
    else over.rest(nowMs, over.isSlow ? REST_MS : 0);
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
  #expire(record: SyncPeer): void {
    const { task, peer } = record;
    if (task === undefined) return;
    const nowMs = this.#options.clock.nowMs();
    if (task.askedAtMs !== undefined && nowMs - task.askedAtMs >= ANSWER_TIMEOUT_MS) {
      record.rest(nowMs, REST_MS);
      record.isListRead = false;
      return peer.penalize(PENALTY.silent, `did not answer a ${task.kind === 'list' ? 'list' : 'node'}`);
    }
    if (task.kind === 'list') this.#lists.look(record, task);
  }
}
