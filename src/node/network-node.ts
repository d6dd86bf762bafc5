/**
 * The node of one network: its ledger, peers, wallet and seeds. Data flows one way: exchange, acceptances and payments give
 * files to the acceptor; what it decided comes back through `#decided` to whoever shows, serves or announces it.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { NetworkMode, SeedState, StorageState, SyncState } from '../api/node.ts';
import type { Switch } from '../core/contest-switch.ts';
import type { Network } from '../core/decide.ts';
import { type Address, amount, coinId, type Locator, locator, type TxId, txidFromBytes, txidOf } from '../core/id.ts';
import { Ledger } from '../core/ledger.ts';
import type { SpendableCoin } from '../core/payment.ts';
import type { ProofFile } from '../core/proof-file.ts';
import type { Pairable, Swarm, SwarmConditions, TrackerStatus } from '../net/swarm.ts';
import type { Store, Want } from '../storage/store.ts';
import type { Clock } from '../time/clock.ts';
import { Conflicts } from './contest/conflicts.ts';
import { Forks } from './contest/forks.ts';
import type { VoteBits, VoteSearch } from './contest/voting.ts';
import { History } from './history.ts';
import { Acceptor, type Decided, type Verifier } from './ledger/accept.ts';
import { ConeKeeper } from './ledger/cone-keeper.ts';
import { replay } from './ledger/replay.ts';
import { LightNews } from './light/light-news.ts';
import { MAX_SUBJECTS, Witness } from './light/witness.ts';
import { Exchange } from './peers/exchange.ts';
import { Fetcher } from './peers/fetcher.ts';
import { Holders } from './peers/holders.ts';
import { Introductions } from './peers/introductions.ts';
import { LiveTorrents } from './peers/live-torrents.ts';
import { Reporter } from './peers/reporter.ts';
import { Serving } from './peers/serving.ts';
import { Sync } from './peers/sync.ts';
import { SyncProgress } from './peers/sync-progress.ts';
import { Proofs } from './proofs.ts';
import { Acceptances } from './wallet/acceptance.ts';
import { Attachments } from './wallet/attachments.ts';
import { firmness } from './wallet/firmness.ts';
import { takeTestCoins } from './wallet/test-coins.ts';
import { summarize, Wallet } from './wallet/wallet.ts';

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
  /** Bytes that the store may take up before files of strangers' payments are dropped; no bound if absent. */
  readonly storageBudgetBytes?: number;
  /** Absent: full. */
  readonly mode?: NetworkMode;
  /** Kept in memory by the node that ran before, whose store was deleted. */
  readonly rescued?: Rescued;
  /** Resolves when the page has drawn what there is: going online takes all that a slow phone has. */
  readonly isDrawn: Promise<void>;
  /** 0 ≤ x < 1; spreads votes over time. */
  readonly random?: () => number;
  /** Absent: this node never votes. */
  readonly voteSearch?: VoteSearch;
  /** Absent: votes are hashed. */
  readonly voteBits?: VoteBits;
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
  readonly fetcher: Fetcher;
  readonly #holders: Holders;
  readonly sync: Sync;
  readonly conflicts: Conflicts;
  readonly forks: Forks;
  readonly attachments: Attachments;
  readonly history: History;
  readonly proofs: Proofs;
  readonly #reporter: Reporter;
  readonly #serving: Serving;
  readonly #live: LiveTorrents;
  readonly #progress: SyncProgress;
  readonly #keeper: ConeKeeper;
  readonly #news: LightNews;
  readonly #witness: Witness;
  readonly #options: NetworkNodeOptions;
  readonly #seenAtMs = new Map<TxId, number>();
  #wallet: Wallet | undefined;
  #owner: Address;
  #stopped = false;
  #trackers: readonly string[];
  #mode: NetworkMode;

  constructor(options: NetworkNodeOptions) {
    this.#options = options;
    this.network = options.network;
    this.#owner = options.owner;
    this.#trackers = options.trackers;
    this.#mode = options.mode ?? 'full';
    const isLight = () => this.#mode === 'light';
    const { store, clock, verify, swarm, changed, failed, isJoined, software } = options;
    this.ledger = new Ledger(options.network);
    this.acceptor = new Acceptor({ store, ledger: this.ledger, clock, verify, decided: (batch) => this.#decided(batch) });
    this.acceptor.pool.isDeep = isLight();
    this.#news = new LightNews({
      ledger: this.ledger,
      acceptor: this.acceptor,
      fetcher: () => this.fetcher,
      clock,
      owner: () => this.#owner,
      isLight,
      failed,
    });
    this.fetcher = new Fetcher({
      ledger: this.ledger,
      acceptor: this.acceptor,
      clock,
      news: {
        choose: (...news) => this.#news.choose(...news),
        keeps: (txid, bytes) => !this.#keeper.takeBack(txid, bytes) && this.#news.keeps(txid, bytes),
      },
      awaited: () => this.acceptances.look(),
      changed,
      failed,
    });
    this.#holders = new Holders({ clock, delivered: (txids, sinceMs) => this.#delivered(txids, sinceMs).catch(failed) });
    this.#serving = new Serving({ store, failed });
    this.#reporter = new Reporter({
      ledger: this.ledger,
      clock,
      isLight,
      isCatchingUp: () => this.sync.isCatchingUp,
      prepared: () => this.sync.grown(),
      failed,
    });
    this.sync = new Sync({
      ledger: this.ledger,
      clock,
      isLight,
      state: () => this.#reporter.recent(),
      want: (peer, txids) => this.fetcher.want(peer, txids),
      awaitedOf: (peer) => this.fetcher.announcedBy(peer),
      compared: (peer, holds) => this.#holders.compare(peer, holds),
      changed,
    });
    this.conflicts = new Conflicts({
      ledger: this.ledger,
      acceptor: this.acceptor,
      store,
      clock,
      random: options.random ?? Math.random,
      voteSearch: options.voteSearch,
      voteBits: options.voteBits,
      isGood: () => !this.sync.isCatchingUp,
      holdersOf: (txid) => this.#holders.of(txid),
      couldHold: (txid) => this.#holders.couldHold(txid),
      isLight,
      isOfConcern: (file) => this.#news.isOfConcern(file),
      switched: (change) => this.#switched(change).catch(failed),
      changed,
      failed,
    });
    this.forks = new Forks({
      ledger: this.ledger,
      switching: this.conflicts.switching,
      owner: () => this.#owner,
      balance: () => this.balance,
      describe: (entry) => summarize(entry, this.#owner),
      peers: () => this.exchange.peers().flatMap(({ id, ready }) => (ready ? [id] : [])),
      relationTo: (peerId) => this.sync.relationTo(peerId),
      holdersOf: (txid) => this.#holders.of(txid),
      seenAtMs: (txid) => this.#seenAtMs.get(txid) ?? 0,
    });
    this.#witness = new Witness({
      ledger: this.ledger,
      clock,
      isLight,
      ask: (coins, peers) => this.conflicts.spending.ask(coins, peers),
      proved: (peer, txid) => this.#holders.proved(peer, txid),
      disputed: (_, file) => this.#news.pursue(file),
      changed,
    });
    this.exchange = new Exchange({
      ledger: this.ledger,
      clock,
      software,
      mode: () => this.storage.mode,
      summary: () => this.#reporter.summary(),
      topics: [
        this.#holders,
        this.fetcher,
        this.sync,
        this.#reporter,
        this.#serving,
        this.conflicts,
        this.#witness,
        new Introductions({ swarm, clock }),
      ],
      ask: (peer) => this.fetcher.ask(peer, this.network.id),
      changed,
    });
    this.#progress = new SyncProgress({
      clock,
      held: () => this.ledger.size,
      peers: () => this.exchange.peers().map(({ transactions }) => transactions),
      isBusy: () => this.sync.isCatchingUp || this.fetcher.size > 0,
    });
    this.#live = new LiveTorrents({
      ledger: this.ledger,
      swarm,
      store,
      clock,
      genesis: options.genesis,
      payments: () => this.#wallet?.txids() ?? [],
      coins: () => this.coins,
      strength: (txid) => this.#holders.of(txid).size,
      failed,
    });
    this.attachments = new Attachments({
      store,
      swarm,
      clock,
      budgetBytes: () => this.storage.budgetBytes,
      trackers: () => this.#trackers,
      quiet: (task) => this.acceptor.quiet(task),
      changed,
      failed,
    });
    this.history = new History({
      ledger: this.ledger,
      store,
      wallet: () => this.#wallet,
      owner: () => this.#owner,
      conflicts: this.conflicts,
      forks: this.forks,
      holders: this.#holders,
      witness: this.#witness,
      attachments: this.attachments,
      plainHolders: () => this.#plainHolders(),
      seenAtMs: (txid) => this.#seenAtMs.get(txid) ?? 0,
    });
    this.proofs = new Proofs({
      ledger: this.ledger,
      store,
      network: this.locator,
      trackers: () => this.#trackers,
      open: (txid, bytes) => this.#live.open(txid, bytes),
    });
    this.#keeper = new ConeKeeper({
      ledger: this.ledger,
      store,
      clock,
      budgetBytes: options.storageBudgetBytes ?? Number.POSITIVE_INFINITY,
      otherBytes: () => this.attachments.usedBytes,
      // Without the genesis nobody could be invited.
      roots: () => [
        this.network.id,
        ...this.coins.map((coin) => txidOf(coin.locator)),
        ...this.acceptances.list().flatMap(({ txid }) => txid ?? []),
      ],
      own: () => this.#wallet?.txids() ?? [],
      quiet: (task) => this.acceptor.quiet(task),
      urge: (txids) => this.fetcher.urge(txids),
      lightened: () => this.exchange.greetAgain(),
      changed,
      failed,
    });
    this.acceptances = new Acceptances({
      ledger: this.ledger,
      acceptor: this.acceptor,
      exchange: this.exchange,
      fetcher: this.fetcher,
      holders: this.#holders,
      witnessesOf: (txid) => this.#witness.of(txid),
      swarm,
      store,
      clock,
      owner: () => this.#owner,
      isJoined,
      changed,
      failed,
    });
  }

  /** What it takes up on this device. */
  get storage(): StorageState {
    const kept = this.#keeper.describe();
    return { ...kept, mode: this.#mode === 'light' ? 'light' : kept.mode, chosen: this.#mode };
  }

  /** Peers hear of it at once. Full from now on, it fetches everything; light, it keeps what it has and follows no more. */
  setMode(mode: NetworkMode): void {
    if (mode === this.#mode) return;
    this.#mode = mode;
    this.acceptor.pool.isDeep = mode === 'light';
    this.exchange.greetAgain();
    this.sync.turned();
    if (mode === 'full') this.#witness.stop();
    else this.#watchCoins();
    this.#options.changed();
  }

  setStorageBudget(bytes: number): void {
    this.#keeper.setBudget(bytes);
  }

  /** Reads what is kept; resolves when it can be read and spent. Going online follows by itself. */
  async start(): Promise<void> {
    const { swarm, store, genesis, trackers, rescued, changed, failed } = this.#options;
    await replay(store, this.ledger, (stored) => {
      const { entry, firstSeenMs, deliveredMs } = stored;
      this.conflicts.restore(stored);
      this.#seenAtMs.set(entry.txid, firstSeenMs);
      if (deliveredMs !== undefined) this.#holders.remember(entry.txid);
    });
    this.conflicts.restored();
    if (this.ledger.find(this.network.id) === undefined) await this.acceptor.accept([genesis]);
    if (rescued !== undefined) {
      await store.commit({ wanted: rescued.wants });
      await this.acceptor.accept(rescued.files);
    }
    await this.#openWallet();
    this.#watchCoins();
    swarm.setTrackers(trackers);
    await this.#live.start();
    await this.acceptances.resume();
    changed();
    this.#goOnline().catch(failed);
  }

  async #goOnline(): Promise<void> {
    const { swarm, isDrawn, changed } = this.#options;
    await isDrawn;
    if (this.#stopped) return;
    this.#reporter.changed();
    this.#keeper.start();
    await swarm.start({
      peer: (peer) => this.exchange.join(peer),
      message: (peer, message) => this.exchange.receive(peer, message),
      gone: (peer) => this.exchange.leave(peer),
      changed,
    });
    this.#live.rotate();
    changed();
    if (!this.#stopped) await this.attachments.start();
  }

  /** Goes offline and closes the store after what is being written. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.acceptances.stop();
    this.attachments.stop();
    this.conflicts.stop();
    this.#news.stop();
    this.#live.stop();
    this.#keeper.stop();
    await this.#options.swarm.stop();
    await this.acceptor.idle();
    await this.#options.store.close();
  }

  #decided(batch: readonly Decided[]): void {
    // A rival of too many is told to be conflicted and forgotten: nothing that grows may remember it.
    const kept = batch.filter(({ file }) => this.ledger.find(file.txid) !== undefined);
    for (const { file, firstSeenMs } of kept) this.#seenAtMs.set(file.txid, firstSeenMs);
    this.conflicts.decided(kept);
    const own = this.#wallet?.take(kept) ?? [];
    for (const txid of own) this.#holders.track(txid);
    const accepted = batch.flatMap(({ decision }) => (decision.kind === 'accepted' ? [decision.entry] : []));
    const news = this.sync.takeNews(accepted);
    // What a light node fetched of a history is no news to those that it came from.
    this.#serving.announce(this.#mode === 'light' ? news.filter(({ txid }) => own.includes(txid)) : news);
    if (accepted.length > 0) this.#reporter.changed();
    this.#progress.take(accepted.length);
    this.sync.grown();
    this.acceptances.take(batch);
    if (own.length > 0) this.#watchCoins();
    this.#keeper.took(own);
    this.#keeper.look();
    if (own.length > 0) this.#live.refresh().catch(this.#options.failed);
    this.#options.changed();
  }

  /** This node has gone over to another side: peers are told, and coins and history are counted anew. */
  async #switched({ accepted }: Switch): Promise<void> {
    this.#serving.announce(accepted);
    this.#reporter.changed();
    await this.#openWallet();
    this.acceptances.switched(accepted);
    await this.#live.refresh();
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
      if (this.ledger.find(txid)?.sender !== this.#owner)
        this.#witness.watch({ txid, owner: this.#owner, amount }, this.conflicts.standingOf(txid).stage === 'confirmed');
    }
  }

  async #openWallet(): Promise<void> {
    const seenAtMs = (txid: TxId) => this.#seenAtMs.get(txid) ?? 0;
    // Nothing may be decided between the scan and the swap, or it would be missed.
    const wallet = await this.acceptor.quiet(() => Wallet.load(this.#owner, this.ledger, this.#options.store, seenAtMs));
    this.#wallet = wallet;
    for (const txid of wallet.txids()) this.#holders.track(txid);
  }

  /** Looks at the same network as another owner. */
  async setOwner(owner: Address): Promise<void> {
    this.#owner = owner;
    await this.#openWallet();
    await this.#live.refresh();
    this.#options.changed();
  }

  /** Looks whether the store is still there. @throws {TtxError} `storage-lost` */
  async check(): Promise<void> {
    await this.#options.store.loadWants();
  }

  /** What this node holds in memory of what its store held. */
  rescue(): Rescued {
    return { files: this.#live.files(), wants: this.acceptances.wants() };
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

  /**
   * What may be spent now, in order of preference: what nobody else can take back, if no peer counts it elsewhere; then what others have just paid
   * and what is in dispute, too. Contested coins never.
   */
  spendable(): readonly (readonly SpendableCoin[])[] {
    const stageOf = (txid: TxId) => this.conflicts.standingOf(txid).stage;
    const usable = this.coins.filter(({ locator }) => stageOf(txidOf(locator)) !== 'contested');
    const differing = this.forks.counter();
    const isFirm = firmness(this.#owner, this.ledger, stageOf);
    return [usable.filter(({ locator }) => differing(txidOf(locator)) === 0 && isFirm(txidOf(locator))), usable];
  }

  /** Transactions that a payment of the wallet may vouch for. */
  tips(): readonly TxId[] {
    return this.conflicts.tips(new Set(this.coins.map((coin) => txidOf(coin.locator))));
  }

  /** Asks peers whether the same words on another device have spent these coins; what they show changes the wallet. */
  lookUp(coins: Iterable<Locator>): void {
    this.conflicts.lookUp([...coins].map((coin) => coinId(txidOf(coin), this.#owner)));
  }

  /** The payment that was made under `jobId`, however long ago. */
  findPaid(jobId: string): Promise<TxId | undefined> {
    return this.#options.store.findPaid(jobId);
  }

  /** Connects this device with one beside it, without a tracker. */
  get pairing(): Pairable {
    return this.#options.swarm;
  }

  get balance(): Wallet['balance'] {
    return this.#wallet?.balance ?? { total: amount(0), coins: 0 };
  }

  syncProgress(): SyncState | undefined {
    return this.#mode === 'light' ? undefined : this.#progress.state();
  }

  /** Peers with a full bitfield, by infohash. */
  #plainHolders(): ReadonlyMap<string, readonly string[]> {
    return new Map(this.#options.swarm.status().torrents.map(({ infohash, holders }) => [infohash, holders]));
  }

  seeds(): readonly SeedState[] {
    return this.#live.states();
  }

  /** Coins of the development network. @returns false when the wallet has had them @throws {TtxError} `leaf-taken` */
  takeTestCoins(): Promise<boolean> {
    return takeTestCoins(this.#owner, this.ledger, this.acceptor);
  }

  /** Starts accepting the payment of a proof file; the history that comes with it is checked first. @returns the acceptance's id */
  async acceptFile(id: string, { infohash, network, trackers, files }: ProofFile): Promise<string> {
    // The payment itself comes last and is accepted as one, so that it is known which is new.
    if (network === undefined || network === this.locator) await this.acceptor.accept(files.slice(0, -1));
    const file = files.at(-1);
    return this.acceptances.start(id, { infohash, txid: file && txidFromBytes(sha256(file)), network, trackers, file });
  }
}
