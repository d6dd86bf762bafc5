/**
 * The node of one network: what happens when. Data flows one way: exchange, acceptances and payments give files to the acceptor; what it
 * decided comes back through `#decided` to whoever shows, serves or announces it.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Balance, NetworkMode, SeedState, StorageState, SyncState } from '../api/node.ts';
import type { Switch } from '../core/contest-switch.ts';
import type { Network } from '../core/decide.ts';
import { type Address, coinId, type Locator, locator, type TxId, txidFromBytes, txidOf } from '../core/id.ts';
import type { Ledger } from '../core/ledger.ts';
import type { SpendableCoin } from '../core/payment.ts';
import type { ProofFile } from '../core/proof-file.ts';
import type { Pairable, SwarmConditions, TrackerStatus } from '../net/swarm.ts';
import type { Want } from '../storage/store.ts';
import type { Conflicts } from './contest/conflicts.ts';
import type { Forks } from './contest/forks.ts';
import type { History } from './history.ts';
import type { Acceptor, Decided } from './ledger/accept.ts';
import { replay } from './ledger/replay.ts';
import { MAX_SUBJECTS } from './light/witness.ts';
import { createNetworkParts, type NetworkParts, type NetworkPartsOptions } from './network-parts.ts';
import type { Exchange } from './peers/exchange.ts';
import type { Fetcher } from './peers/fetcher.ts';
import type { Sync } from './peers/sync.ts';
import type { Proofs } from './proofs.ts';
import type { Acceptances } from './wallet/acceptance.ts';
import type { Attachments } from './wallet/attachments.ts';
import { firmness } from './wallet/firmness.ts';
import { takeTestCoins } from './wallet/test-coins.ts';

export interface NetworkNodeOptions extends Omit<NetworkPartsOptions, 'trackers' | 'mode' | 'decided' | 'switched' | 'delivered'> {
  readonly trackers: readonly string[];
  /** Absent: full. */
  readonly mode?: NetworkMode;
  /** Kept in memory by the node that ran before, whose store was deleted. */
  readonly rescued?: Rescued;
  /** Resolves when the page has drawn what there is: going online takes all that a slow phone has. */
  readonly isDrawn: Promise<void>;
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
  readonly fetcher: Fetcher;
  readonly sync: Sync;
  readonly conflicts: Conflicts;
  readonly forks: Forks;
  readonly attachments: Attachments;
  readonly history: History;
  readonly proofs: Proofs;
  readonly #options: NetworkNodeOptions;
  readonly #parts: NetworkParts;
  #stopped = false;
  #trackers: readonly string[];
  #mode: NetworkMode;

  constructor(options: NetworkNodeOptions) {
    this.#options = options;
    this.#trackers = options.trackers;
    this.#mode = options.mode ?? 'full';
    this.#parts = createNetworkParts({
      ...options,
      trackers: () => this.#trackers,
      mode: () => this.#mode,
      decided: (batch) => this.#decided(batch),
      switched: (change) => this.#switched(change),
      delivered: (txids, sinceMs) => this.#delivered(txids, sinceMs),
    });
    this.network = options.network;
    this.ledger = this.#parts.ledger;
    this.acceptor = this.#parts.acceptor;
    this.acceptances = this.#parts.acceptances;
    this.exchange = this.#parts.exchange;
    this.fetcher = this.#parts.fetcher;
    this.sync = this.#parts.sync;
    this.conflicts = this.#parts.conflicts;
    this.forks = this.#parts.forks;
    this.attachments = this.#parts.attachments;
    this.history = this.#parts.history;
    this.proofs = this.#parts.proofs;
  }

  /** What it takes up on this device. */
  get storage(): StorageState {
    return this.#parts.storage();
  }

  /** Peers hear of it at once. Full from now on, it fetches everything; light, it keeps what it has and follows no more. */
  setMode(mode: NetworkMode): void {
    if (mode === this.#mode) return;
    this.#mode = mode;
    this.acceptor.pool.isDeep = mode === 'light';
    this.exchange.greetAgain();
    this.sync.turned();
    if (mode === 'full') this.#parts.witness.stop();
    else this.#watchCoins();
    this.#options.changed();
  }

  setStorageBudget(bytes: number): void {
    this.#parts.keeper.setBudget(bytes);
  }

  /** Reads what is kept; resolves when it can be read and spent. Going online follows by itself. */
  async start(): Promise<void> {
    const { swarm, store, genesis, trackers, rescued, changed, failed } = this.#options;
    await replay(store, this.ledger, (stored) => {
      const { entry, firstSeenMs, deliveredMs } = stored;
      this.conflicts.restore(stored);
      this.#parts.firstSeenMs.set(entry.txid, firstSeenMs);
      if (deliveredMs !== undefined) this.#parts.holders.remember(entry.txid);
    });
    this.conflicts.restored();
    if (this.ledger.find(this.network.id) === undefined) await this.acceptor.accept([genesis]);
    if (rescued !== undefined) {
      await store.commit({ wanted: rescued.wants });
      await this.acceptor.accept(rescued.files);
    }
    await this.#parts.wallet.count();
    await this.#parts.wallet.loadNotes();
    this.#watchCoins();
    swarm.setTrackers(trackers);
    await this.#parts.live.start();
    await this.acceptances.resume();
    changed();
    this.#goOnline().catch(failed);
  }

  async #goOnline(): Promise<void> {
    const { swarm, isDrawn, changed } = this.#options;
    await isDrawn;
    if (this.#stopped) return;
    this.#parts.reporter.changed();
    this.#parts.keeper.start();
    await swarm.start({
      peer: (peer) => this.exchange.join(peer),
      message: (peer, message) => this.exchange.receive(peer, message),
      gone: (peer) => this.exchange.leave(peer),
      changed,
    });
    this.#parts.live.rotate();
    changed();
    if (!this.#stopped) await this.attachments.start();
  }

  /** Goes offline and closes the store after what is being written. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.acceptances.stop();
    this.attachments.stop();
    this.conflicts.stop();
    this.#parts.news.stop();
    this.#parts.live.stop();
    this.#parts.keeper.stop();
    await this.#options.swarm.stop();
    await this.acceptor.idle();
    this.#parts.fetcher.stop();
    await this.#options.store.close();
  }

  #decided(batch: readonly Decided[]): void {
    const { firstSeenMs: seen, wallet, serving, reporter, progress, keeper, live } = this.#parts;
    // A rival of too many is told to be conflicted and forgotten: nothing that grows may remember it.
    const kept = batch.filter(({ file }) => this.ledger.find(file.txid) !== undefined);
    for (const { file, firstSeenMs } of kept) seen.set(file.txid, firstSeenMs);
    this.conflicts.decided(kept);
    const own = wallet.take(kept);
    const accepted = batch.flatMap(({ decision }) => (decision.kind === 'accepted' ? [decision.entry] : []));
    const news = this.sync.takeNews(accepted);
    // What a light node fetched of a history is no news to those that it came from.
    serving.announce(this.#mode === 'light' ? news.filter(({ txid }) => own.includes(txid)) : news);
    if (accepted.length > 0) reporter.changed();
    progress.take(accepted.length);
    this.sync.grown();
    this.acceptances.take(batch);
    if (own.length > 0) this.#watchCoins();
    keeper.took(own);
    keeper.look();
    if (own.length > 0) live.refresh().catch(this.#options.failed);
    this.#options.changed();
  }

  /** This node has gone over to another side: peers are told, and coins and history are counted anew. */
  async #switched({ accepted }: Switch): Promise<void> {
    const { serving, reporter, wallet, live } = this.#parts;
    serving.announce(accepted);
    reporter.changed();
    await wallet.count();
    this.acceptances.switched(accepted);
    this.#options.changed();
    await live.refresh();
    await wallet.loadNotes();
    this.#options.changed();
  }

  async #delivered(txids: readonly TxId[], deliveredMs: number): Promise<void> {
    if (this.#stopped) return;
    await this.acceptor.quiet(() => this.#options.store.commit({ amended: txids.map((txid) => ({ txid, deliveredMs })) }));
  }

  /** On a light node, others are asked about the coins of the wallet that others have paid. */
  #watchCoins(): void {
    if (this.#mode !== 'light') return;
    for (const { locator, amount } of this.coins.slice(-MAX_SUBJECTS)) {
      const txid = txidOf(locator);
      if (this.ledger.find(txid)?.sender !== this.owner)
        this.#parts.witness.watch({ txid, owner: this.owner, amount }, this.conflicts.standingOf(txid).stage === 'confirmed');
    }
  }

  /** Looks at the same network as another owner. */
  async setOwner(owner: Address): Promise<void> {
    await this.#parts.wallet.setOwner(owner);
    await this.#parts.live.refresh();
    this.#options.changed();
  }

  /** Looks whether the store is still there. @throws {TtxError} `storage-lost` */
  async check(): Promise<void> {
    await this.#options.store.loadWants();
  }

  /** What this node holds in memory of what its store held. */
  rescue(): Rescued {
    return { files: this.#parts.live.files(), wants: this.acceptances.wants() };
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
    return this.#parts.wallet.owner;
  }

  get locator(): Locator {
    return locator(this.network.infohash, this.network.id);
  }

  get coins(): readonly SpendableCoin[] {
    return this.#parts.wallet.coins;
  }

  /**
   * What may be spent now, each list longer than the one before: what nobody else can take back, if no peer counts it elsewhere; also if one
   * does; also what others have just paid. Contested coins never.
   */
  spendable(): readonly (readonly SpendableCoin[])[] {
    const stageOf = (txid: TxId) => this.conflicts.standingOf(txid).stage;
    const usable = this.coins.filter(({ locator }) => stageOf(txidOf(locator)) !== 'contested');
    const differing = this.forks.counter();
    const isFirm = firmness(this.owner, this.ledger, stageOf);
    const firm = usable.filter(({ locator }) => isFirm(txidOf(locator)));
    return [firm.filter(({ locator }) => differing(txidOf(locator)) === 0), firm, usable];
  }

  /** Transactions that a payment of the wallet may vouch for. */
  tips(): readonly TxId[] {
    return this.conflicts.tips(new Set(this.coins.map((coin) => txidOf(coin.locator))));
  }

  /** Asks peers whether the same words on another device have spent these coins; what they show changes the wallet. */
  lookUp(coins: Iterable<Locator>): void {
    this.conflicts.lookUp([...coins].map((coin) => coinId(txidOf(coin), this.owner)));
  }

  /** The payment that was made under `jobId`, however long ago. */
  findPaid(jobId: string): Promise<TxId | undefined> {
    return this.#options.store.findPaid(jobId);
  }

  /** Connects this device with one beside it, without a tracker. */
  get pairing(): Pairable {
    return this.#options.swarm;
  }

  get balance(): Balance {
    return this.#parts.wallet.balance;
  }

  syncProgress(): SyncState | undefined {
    return this.#mode === 'light' ? undefined : this.#parts.progress.state();
  }

  seeds(): readonly SeedState[] {
    return this.#parts.live.states();
  }

  /** Coins of the development network. @returns false when the wallet has had them @throws {TtxError} `leaf-taken` */
  takeTestCoins(): Promise<boolean> {
    return takeTestCoins(this.owner, this.ledger, this.acceptor);
  }

  /** Starts accepting the payment of a proof file; the history that comes with it is checked first. @returns the acceptance's id */
  async acceptFile(id: string, { infohash, network, trackers, files }: ProofFile): Promise<string> {
    // The payment itself comes last and is accepted as one, so that it is known which is new.
    if (network === undefined || network === this.locator) await this.acceptor.accept(files.slice(0, -1));
    const file = files.at(-1);
    return this.acceptances.start(id, { infohash, txid: file && txidFromBytes(sha256(file)), network, trackers, file });
  }
}
