/**
 * Which transactions have a live torrent, so that a plain BitTorrent client can fetch them with a magnet link. Any that is kept can be
 * asked for, but each live swarm costs announces, so there are few at a time, chosen by need; the rest have their turns. What is only
 * seeded makes no offers, and so costs no connections.
 */
import type { SeedState } from '../../api/node.ts';
import { type Infohash, type TxId, txidOf } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import type { SpendableCoin } from '../../core/payment.ts';
import type { Swarm } from '../../net/swarm.ts';
import type { Store } from '../../storage/store.ts';
import type { Clock } from '../../time/clock.ts';
import { Serial } from '../../time/serial.ts';

/** Live swarms, the genesis included: some thirty announces a minute and tracker, and half a MiB at the most. */
export const MAX_LIVE = 32;
/** The wallet's latest payments, and proofs that were opened lately: somebody is about to scan or paste them. */
const MAX_PAYMENTS = 12;
const MAX_OPENED = 6;
/** Swarms of the rotation in which somebody is: they stay while he is there. */
const MAX_VISITED = 4;
/** Ancestors of own coins that hardly anybody holds: their owner's duty first. */
const MAX_WEAK = 4;
const FEW_HOLDERS = 2;
/** Ancestors looked at for weak ones at a time. */
const MAX_CONE = 512;
/** How long the others have a turn: a client that looks for one asks its trackers every minute or two. */
const TURN_MS = 180_000;

interface LiveTorrentsOptions {
  readonly ledger: Ledger;
  readonly swarm: Pick<Swarm, 'seed' | 'unseed' | 'status'>;
  readonly store: Pick<Store, 'loadFiles' | 'holds'>;
  readonly clock: Clock;
  readonly genesis: Uint8Array;
  /** The wallet's transactions, newest first. */
  readonly payments: () => readonly TxId[];
  readonly coins: () => readonly SpendableCoin[];
  /** How many peers are known to hold a transaction. */
  readonly strength: (txid: TxId) => number;
  /** A local fault that nobody waits for. */
  readonly failed: (error: unknown) => void;
}

/** The live torrents of one network. */
export class LiveTorrents {
  readonly #options: LiveTorrentsOptions;
  readonly #serial = new Serial();
  readonly #live = new Map<TxId, { readonly infohash: Infohash; readonly bytes: Uint8Array }>();
  /** Proofs that were opened, the latest last. */
  readonly #opened = new Set<TxId>();
  /** Whose turn it is. */
  #turn: readonly TxId[] = [];
  /** Position in the order of acceptance of the next to have a turn. */
  #next = 0;
  #isStopped = false;
  #cancelTurn = () => {};

  constructor(options: LiveTorrentsOptions) {
    this.#options = options;
  }

  /** Files whose torrents are live. */
  files(): readonly Uint8Array[] {
    return [...this.#live.values()].map(({ bytes }) => bytes);
  }

  /** Seeds the genesis, where all nodes meet, and the wallet's payments. */
  async start(): Promise<void> {
    const { ledger, swarm, genesis } = this.#options;
    const { id, infohash } = ledger.network;
    swarm.seed({ infohash, bytes: genesis, role: 'genesis' });
    this.#live.set(id, { infohash, bytes: genesis });
    await this.refresh();
  }

  /** Online: gives everything that is kept its turn, from somewhere on, so that nodes that start together do not all seed the same. */
  rotate(): void {
    const { ledger, clock } = this.#options;
    this.#next = clock.nowMs() % Math.max(1, ledger.size);
    this.#giveTurns();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTurn();
  }

  /** A proof was opened: its torrent is live from now on. */
  open(txid: TxId, bytes: Uint8Array): void {
    if (txid === this.#options.ledger.network.id) return;
    this.#opened.delete(txid);
    this.#opened.add(txid);
    for (const oldest of this.#opened) {
      if (this.#opened.size <= MAX_OPENED) break;
      this.#opened.delete(oldest);
    }
    this.#seed(txid, bytes);
    this.refresh().catch(this.#options.failed);
  }

  /** Chooses anew: after payments, and when the wallet is another one. */
  refresh(): Promise<void> {
    return this.#serial.run(async () => {
      if (this.#isStopped) return;
      const chosen = this.#choose();
      const files = await this.#options.store.loadFiles([...chosen].filter((txid) => !this.#live.has(txid)));
      if (this.#isStopped) return;
      for (const txid of this.#live.keys()) if (!chosen.has(txid) && !this.#opened.has(txid)) this.#unseed(txid);
      for (const [txid, bytes] of files) this.#seed(txid, bytes);
    });
  }

  /** What the screens show. */
  states(): readonly SeedState[] {
    const txids = new Map([...this.#live].map(([txid, { infohash }]) => [infohash, txid]));
    return this.#options.swarm.status().torrents.flatMap(({ infohash, role, peers, uploadedBytes }) => {
      const txid = txids.get(infohash);
      return txid === undefined ? [] : [{ infohash, txid, role, peers, uploadedBytes }];
    });
  }

  #seed(txid: TxId, bytes: Uint8Array): void {
    const infohash = this.#options.ledger.find(txid)?.infohash;
    if (infohash === undefined || this.#live.has(txid)) return;
    this.#live.set(txid, { infohash, bytes });
    this.#options.swarm.seed({ infohash, bytes, role: 'payment' });
  }

  #unseed(txid: TxId): void {
    const live = this.#live.get(txid);
    this.#live.delete(txid);
    if (live !== undefined) this.#options.swarm.unseed(live.infohash);
  }

  #giveTurns(): void {
    if (this.#isStopped) return;
    this.#turn = this.#nextTurn();
    this.refresh().catch(this.#options.failed);
    this.#cancelTurn = this.#options.clock.after(TURN_MS, () => this.#giveTurns());
  }

  /** The next few in the order of acceptance, from the beginning again after the last. */
  #nextTurn(): readonly TxId[] {
    const { ledger } = this.#options;
    if (this.#next >= ledger.size) this.#next = 0;
    const entries = ledger.accepted(this.#next, MAX_LIVE);
    this.#next += Math.max(1, MAX_LIVE - this.#needed().size);
    return entries.map(({ txid }) => txid).filter((txid) => this.#options.store.holds(txid));
  }

  #choose(): ReadonlySet<TxId> {
    const chosen = this.#needed();
    for (const txid of this.#turn) {
      if (chosen.size >= MAX_LIVE) break;
      chosen.add(txid);
    }
    return chosen;
  }

  /** What is live whoever's turn it is. */
  #needed(): Set<TxId> {
    const { ledger, payments } = this.#options;
    const latest = payments().filter((txid) => ledger.isAccepted(txid));
    const needed = new Set([ledger.network.id, ...this.#opened, ...latest.slice(0, MAX_PAYMENTS)]);
    const visited = this.states().filter(({ txid, peers }) => peers > 0 && !needed.has(txid));
    for (const { txid } of visited.slice(0, MAX_VISITED)) needed.add(txid);
    for (const txid of this.#weak()) needed.add(txid);
    return needed;
  }

  #weak(): readonly TxId[] {
    const { ledger, coins, strength } = this.#options;
    const weak = new Set<TxId>();
    let steps = 0;
    for (const coin of coins()) {
      for (const { txid } of ledger.cone(txidOf(coin.locator))) {
        if (weak.size >= MAX_WEAK || steps++ >= MAX_CONE) return [...weak];
        if (strength(txid) < FEW_HOLDERS) weak.add(txid);
      }
    }
    return [...weak];
  }
}
