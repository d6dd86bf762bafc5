/** What this node gives: tells peers what it holds, and answers what they ask for from the store. */
import type { Entry } from '../../core/entry.ts';
import type { TxId } from '../../core/id.ts';
import { MAX_INV, MAX_MESSAGE_BYTES, MAX_TX_BATCH } from '../../core/limit.ts';
import type { Message } from '../../core/message.ts';
import type { Peer } from '../../net/swarm.ts';
import type { Store } from '../../storage/store.ts';
import { Serial } from '../../time/serial.ts';
import { RecentSet } from './recent-set.ts';
import type { Topic } from './topic.ts';

/** Files read from the disk at a time to serve a `get`, while those before are on their way: 4 MiB at the very worst, 150 kB as a rule. */
const SERVED_AT_ONCE = MAX_TX_BATCH;
/** Unanswered `get`s per peer, before more of them cost score. */
const MAX_SERVING = 32;
/** Files remembered that a peer was given, and given again: as many as it can ask for at once, and some. */
const MAX_GIVEN = 4_096;
/** Room left in a `tx` message for its own keys and lengths. */
const MESSAGE_OVERHEAD = 4_096;

/** Points of 100 that a misdeed costs. */
const PENALTY = { greedy: 5, again: 2 } as const;

interface PeerRecord {
  readonly peer: Peer;
  readonly serial: Serial;
  unanswered: number;
  readonly given: RecentSet<TxId>;
  /** Twice: a light node looks at a file, throws it away, and needs it later after all. */
  readonly givenAgain: RecentSet<TxId>;
}

interface ServingOptions {
  readonly store: Store;
  /** A local fault while working for peers (storage lost). */
  readonly failed: (error: unknown) => void;
}

/** Serves the peers of one network. */
export class Serving implements Topic {
  readonly #options: ServingOptions;
  readonly #peers = new Map<string, PeerRecord>();

  constructor(options: ServingOptions) {
    this.#options = options;
  }

  joined(peer: Peer): void {
    this.#peers.set(peer.id, {
      peer,
      serial: new Serial(),
      unanswered: 0,
      given: new RecentSet(MAX_GIVEN),
      givenAgain: new RecentSet(MAX_GIVEN),
    });
  }

  left(peer: Peer): void {
    this.#peers.delete(peer.id);
  }

  receive(peer: Peer, message: Message): void {
    const record = this.#peers.get(peer.id);
    if (message.t === 'get' && record !== undefined) this.#serve(record, [...new Set(message.txids)], message.txids.length);
  }

  /** Tells all peers the news: these transactions are held here from now on. */
  announce(entries: readonly Entry[]): void {
    for (const record of this.#peers.values()) void this.#tell(record, entries);
  }

  /** Sends `inv`s in the order of acceptance, so that parents come first, as fast as the peer takes them. */
  async #tell(record: PeerRecord, entries: readonly Entry[]): Promise<void> {
    let held: { infohash: Entry['infohash']; txid: TxId }[] = [];
    for (const { infohash, txid } of entries) {
      held.push({ infohash, txid });
      if (held.length < MAX_INV) continue;
      record.peer.send({ t: 'inv', held });
      held = [];
      await record.peer.drained();
      if (this.#isGone(record)) return;
    }
    if (held.length > 0) record.peer.send({ t: 'inv', held });
  }

  #isGone(record: PeerRecord): boolean {
    return this.#peers.get(record.peer.id) !== record;
  }

  #serve(record: PeerRecord, txids: readonly TxId[], asked: number): void {
    if (record.unanswered >= MAX_SERVING) return record.peer.penalize(PENALTY.greedy, 'too many gets at once');
    // A few bytes of question make many of answer: who asks in vain for the same again and again only wants to make work.
    const isAgain = txids.length < asked || txids.some((txid) => record.givenAgain.has(txid));
    // What is not here costs nothing to say, and whoever waits for an ancestor asks for it again and again.
    for (const txid of txids) {
      if (!this.#options.store.holds(txid)) continue;
      if (record.given.has(txid)) record.givenAgain.add(txid);
      record.given.add(txid);
    }
    if (isAgain) record.peer.penalize(PENALTY.again, 'asked for the same again');
    record.unanswered++;
    record.serial
      .run(() => this.#sendFiles(record, txids))
      .catch(this.#options.failed)
      .finally(() => record.unanswered--);
  }

  /** Answers in messages as large as they may be, with no more of the disk in memory than one of them and a little. */
  async #sendFiles(record: PeerRecord, txids: readonly TxId[]): Promise<void> {
    const { peer } = record;
    let files: Uint8Array[] = [];
    let missing: TxId[] = [];
    let sizeBytes = MESSAGE_OVERHEAD;
    const flush = async () => {
      peer.send({ t: 'tx', files, missing });
      files = [];
      missing = [];
      sizeBytes = MESSAGE_OVERHEAD;
      await peer.drained();
    };
    const read = (from: number) => {
      const some = txids.slice(from, from + SERVED_AT_ONCE);
      const found = this.#options.store.loadFiles(some);
      // Awaited later, or never if the peer goes.
      found.catch(() => undefined);
      return { some, found };
    };
    let next = read(0);
    for (let from = SERVED_AT_ONCE; next.some.length > 0 && !this.#isGone(record); from += SERVED_AT_ONCE) {
      const { some } = next;
      const found = await next.found;
      next = read(from);
      for (const txid of some) {
        const file = found.get(txid);
        const lengthBytes = (file?.length ?? 32) + 8;
        if (files.length === MAX_TX_BATCH || sizeBytes + lengthBytes > MAX_MESSAGE_BYTES) await flush();
        if (file === undefined) missing.push(txid);
        else files.push(file);
        sizeBytes += lengthBytes;
      }
    }
    await flush();
  }
}
