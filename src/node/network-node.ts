/**
 * The node of one network: its ledger, peers, wallet and seeds. Data flows one way: exchange, acceptances and payments give
 * files to the acceptor; what it decided comes back through `#decided` to whoever shows, serves or announces it.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { ActivityEntry, Proof, SeedState, TransactionDetail } from '../api/node.ts';
import { decide, type Network } from '../core/decide.ts';
import { claimTestCoins, MAX_LEAVES } from '../core/devnet.ts';
import { isTtxError, TtxError } from '../core/error.ts';
import { type Address, amount, type Locator, locator, type TxId, txidFromBytes } from '../core/id.ts';
import { Ledger } from '../core/ledger.ts';
import { MAX_PROOF_FILE_BYTES, MAX_PROOF_FILES } from '../core/limit.ts';
import { acceptFragment, joinFragment, magnetLink } from '../core/link.ts';
import type { SpendableCoin } from '../core/payment.ts';
import { encodeProofFile, type ProofFile } from '../core/proof-file.ts';
import { decodeTransaction } from '../core/transaction.ts';
import type { Swarm, SwarmConditions, TorrentRole, TrackerStatus } from '../net/swarm.ts';
import type { Store, Want } from '../storage/store.ts';
import { Acceptor, type Decided, type Verifier } from './accept.ts';
import { Acceptances } from './acceptance.ts';
import type { Clock } from './clock.ts';
import { Exchange } from './exchange.ts';
import { describe, noteOf, type Reach, Wallet } from './wallet.ts';

/** Payments of the wallet whose own torrents are live, newest first: each costs an announce, none costs connections while only seeded. */
const MAX_LIVE_PAYMENTS = 16;

export interface NetworkNodeOptions {
  readonly network: Network;
  /** The genesis file. */
  readonly genesis: Uint8Array;
  readonly store: Store;
  readonly swarm: Swarm;
  readonly clock: Clock;
  readonly verify: Verifier;
  readonly owner: Address;
  readonly trackers: readonly string[];
  readonly software: string;
  readonly isJoined: (network: Locator) => boolean;
  /** Kept in memory by the node that ran before, whose store was deleted. */
  readonly rescued?: Rescued;
  /** Resolves when the page has drawn what there is: going online takes all that a slow phone has. */
  readonly isDrawn: Promise<void>;
  /** Something a screen shows has changed. Called often. */
  readonly changed: () => void;
  /** A local fault that nobody waits for. */
  readonly failed: (error: unknown) => void;
}

/** What a node whose store was deleted still holds, and nobody else may. */
export interface Rescued {
  /** Files of the wallet's latest payments. */
  readonly files: readonly Uint8Array[];
  readonly wants: readonly Want[];
}

/** One open network. */
export class NetworkNode {
  readonly network: Network;
  readonly ledger: Ledger;
  readonly acceptor: Acceptor;
  readonly acceptances: Acceptances;
  readonly exchange: Exchange;
  readonly #options: NetworkNodeOptions;
  readonly #seenAtMs = new Map<TxId, number>();
  #wallet: Wallet | undefined;
  #owner: Address;
  #stopped = false;
  #trackers: readonly string[];
  /** Files whose torrents are live. */
  #live = new Map<TxId, { readonly role: TorrentRole; readonly bytes: Uint8Array }>();

