/**
 * The conversation with `ttx` peers: greet, tell what is held, fetch what is not, serve what is asked. Knows no rules: files
 * go to the acceptor, and what it says of them decides how a peer is treated.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Entry } from '../core/entry.ts';
import { type TxId, txidFromBytes, txidOf } from '../core/id.ts';
import type { Ledger } from '../core/ledger.ts';
import { MAX_INV, MAX_MESSAGE_BYTES, MAX_TX_BATCH } from '../core/limit.ts';
import type { Hello, Message } from '../core/message.ts';
import type { Peer } from '../net/swarm.ts';
import type { Store } from '../storage/store.ts';
import type { Acceptor, Outcome } from './accept.ts';
import type { Clock } from './clock.ts';
import { Serial } from './serial.ts';

/** Files asked of one peer at a time: enough to fill the cable, few enough to hold in memory. */
const WINDOW = MAX_TX_BATCH;
/** After this long without the file, somebody else is asked. */
const ANSWER_TIMEOUT_MS = 15_000;
/** Before files that found no room on the disk are fetched again; twice as long each time. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;
/** A peer that is probed answers within this or is gone: a busy one takes a few seconds. */
const PROBE_TIMEOUT_MS = 10_000;
/** Announced and not fetched yet, per peer: bounds what a liar's endless `inv` can make us remember. */
const MAX_WANTED_PER_PEER = 200_000;
/** The same for all peers together, at some 350 bytes each: many liars must not use up the memory that one may not. */
const MAX_WANTED = 500_000;
/** Files read from the disk at a time to serve a `get`: 512 KiB at most, then the peer must take them. */
const SERVED_AT_ONCE = 32;
/** Unanswered `get`s per peer, before more of them cost score. */
const MAX_SERVING = 32;
/** Room left in a `tx` message for its own keys and lengths. */
const MESSAGE_OVERHEAD = 4_096;

/** Points of 100 that a misdeed costs. */
const PENALTY = { beforeHello: 20, unasked: 10, invalid: 50, silent: 10, greedy: 5, lied: 10 } as const;

interface PeerRecord {
  readonly peer: Peer;
  readonly connectedAtMs: number;
  hello: Hello | undefined;
  /** Txids this peer announced, to be asked for in this order. */
  readonly queue: TxId[];
  /** Asked and not answered. */
  readonly asked: Set<TxId>;
  /** Answered and not decided yet; they take up room in the window. */
  readonly deciding: Set<TxId>;
  /** Asked of others since, but an answer that comes late is as good: a phone may have slept. */
  readonly late: Set<TxId>;
  readonly serving: Serial;
  servingCount: number;
  /** Asked whether it is still there, and silent since. */
  isProbed: boolean;
}

interface Wanted {
  /** Peers that say they hold it. */
  readonly holders: Set<string>;
  askedOf: string | undefined;
}

interface ExchangeOptions {
  readonly ledger: Ledger;
  readonly acceptor: Acceptor;
  readonly store: Store;
  readonly clock: Clock;
  /** Software name and version told to peers. */
  readonly software: string;
  readonly changed: () => void;
  /** A local fault while working for peers (storage full or lost). */
  readonly failed: (error: unknown) => void;
}

/** What a screen may know about a peer. */
export interface PeerFacts {
  readonly id: string;
  readonly software: string;
  readonly ready: boolean;
  readonly transactions: number;
  readonly connectedAtMs: number;
}

