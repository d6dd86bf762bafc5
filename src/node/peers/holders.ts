/** Who holds what: which connected peers are known to have a transaction, and which of the wallet's own have ever reached anybody. */
import type { TxId } from '../../core/id.ts';
import type { Hello, Message } from '../../core/message.ts';
import type { Peer } from '../../net/swarm.ts';
import type { Clock } from '../../time/clock.ts';
import { RecentSet } from './recent-set.ts';
import type { Topic } from './topic.ts';

/** Announcements remembered of one peer until its state is compared with ours, which tells all; the latest ones. */
const MAX_ANNOUNCED = 10_000;
/** Files remembered that a peer was asked for and had not. */
const MAX_LACKING = 1_000;
/** Before it is written down what has been delivered: a payment reaches several peers at once, a history thousands of payments. */
const WRITE_AFTER_MS = 1_000;

interface PeerRecord {
  /** It may have dropped the files of what it accepted. */
  isLight: boolean;
  /** What it held when its state was last compared with ours. */
  holds: (txid: TxId) => boolean;
  /** What it has announced since. */
  readonly announced: RecentSet<TxId>;
  /** What it was asked for and had not: a light node drops files. */
  readonly lacking: RecentSet<TxId>;
}

interface HoldersOptions {
  readonly clock: Clock;
  /** Somebody else has been known to hold these since that time, as never before; to be remembered. */
  readonly delivered: (txids: readonly TxId[], sinceMs: number) => void;
}

/** Strength of transactions: how many distinct peers hold them. */
export class Holders implements Topic {
  readonly #options: HoldersOptions;
  readonly #peers = new Map<string, PeerRecord>();
  readonly #delivered = new Set<TxId>();
  /** Of the wallet's, those that nobody is known to have held yet. */
  readonly #undelivered = new Set<TxId>();
  #unwritten: TxId[] = [];

  constructor(options: HoldersOptions) {
    this.#options = options;
  }

  /** Ids of connected peers known to hold a transaction. */
  of(txid: TxId): ReadonlySet<string> {
    return new Set([...this.#peers].filter(([, record]) => isHolder(record, txid)).map(([id]) => id));
  }

  /** How many connected peers could hold a transaction: light ones that do not are not expected to. */
  couldHold(txid: TxId): number {
    return [...this.#peers.values()].filter((record) => !record.isLight || isHolder(record, txid)).length;
  }

  /** A peer has shown that it accepted a transaction. */
  proved(peer: Peer, txid: TxId): void {
    this.#peers.get(peer.id)?.announced.add(txid);
    this.#deliver([txid]);
  }

  /** Whether anybody else has ever been known to hold a transaction of the wallet. */
  isDelivered(txid: TxId): boolean {
    return this.#delivered.has(txid);
  }

  /** It was delivered in an earlier run. */
  remember(txid: TxId): void {
    this.#delivered.add(txid);
  }

  /** It is the wallet's: from now on it is noticed when it reaches somebody. */
  track(txid: TxId): void {
    if (this.#delivered.has(txid)) return;
    this.#undelivered.add(txid);
    if ([...this.#peers.values()].some((record) => isHolder(record, txid))) this.#deliver([txid]);
  }

  joined(peer: Peer, { mode }: Hello): void {
    this.#peers.set(peer.id, {
      isLight: mode === 'light',
      holds: () => false,
      announced: new RecentSet(MAX_ANNOUNCED),
      lacking: new RecentSet(MAX_LACKING),
    });
  }

  left(peer: Peer): void {
    this.#peers.delete(peer.id);
  }

  receive(peer: Peer, message: Message): void {
    const record = this.#peers.get(peer.id);
    if (record === undefined) return;
    if (message.t === 'hello') {
      record.isLight = message.mode === 'light';
      if (record.isLight) record.holds = () => false;
    }
    if (message.t === 'tx') for (const txid of message.missing) record.lacking.add(txid);
    if (message.t !== 'inv') return;
    for (const { txid } of message.held) {
      record.lacking.delete(txid);
      record.announced.add(txid);
    }
    this.#deliver(message.held.map(({ txid }) => txid));
  }

  /** A peer's state was compared with ours: which of the transactions accepted here it has accepted too. */
  compare(peer: Peer, holds: (txid: TxId) => boolean): void {
    const record = this.#peers.get(peer.id);
    // What a light node has accepted it need not have.
    if (record === undefined || record.isLight) return;
    record.holds = holds;
    record.announced.filter((txid) => !holds(txid));
    this.#deliver([...this.#undelivered].filter(holds));
  }

  #deliver(txids: readonly TxId[]): void {
    const fresh = txids.filter((txid) => this.#undelivered.delete(txid));
    if (fresh.length === 0) return;
    for (const txid of fresh) this.#delivered.add(txid);
    const { clock, delivered } = this.#options;
    if (this.#unwritten.length === 0) {
      const sinceMs = clock.nowMs();
      clock.after(WRITE_AFTER_MS, () => {
        const txids = this.#unwritten;
        this.#unwritten = [];
        delivered(txids, sinceMs);
      });
    }
    this.#unwritten.push(...fresh);
  }
}

const isHolder = ({ holds, announced, lacking }: PeerRecord, txid: TxId): boolean =>
  !lacking.has(txid) && (announced.has(txid) || holds(txid));