  constructor(options: NetworkNodeOptions) {
    this.#options = options;
    this.network = options.network;
    this.#owner = options.owner;
    this.#trackers = options.trackers;
    const { store, clock, verify, swarm, changed, failed, isJoined, software } = options;
    this.ledger = new Ledger(options.network);
    this.acceptor = new Acceptor({ store, ledger: this.ledger, clock, verify, decided: (batch) => this.#decided(batch) });
    this.exchange = new Exchange({ ledger: this.ledger, acceptor: this.acceptor, store, clock, software, changed, failed });
    this.acceptances = new Acceptances({
      ledger: this.ledger,
      acceptor: this.acceptor,
      exchange: this.exchange,
      swarm,
      store,
      clock,
      owner: () => this.#owner,
      isJoined,
      changed,
      failed,
    });
  }

  /** Reads what is kept; resolves when it can be read and spent. Going online follows by itself. */
  async start(): Promise<void> {
    const { swarm, store, genesis, trackers, rescued, changed, failed } = this.#options;
    await this.#replay();
    if (this.ledger.find(this.network.id) === undefined) await this.acceptor.accept([genesis]);
    if (rescued !== undefined) {
      await store.commit({ wanted: rescued.wants });
      await this.acceptor.accept(rescued.files);
    }
    await this.#openWallet();
    swarm.setTrackers(trackers);
    swarm.seed({ infohash: this.network.infohash, bytes: genesis, role: 'genesis' });
    this.#live.set(this.network.id, { role: 'genesis', bytes: genesis });
    await this.#seedRecent();
    await this.acceptances.resume();
    changed();
    this.#goOnline().catch(failed);
  }

  async #goOnline(): Promise<void> {
    const { swarm, isDrawn, changed } = this.#options;
    await isDrawn;
    if (this.#stopped) return;
    await swarm.start({
      peer: (peer) => this.exchange.join(peer),
      message: (peer, message) => this.exchange.receive(peer, message),
      gone: (peer) => this.exchange.leave(peer),
      changed,
    });
    changed();
  }

  /** Goes offline and closes the store after what is being written. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.acceptances.stop();
    await this.#options.swarm.stop();
    await this.acceptor.idle();
    await this.#options.store.close();
  }

  /** Decides again on everything that is kept. Signatures were checked before it was written. */
  async #replay(): Promise<void> {
    await this.#options.store.load((page) => {
      for (const { txid, bytes, firstSeenMs } of page) {
        // Decided twice, it would be in conflict with itself.
        if (this.ledger.find(txid) !== undefined) continue;
        const file = decodeTransaction(bytes);
        this.ledger.apply(file.txid, decide(file, 'valid', this.ledger));
        this.#seenAtMs.set(file.txid, firstSeenMs);
      }
    });
  }

  #decided(batch: readonly Decided[]): void {
    for (const { file, firstSeenMs } of batch) this.#seenAtMs.set(file.txid, firstSeenMs);
    const own = this.#wallet?.take(batch) ?? [];
    for (const txid of own) this.exchange.track(txid);
    this.exchange.announce(batch.flatMap(({ decision }) => (decision.kind === 'accepted' ? [decision.entry] : [])));
    this.acceptances.take(batch);
    if (own.length > 0) this.#seedRecent().catch(this.#options.failed);
    this.#options.changed();
  }

  async #openWallet(): Promise<void> {
    const seenAtMs = (txid: TxId) => this.#seenAtMs.get(txid) ?? 0;
    // Nothing may be decided between the scan and the swap, or it would be missed.
    const wallet = await this.acceptor.quiet(() => Wallet.load(this.#owner, this.ledger, this.#options.store, seenAtMs));
    this.#wallet = wallet;
    for (const txid of wallet.txids()) this.exchange.track(txid);
  }

  /** Looks at the same network as another owner. */
  async setOwner(owner: Address): Promise<void> {
    this.#owner = owner;
    await this.#openWallet();
    await this.#seedRecent();
    this.#options.changed();
  }

  /** Looks whether the store is still there. @throws {TtxError} `storage-lost` */
  async check(): Promise<void> {
    await this.#options.store.loadWants();
  }

  /** What this node holds in memory of what its store held. */
  rescue(): Rescued {
    return { files: [...this.#live.values()].map(({ bytes }) => bytes), wants: this.acceptances.wants() };
  }

  setTrackers(urls: readonly string[]): void {
    this.#trackers = urls;
    this.#options.swarm.setTrackers(urls);
  }

  setConditions(conditions: SwarmConditions): void {
    this.#options.swarm.setConditions(conditions);
  }

  /** The device slept or was offline: trackers are reached anew, and peers must show that they are still there. */
  wake(): void {
    this.#options.swarm.wake();
    this.exchange.probe();
  }

  trackerStatus(): readonly TrackerStatus[] {
    return this.#options.swarm.status().trackers;
  }

  get owner(): Address {
    return this.#owner;
  }

  get locator(): Locator {
    return locator(this.network.infohash, this.network.id);
  }

  get coins(): readonly SpendableCoin[] {
    return this.#wallet?.coins ?? [];
  }

  /** The payment that was made under `jobId`, however long ago. */
  findPaid(jobId: string): Promise<TxId | undefined> {
    return this.#options.store.findPaid(jobId);
  }

  get balance(): Wallet['balance'] {
    return this.#wallet?.balance ?? { total: amount(0), coins: 0 };
  }

  get activityTotal(): number {
    return this.#wallet?.historyLength ?? 0;
  }

  activity(offset: number, count: number): readonly ActivityEntry[] {
    const holders = this.#plainHolders();
    return this.#wallet?.activity(offset, count, (txid) => this.#reach(txid, holders)) ?? [];
  }

  /** Who else holds a transaction: `ttx` peers that said so and plain BitTorrent peers whose bitfield is full. */
  #reach(txid: TxId, plainHolders: ReadonlyMap<string, readonly string[]>): Reach {
    const plain = plainHolders.get(this.ledger.find(txid)?.infohash ?? '') ?? [];
    const holders = new Set([...this.exchange.holdersOf(txid), ...plain]).size;
    return { holders, delivered: holders > 0 || this.exchange.isDelivered(txid) };
  }

  /** Peers with a full bitfield, by infohash. */
  #plainHolders(): ReadonlyMap<string, readonly string[]> {
    return new Map(this.#options.swarm.status().torrents.map(({ infohash, holders }) => [infohash, holders]));
  }

  seeds(): readonly SeedState[] {
    const byInfohash = new Map([...this.#live.keys()].map((txid) => [this.ledger.find(txid)?.infohash, txid]));
    return this.#options.swarm.status().torrents.flatMap(({ infohash, role, peers, uploadedBytes }) => {
      const txid = byInfohash.get(infohash);
      return txid === undefined ? [] : [{ infohash, txid, role, peers, uploadedBytes }];
    });
  }

  /** Keeps the torrents of the wallet's latest payments live, so that a magnet link alone is enough to fetch them. */
  async #seedRecent(): Promise<void> {
    const { swarm, store } = this.#options;
    const recent = (this.#wallet?.txids() ?? []).filter((txid) => this.ledger.isAccepted(txid)).slice(0, MAX_LIVE_PAYMENTS);
    const files = await store.loadFiles(recent.filter((txid) => !this.#live.has(txid)));
    for (const [txid, bytes] of files) this.#seedPayment(txid, bytes);
    for (const [txid, { role }] of this.#live) {
      const infohash = this.ledger.find(txid)?.infohash;
      if (role === 'genesis' || recent.includes(txid) || infohash === undefined) continue;
      this.#live.delete(txid);
      swarm.unseed(infohash);
    }
  }

  #seedPayment(txid: TxId, bytes: Uint8Array): void {
    const infohash = this.ledger.find(txid)?.infohash;
    if (infohash === undefined || this.#live.has(txid)) return;
    this.#live.set(txid, { role: 'payment', bytes });
    this.#options.swarm.seed({ infohash, bytes, role: 'payment' });
  }

  /** Links with which a transaction is handed over. Its torrent is live from now on. @throws {TtxError} `unknown-transaction` */
  async loadProof(txid: TxId): Promise<Proof> {
    const entry = this.ledger.find(txid);
    const bytes = (await this.#options.store.loadFiles([txid])).get(txid);
    if (entry === undefined || bytes === undefined) throw new TtxError('unknown-transaction', { txid });
    this.#seedPayment(txid, bytes);
    const target = { locator: locator(entry.infohash, txid), network: this.locator, trackers: this.#trackers };
    const fragment = txid === this.network.id ? joinFragment(this.locator, this.#trackers) : acceptFragment(target);
    return { txid, infohash: entry.infohash, magnet: magnetLink(target, bytes), fragment };
  }

  /**
   * Walks the development network's tree to this wallet's leaf.
   * @returns false when the wallet has had its coins
   * @throws {TtxError} `leaf-taken` when all its leaves are somebody else's
   */
  async claimTestCoins(): Promise<boolean> {
    for (let attempt = 0; ; attempt++) {
      try {
        const files = claimTestCoins(this.#owner, attempt, this.ledger);
        const outcomes = await this.acceptor.accept(files);
        if (outcomes.every((outcome) => outcome.kind === 'accepted')) return files.length > 0;
      } catch (error) {
        if (!isTtxError(error, 'leaf-taken') || attempt + 1 >= MAX_LEAVES) throw error;
      }
    }
  }

  /** A proof file of a transaction, with as much of its history as fits. @throws {TtxError} `unknown-transaction` */
  async loadProofFile(txid: TxId): Promise<Uint8Array> {
    const chosen = new Set<TxId>();
    let sizeBytes = 0;
    for (const entry of this.ledger.cone(txid)) {
      sizeBytes += entry.sizeBytes;
      if (sizeBytes > MAX_PROOF_FILE_BYTES || chosen.size === MAX_PROOF_FILES) break;
      chosen.add(entry.txid);
    }
    // The ledger's order is that of acceptance: ancestors first.
    const order = [...this.ledger.entries()].map((entry) => entry.txid).filter((known) => chosen.has(known) && known !== txid);
    const files = await this.#options.store.loadFiles([...order, txid]);
    const own = files.get(txid);
    if (own === undefined) throw new TtxError('unknown-transaction', { txid });
    const ancestors = order.map((ancestor) => files.get(ancestor)).filter((file) => file !== undefined);
    return encodeProofFile([...ancestors, own], this.locator, this.#trackers);
  }

  /** Starts accepting the payment of a proof file; the history that comes with it is checked first. @returns the acceptance's id */
  async acceptFile(id: string, { infohash, network, trackers, files }: ProofFile): Promise<string> {
    // The payment itself comes last and is accepted as one, so that it is known which is new.
    if (network === undefined || network === this.locator) await this.acceptor.accept(files.slice(0, -1));
    const file = files.at(-1);
    return this.acceptances.start(id, { infohash, txid: file && txidFromBytes(sha256(file)), network, trackers, file });
  }

  /** @throws {TtxError} `unknown-transaction` */
  async loadTransaction(txid: TxId): Promise<TransactionDetail> {
    const entry = this.ledger.find(txid);
    const bytes = (await this.#options.store.loadFiles([txid])).get(txid);
    if (entry === undefined || bytes === undefined) throw new TtxError('unknown-transaction', { txid });
    const { transaction } = decodeTransaction(bytes);
    const { to, sender, burn, reward, charge, change, sizeBytes, prev, trail } = entry;
    const item = { entry, note: noteOf(transaction), claimedAtMs: transaction.time, seenAtMs: this.#seenAtMs.get(txid) ?? 0 };
    return {
      ...describe(item, this.#owner, this.ledger, this.#reach(txid, this.#plainHolders())),
      from: sender,
      to,
      claimedAtMs: transaction.time,
      burn,
      reward,
      charge,
      change,
      workBits: trail.at(-1) ?? 0,
      sizeBytes,
      prev,
      conflictsWith: this.ledger.findWinners(txid) ?? [],
    };
  }
}