/** All conversations of one network. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #peers = new Map<string, PeerRecord>();
  readonly #wanted = new Map<TxId, Wanted>();
  readonly #sought = new Map<TxId, Set<(bytes: Uint8Array) => void>>();
  /** Holders of the transactions that are tracked: the wallet's own. */
  readonly #tracked = new Map<TxId, Set<string>>();
  readonly #delivered = new Set<TxId>();
  #isPaused = false;
  #pauseMs: number = FIRST_PAUSE_MS;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  get toFetch(): number {
    return this.#wanted.size;
  }

  get readyPeers(): number {
    return [...this.#peers.values()].filter((record) => record.hello !== undefined).length;
  }

  peers(): readonly PeerFacts[] {
    return [...this.#peers.values()].map(({ peer, hello, connectedAtMs }) => ({
      id: peer.id,
      software: hello?.software ?? '',
      ready: hello !== undefined,
      transactions: hello?.summary.transactions ?? 0,
      connectedAtMs,
    }));
  }

  /** Ids of connected peers known to hold a tracked transaction. */
  holdersOf(txid: TxId): ReadonlySet<string> {
    return this.#tracked.get(txid) ?? new Set();
  }

  /** Whether any peer has ever been known to hold a tracked transaction, in this run. */
  isDelivered(txid: TxId): boolean {
    return this.#delivered.has(txid);
  }

  /** Counts holders of `txid` from now on, and of the announcements that brought it. */
  track(txid: TxId): void {
    if (this.#tracked.has(txid)) return;
    this.#tracked.set(txid, new Set(this.#wanted.get(txid)?.holders));
    if (this.holdersOf(txid).size > 0) this.#delivered.add(txid);
  }

  /** A peer has connected: greet it. */
  join(peer: Peer): void {
    const record: PeerRecord = {
      peer,
      connectedAtMs: this.#options.clock.nowMs(),
      hello: undefined,
      queue: [],
      asked: new Set(),
      deciding: new Set(),
      late: new Set(),
      serving: new Serial(),
      servingCount: 0,
      isProbed: false,
    };
    this.#peers.set(peer.id, record);
    const { ledger, software } = this.#options;
    peer.send({ t: 'hello', software, protocol: 1, genesis: ledger.network.id, summary: { transactions: ledger.size } });
    this.#options.changed();
  }

  leave(peer: Peer): void {
    const record = this.#peers.get(peer.id);
    if (record?.peer !== peer) return;
    this.#peers.delete(peer.id);
    for (const holders of this.#tracked.values()) holders.delete(peer.id);
    this.#release(record, [...record.asked]);
    for (const [txid, wanted] of this.#wanted) {
      wanted.holders.delete(peer.id);
      if (wanted.holders.size === 0) this.#wanted.delete(txid);
    }
    this.#ask();
    this.#options.changed();
  }

  receive(peer: Peer, message: Message): void {
    const record = this.#peers.get(peer.id);
    if (record?.peer !== peer) return;
    record.isProbed = false;
    if (message.t === 'hello') return this.#greeted(record, message);
    if (record.hello === undefined) return peer.penalize(PENALTY.beforeHello, 'spoke before hello');
    switch (message.t) {
      case 'inv':
        return this.#announced(record, message.held);
      case 'get':
        return this.#serve(record, message.txids);
      case 'tx':
        return this.#arrived(record, message.files, message.missing);
    }
  }

  /** Tells all peers that these transactions are held here now. */
  announce(entries: readonly Entry[]): void {
    for (const record of this.#peers.values()) if (record.hello !== undefined) void this.#tell(record, entries);
  }

  /**
   * Asks every peer for a file, those that come later too, until it arrives or the signal ends it.
   * @throws the signal's reason
   */
  seek(txid: TxId, signal: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const seekers = this.#sought.get(txid) ?? new Set();
      this.#sought.set(txid, seekers);
      const end = () => {
        seekers.delete(found);
        if (seekers.size === 0) this.#sought.delete(txid);
        signal.removeEventListener('abort', abort);
      };
      const found = (bytes: Uint8Array) => {
        end();
        resolve(bytes);
      };
      const abort = () => {
        end();
        reject(signal.reason);
      };
      seekers.add(found);
      signal.addEventListener('abort', abort, { once: true });
      for (const record of this.#peers.values()) if (record.hello !== undefined) this.#request(record, [txid]);
    });
  }

  /**
   * Asks every peer for what every node has, the genesis: who does not answer in time is disconnected, so that another connection can
   * take its place. WebRTC notices a dead peer after half a minute, and a frozen one never.
   */
  probe(): void {
    const { ledger, clock } = this.#options;
    for (const record of this.#peers.values()) {
      if (record.hello === undefined || record.isProbed) continue;
      record.isProbed = true;
      record.peer.send({ t: 'get', txids: [ledger.network.id] });
      record.asked.add(ledger.network.id);
      clock.after(PROBE_TIMEOUT_MS, () => {
        if (record.isProbed && this.#peers.get(record.peer.id) === record) record.peer.close('does not answer');
      });
    }
  }

  #greeted(record: PeerRecord, hello: Hello): void {
    const { ledger, changed } = this.#options;
    if (hello.genesis !== ledger.network.id || hello.protocol !== 1) return record.peer.close('another network or protocol');
    const first = record.hello === undefined;
    record.hello = hello;
    if (!first) return;
    void this.#tell(record, ledger.accepted());
    if (this.#sought.size > 0) this.#request(record, [...this.#sought.keys()].slice(0, MAX_INV));
    changed();
  }

  /** Sends `inv`s in the order of acceptance, so that parents come first, as fast as the peer takes them. */
  async #tell(record: PeerRecord, entries: Iterable<Entry>): Promise<void> {
    let held: { infohash: Entry['infohash']; txid: TxId }[] = [];
    for (const { infohash, txid } of entries) {
      held.push({ infohash, txid });
      if (held.length < MAX_INV) continue;
      record.peer.send({ t: 'inv', held });
      held = [];
      await record.peer.drained();
      if (this.#peers.get(record.peer.id) !== record) return;
    }
    if (held.length > 0) record.peer.send({ t: 'inv', held });
  }

  #announced(record: PeerRecord, held: readonly { readonly txid: TxId }[]): void {
    const { ledger, acceptor, changed } = this.#options;
    for (const { txid } of held) {
      const holders = this.#tracked.get(txid);
      if (holders !== undefined) {
        holders.add(record.peer.id);
        this.#delivered.add(txid);
      }
      if (ledger.find(txid) !== undefined || ledger.isRejected(txid) || acceptor.pool.find(txid) !== undefined) continue;
      this.#want(record, txid);
    }
    this.#ask();
    changed();
  }

  #want(record: PeerRecord, txid: TxId): void {
    const wanted = this.#wanted.get(txid) ?? { holders: new Set(), askedOf: undefined };
    if (wanted.holders.has(record.peer.id) || record.queue.length >= MAX_WANTED_PER_PEER) return;
    if (wanted.holders.size === 0 && this.#wanted.size >= MAX_WANTED) return;
    wanted.holders.add(record.peer.id);
    this.#wanted.set(txid, wanted);
    record.queue.push(txid);
  }

  /** Gives every peer with room in its window the next files that it holds and nobody is fetching. */
  #ask(): void {
    if (this.#isPaused) return;
    for (const record of this.#peers.values()) {
      const txids: TxId[] = [];
      let taken = 0;
      for (const txid of record.queue) {
        if (record.asked.size + record.deciding.size + txids.length >= WINDOW) break;
        taken++;
        const wanted = this.#wanted.get(txid);
        if (wanted === undefined || wanted.askedOf !== undefined) continue;
        wanted.askedOf = record.peer.id;
        txids.push(txid);
      }
      record.queue.splice(0, taken);
      if (txids.length > 0) this.#request(record, txids);
    }
  }

  #request(record: PeerRecord, txids: readonly TxId[]): void {
    for (const txid of txids) record.asked.add(txid);
    record.peer.send({ t: 'get', txids });
    this.#options.clock.after(ANSWER_TIMEOUT_MS, () => {
      const late = txids.filter((txid) => record.asked.has(txid));
      if (late.length === 0 || this.#peers.get(record.peer.id) !== record) return;
      record.peer.penalize(PENALTY.silent, 'did not answer a get');
      this.#release(record, late);
      for (const txid of late) if (record.late.size < WINDOW) record.late.add(txid);
      this.#ask();
    });
  }

  /** Takes txids back from a peer that did not deliver and hands them to others that hold them. */
  #release(record: PeerRecord, txids: readonly TxId[]): void {
    for (const txid of txids) {
      record.asked.delete(txid);
      const wanted = this.#wanted.get(txid);
      if (wanted === undefined) continue;
      wanted.holders.delete(record.peer.id);
      if (wanted.askedOf === record.peer.id) wanted.askedOf = undefined;
      if (wanted.holders.size === 0) this.#wanted.delete(txid);
      for (const holder of wanted.holders) this.#peers.get(holder)?.queue.unshift(txid);
    }
  }

  #serve(record: PeerRecord, txids: readonly TxId[]): void {
    if (record.servingCount >= MAX_SERVING) return record.peer.penalize(PENALTY.greedy, 'too many gets at once');
    record.servingCount++;
    record.serving
      .run(async () => {
        await this.#sendFiles(record, txids);
      })
      .catch(this.#options.failed)
      .finally(() => record.servingCount--);
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
    for (let from = 0; from < txids.length && this.#peers.get(peer.id) === record; from += SERVED_AT_ONCE) {
      const some = txids.slice(from, from + SERVED_AT_ONCE);
      const found = await this.#options.store.loadFiles(some);
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

  #arrived(record: PeerRecord, files: readonly Uint8Array[], missing: readonly TxId[]): void {
    const asked: Uint8Array[] = [];
    const txids: TxId[] = [];
    let unasked = false;
    for (const file of files) {
      const txid = txidFromBytes(sha256(file));
      if (!record.asked.delete(txid) && !record.late.delete(txid)) {
        unasked = true;
        continue;
      }
      record.deciding.add(txid);
      asked.push(file);
      txids.push(txid);
      for (const found of this.#sought.get(txid) ?? []) found(file);
    }
    if (unasked) record.peer.penalize(PENALTY.unasked, 'sent files that were not asked for');
    const lacking = missing.filter((txid) => record.asked.has(txid));
    // Who announces has it on disk. Announcing without end what there is not would keep honest announcements out.
    if (lacking.some((txid) => this.#wanted.get(txid)?.holders.has(record.peer.id)))
      record.peer.penalize(PENALTY.lied, 'has not what it announced');
    this.#release(record, lacking);
    this.#accept(record, asked, txids).catch(this.#options.failed);
  }

  async #accept(record: PeerRecord, files: readonly Uint8Array[], txids: readonly TxId[]): Promise<void> {
    try {
      if (files.length > 0) for (const outcome of await this.#options.acceptor.accept(files)) this.#judge(record, outcome);
      this.#pauseMs = FIRST_PAUSE_MS;
      for (const txid of txids) this.#wanted.delete(txid);
    } catch (error) {
      // Our disk, not their file: it is asked for again.
      this.#pause();
      for (const txid of txids) this.#askAgain(txid);
      throw error;
    } finally {
      // Only now is there room in the window: what is fetched waits in memory no longer than it takes to decide.
      for (const txid of txids) record.deciding.delete(txid);
      this.#ask();
      this.#options.changed();
    }
  }

  #askAgain(txid: TxId): void {
    const wanted = this.#wanted.get(txid);
    if (wanted === undefined) return;
    wanted.askedOf = undefined;
    for (const holder of wanted.holders) this.#peers.get(holder)?.queue.unshift(txid);
  }

  /** Nothing more is fetched for a while: there is no room for it. */
  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#options.clock.after(this.#pauseMs, () => {
      this.#isPaused = false;
      this.#ask();
    });
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
  }

  #judge(record: PeerRecord, outcome: Outcome): void {
    if (outcome.kind === 'rejected') record.peer.penalize(PENALTY.invalid, `sent an invalid transaction: ${outcome.code}`);
    // Who holds a transaction holds its history.
    if (outcome.kind === 'pending') for (const parent of outcome.missing) this.#want(record, txidOf(parent));
  }
}
