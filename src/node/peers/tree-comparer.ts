/** Walks down peers' trees to where they differ from ours, and gives each side what only the other one has. */
import { txidOfKey } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import { MAX_INV } from '../../core/limit.ts';
import type { Tree } from '../../core/merkle-tree.ts';
import type { Nodes, StateSummary } from '../../core/message.ts';
import { TreeWalk } from '../../core/tree-walk.ts';
import type { Clock } from '../../time/clock.ts';
import type { SyncOptions } from './sync.ts';
import { FAR, FIRST_PAUSE_MS, isIn, isMissing, LONGEST_PAUSE_MS, PATIENCE_MS, type SyncPeer, type Walking } from './sync-peer.ts';

/** Differences found in one walk; more are found by the next one, when these are here. */
const WALK_LIMITS = { maxFound: MAX_INV, maxNodes: 4_096 };
/** A difference is looked into after this long even if the peer's files keep coming. */
const LONGEST_PATIENCE_MS = 30_000;

/** Points of 100 that a misdeed costs. */
const PENALTY = { falseNode: 50 } as const;

interface TreeComparerOptions extends Pick<SyncOptions, 'want' | 'awaitedOf' | 'compared'> {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** A walk has come to its end. */
  readonly walked: () => void;
}

/** All trees that are being walked. */
export class TreeComparer {
  readonly #options: TreeComparerOptions;

  constructor(options: TreeComparerOptions) {
    this.#options = options;
  }

  /** Whether it is time to look into a difference. */
  isRipe({ peer, isLight, isWalkingOurs, summary, differsSinceMs }: SyncPeer, ours: StateSummary): boolean {
    const { ledger, clock, awaitedOf } = this.#options;
    // Much has come since: the state that says what of it is still missing is being computed.
    if (ledger.size - ours.transactions >= FAR) return false;
    const differsForMs = clock.nowMs() - (differsSinceMs ?? clock.nowMs());
    // It is light and wants no more, or reads our list: unless that brought it nothing, and it walks our tree.
    const less = ours.transactions - summary.transactions;
    if (isLight ? less > 0 : less >= FAR && !isWalkingOurs) return false;
    if (awaitedOf(peer) > 0 && differsForMs < LONGEST_PATIENCE_MS) return false;
    const more = summary.transactions - ours.transactions;
    const isFirst = more > 0 || (more === 0 && ours.transactionsRoot < summary.transactionsRoot);
    return differsForMs >= (isFirst ? PATIENCE_MS.first : PATIENCE_MS.second);
  }

  /** Begins to walk down a peer's tree beside ours. */
  start(record: SyncPeer, ours: Tree): void {
    const { clock } = this.#options;
    const walk = new TreeWalk(ours, record.summary.transactionsRoot, WALK_LIMITS);
    const task: Walking = { kind: 'walk', walk, ours, askedAtMs: clock.nowMs(), startedAtMs: clock.nowMs() };
    record.task = task;
    this.#askNodes(record, task);
  }

  #askNodes(record: SyncPeer, task: Walking): void {
    const prefixes = task.walk.question();
    if (prefixes.length === 0) return this.#walked(record, task);
    task.askedAtMs = this.#options.clock.nowMs();
    record.peer.send({ t: 'node', tree: 'transactions', root: task.walk.root, prefixes });
  }

  /** Nodes that a peer shows. */
  take(record: SyncPeer, { tree, root, nodes }: Nodes): void {
    const { task, peer } = record;
    const nowMs = this.#options.clock.nowMs();
    // An answer that comes late, or to nothing, is no use and no harm.
    if (task?.kind !== 'walk' || tree !== 'transactions' || root !== task.walk.root) return;
    switch (task.walk.take(nodes)) {
      case 'taken':
        this.#askNodes(record, task);
        return;
      case 'gone':
        // Its next summary comes within seconds.
        return record.rest(nowMs, FIRST_PAUSE_MS);
      case 'false':
        record.rest(nowMs, LONGEST_PAUSE_MS);
        peer.penalize(PENALTY.falseNode, 'its state does not hash to the root it claimed');
    }
  }

  #walked(record: SyncPeer, { walk, ours }: Walking): void {
    const { ledger, clock, want, compared, walked } = this.#options;
    const { peer } = record;
    record.isListRead = false;
    const before = new Set(record.onlyTheirs);
    record.onlyTheirs = walk.onlyTheirs.map(({ key }) => txidOfKey(key));
    const missing = record.onlyTheirs.filter((txid) => isMissing(ledger, txid));
    if (missing.some((txid) => !before.has(txid))) record.pauseMs = FIRST_PAUSE_MS;
    record.pause(clock.nowMs());
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
    walked();
  }
}
