/**
 * What this node says of its own state: a summary to every peer now and then, its list of transactions and nodes of its trees to those
 * that ask. docs/protocol.md, State.
 */
import type { Hashes } from '../../core/hashes.ts';
import { amount, type Hash } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import { MAX_INV } from '../../core/limit.ts';
import type { Message, NodeQuery, StateSummary } from '../../core/message.ts';
import { describeState, EMPTY_STATE, type State, type StateTrees } from '../../core/state-summary.ts';
import { answerNodes } from '../../core/tree-walk.ts';
import type { Peer } from '../../net/swarm.ts';
import type { Clock } from '../../time/clock.ts';
import { Serial } from '../../time/serial.ts';
import type { Topic } from './topic.ts';

/** Least time between two summaries to one peer. */
const STATE_INTERVAL_MS = 2_000;
/** The same while this node catches up: nobody waits for what it says, and each root then costs the hashes of most of the tree. */
const CATCHING_UP_INTERVAL_MS = 15_000;
/** Oldest state that is good enough for comparing. */
const MAX_AGE_MS = 500;
/** States told to peers that can still be walked: some 16 s of a busy network. They share what they have in common. */
const MAX_KEPT = 8;
/** Changes put into the trees, and hashes computed, before others get their turn: about 10 ms. */
export const PREPARED_AT_ONCE = 1_000;
/** Unanswered questions per peer, before more of them cost score. */
const MAX_UNANSWERED = 16;

/** Points of 100 that a misdeed costs. */
const PENALTY = { greedy: 5 } as const;

interface PeerRecord {
  readonly peer: Peer;
  readonly serial: Serial;
  unanswered: number;
  /** The last summary it was told. */
  told: StateSummary | undefined;
}

interface ReporterOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Absent: the library's. */
  readonly hashes?: Hashes | undefined;
  /** Whether this node keeps parts of the history only: its trees would say of coins that they are unspent, or not there, and it cannot know. */
  readonly isLight: () => boolean;
  /** Whether this node has much to fetch before its state says anything. */
  readonly isCatchingUp: () => boolean;
  /** A state that took more than one turn is there: the one before was far from true. */
  readonly prepared: () => void;
  /** A local fault while working for peers. */
  readonly failed: (error: unknown) => void;
}

/** Reports the state of one network's node. */
export class Reporter implements Topic {
  readonly #options: ReporterOptions;
  readonly #peers = new Map<string, PeerRecord>();
  /** By the root of the transactions, the oldest first. */
  readonly #kept = new Map<Hash, StateTrees & Pick<StateSummary, 'coinsRoot'>>();
  /** The latest that was computed; before the first one, what a node knows that knows nothing. */
  #state: State = describeState(EMPTY_STATE, { transactions: 0, work: 0n, supply: amount(0) });
  #madeMs = Number.NEGATIVE_INFINITY;
  #toldMs = 0;
  #isDue = false;
  #isPreparing = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** The state to tell: that of now, or the latest one where so much has changed since that it takes a while. Whoever is told it may ask for its trees. */
  summary(): StateSummary {
    this.#refresh(0);
    const { trees, summary } = this.#state;
    const { transactionsRoot, coinsRoot } = summary;
    this.#kept.delete(transactionsRoot);
    this.#kept.set(transactionsRoot, { ...trees, coinsRoot });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_KEPT) break;
      this.#kept.delete(oldest);
    }
    return summary;
  }

  /** The state to compare with that of others: a moment old, or older while much is coming. */
  recent(): State {
    this.#refresh(MAX_AGE_MS);
    return this.#state;
  }

  joined(peer: Peer): void {
    this.#peers.set(peer.id, { peer, serial: new Serial(), unanswered: 0, told: undefined });
    // The hello told it; what has changed since then is told like everything later.
    this.#schedule();
  }

  left(peer: Peer): void {
    this.#peers.delete(peer.id);
  }

  receive(peer: Peer, message: Message): void {
    const record = this.#peers.get(peer.id);
    if (record === undefined) return;
    if (message.t === 'list') this.#answer(record, () => this.#list(message.from));
    if (message.t === 'node') this.#answer(record, () => this.#nodes(message));
  }

  /** The ledger has grown, or was read from the disk: peers are told in a while. */
  changed(): void {
    this.#refresh(MAX_AGE_MS);
    this.#schedule();
  }

  /** Computes the state if it is older than that: at once where little has changed, else in parts. */
  #refresh(maxAgeMs: number): void {
    const { clock, isCatchingUp } = this.#options;
    // Most coins that come while it catches up are spent before it is done: they need never be in a tree.
    const ageMs = isCatchingUp() ? CATCHING_UP_INTERVAL_MS : maxAgeMs;
    if (this.#isPreparing || clock.nowMs() - this.#madeMs < ageMs) return;
    this.#isPreparing = true;
    if (!this.#prepare()) clock.after(0, () => this.#goOn());
  }

  #goOn(): void {
    if (!this.#prepare()) {
      this.#options.clock.after(0, () => this.#goOn());
      return;
    }
    this.#options.prepared();
    this.#schedule();
  }

  #prepare(): boolean {
    const { ledger, clock, hashes } = this.#options;
    const state = ledger.prepareState(PREPARED_AT_ONCE, hashes);
    if (state === undefined) return false;
    this.#state = state;
    this.#madeMs = clock.nowMs();
    this.#isPreparing = false;
    return true;
  }

  #schedule(): void {
    if (this.#isDue || this.#peers.size === 0) return;
    this.#isDue = true;
    const { clock, isCatchingUp } = this.#options;
    clock.after(STATE_INTERVAL_MS, () => {
      this.#isDue = false;
      if (isCatchingUp() && clock.nowMs() - this.#toldMs < CATCHING_UP_INTERVAL_MS) this.#schedule();
      else this.#tell();
    });
  }

  #tell(): void {
    if (this.#peers.size === 0) return;
    this.#toldMs = this.#options.clock.nowMs();
    const summary = this.summary();
    for (const record of this.#peers.values()) {
      const { peer, told } = record;
      if (told?.transactionsRoot === summary.transactionsRoot && told.coinsRoot === summary.coinsRoot) continue;
      record.told = summary;
      peer.send({ t: 'state', summary });
    }
  }

  #answer(record: PeerRecord, make: () => Message): void {
    const { peer, serial } = record;
    if (record.unanswered >= MAX_UNANSWERED) return peer.penalize(PENALTY.greedy, 'too many questions at once');
    record.unanswered++;
    serial
      .run(async () => {
        if (this.#peers.get(peer.id) !== record) return;
        peer.send(make());
        await peer.drained();
      })
      .catch(this.#options.failed)
      .finally(() => record.unanswered--);
  }

  #list(from: number): Message {
    const held = this.#options.ledger.accepted(from, MAX_INV).map(({ infohash, txid }) => ({ infohash, txid }));
    return { t: 'inv', held, from };
  }

  #nodes({ tree, root, prefixes }: NodeQuery): Message {
    const kept = [...this.#kept.values()].find((state) => state.coinsRoot === root);
    const found = tree === 'transactions' ? this.#kept.get(root)?.transactions : kept?.coins;
    return { t: 'nodes', tree, root, nodes: found === undefined || this.#options.isLight() ? [] : answerNodes(found, prefixes) };
  }
}
