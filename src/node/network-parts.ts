/** What the node of one network is made of, and who asks and tells whom. */
import type { NetworkMode, StorageState } from '../api/node.ts';
import type { Switch } from '../core/contest-switch.ts';
import type { Network } from '../core/decide.ts';
import type { Hashes } from '../core/hashes.ts';
import { type Address, type Locator, locator, type TxId, txidOf } from '../core/id.ts';
import { Ledger } from '../core/ledger.ts';
import type { Swarm } from '../net/swarm.ts';
import type { Store } from '../storage/store.ts';
import type { Clock } from '../time/clock.ts';
import { Conflicts } from './contest/conflicts.ts';
import { Forks } from './contest/forks.ts';
import type { VoteBits, VoteSearch } from './contest/voting.ts';
import { History } from './history.ts';
import { Acceptor, type Decided, type Verifier } from './ledger/accept.ts';
import { ConeKeeper } from './ledger/cone-keeper.ts';
import { LightNews } from './light/light-news.ts';
import { Witness } from './light/witness.ts';
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
import { CurrentWallet } from './wallet/current-wallet.ts';
import { summarize } from './wallet/wallet.ts';

export interface NetworkPartsOptions {
  readonly network: Network;
  /** The genesis file. */
  readonly genesis: Uint8Array;
  readonly store: Store;
  readonly swarm: Swarm;
  readonly clock: Clock;
  readonly verify: Verifier;
  /** Hashes what peers send and the trees of the state; absent: the library's. */
  readonly hashes?: Hashes;
  readonly owner: Address;
  readonly software: string;
  readonly isJoined: (network: Locator) => boolean;
  /** Bytes that the store may take up before files of strangers' payments are dropped; no bound if absent. */
  readonly storageBudgetBytes?: number;
  /** 0 ≤ x < 1; spreads votes over time. */
  readonly random?: () => number;
  /** Absent: this node never votes. */
  readonly voteSearch?: VoteSearch;
  /** Absent: votes are hashed. */
  readonly voteBits?: VoteBits;
  readonly trackers: () => readonly string[];
  readonly mode: () => NetworkMode;
  /** These are decided and on disk. */
  readonly decided: (batch: readonly Decided[]) => void;
  /** This node has gone over to another side. */
  readonly switched: (change: Switch) => Promise<void>;
  /** Somebody else has been known to hold these since that time, as never before. */
  readonly delivered: (txids: readonly TxId[], sinceMs: number) => Promise<void>;
  /** Something a screen shows has changed. Called often. */
  readonly changed: () => void;
  /** A local fault that nobody waits for. */
  readonly failed: (error: unknown) => void;
}

export type NetworkParts = ReturnType<typeof createNetworkParts>;

export function createNetworkParts(options: NetworkPartsOptions) {
  const isLight = () => options.mode() === 'light';
  const { network, store, clock, verify, hashes, swarm, trackers, decided, switched, delivered, changed, failed } = options;
  const ledger = new Ledger(network);
  const firstSeenMs = new Map<TxId, number>();
  const acceptor = new Acceptor({ store, ledger, clock, verify, decided });
  acceptor.pool.isDeep = isLight();
  const news = new LightNews({
    ledger,
    acceptor,
    fetcher: () => fetcher,
    clock,
    owner: () => wallet.owner,
    isLight,
    failed,
  });
  const fetcher = new Fetcher({
    ledger,
    acceptor,
    clock,
    hashes,
    news: {
      choose: (...announced) => news.choose(...announced),
      keeps: (txid, bytes) => !keeper.takeBack(txid, bytes) && news.keeps(txid, bytes),
    },
    awaited: () => acceptances.look(),
    changed,
    failed,
  });
  const holders = new Holders({ clock, delivered: (...news) => delivered(...news).catch(failed) });
  const seenAtMs = (txid: TxId) => firstSeenMs.get(txid) ?? 0;
  const wallet = new CurrentWallet({ ledger, acceptor, holders, store, owner: options.owner, seenAtMs });
  const serving = new Serving({ store, failed });
  const reporter = new Reporter({
    ledger,
    clock,
    hashes,
    isLight,
    isCatchingUp: () => sync.isCatchingUp,
    prepared: () => sync.grown(),
    failed,
  });
  const sync = new Sync({
    ledger,
    clock,
    isLight,
    state: () => reporter.recent(),
    want: (peer, txids) => fetcher.want(peer, txids),
    awaitedOf: (peer) => fetcher.announcedBy(peer),
    compared: (peer, holds) => holders.compare(peer, holds),
    changed,
  });
  const conflicts = new Conflicts({
    ledger,
    acceptor,
    store,
    clock,
    random: options.random ?? Math.random,
    voteSearch: options.voteSearch,
    voteBits: options.voteBits,
    isGood: () => !sync.isCatchingUp,
    holdersOf: (txid) => holders.of(txid),
    couldHold: (txid) => holders.couldHold(txid),
    isLight,
    isOfConcern: (file) => news.isOfConcern(file),
    switched: (change) => switched(change).catch(failed),
    changed,
    failed,
  });
  const forks = new Forks({
    ledger,
    switching: conflicts.switching,
    owner: () => wallet.owner,
    balance: () => wallet.balance,
    describe: (entry) => summarize(entry, wallet.owner),
    peers: () => exchange.peers().flatMap(({ id, ready }) => (ready ? [id] : [])),
    relationTo: (peerId) => sync.relationTo(peerId),
    holdersOf: (txid) => holders.of(txid),
    seenAtMs,
  });
  const witness = new Witness({
    ledger,
    clock,
    isLight,
    ask: (coins, peers) => conflicts.spending.ask(coins, peers),
    proved: (peer, txid) => holders.proved(peer, txid),
    disputed: (_, file) => news.pursue(file),
    changed,
  });
  const exchange = new Exchange({
    ledger,
    clock,
    software: options.software,
    mode: () => storage().mode,
    summary: () => reporter.summary(),
    topics: [holders, fetcher, sync, reporter, serving, conflicts, witness, new Introductions({ swarm, clock })],
    ask: (peer) => fetcher.ask(peer, network.id),
    changed,
  });
  const progress = new SyncProgress({
    clock,
    held: () => ledger.size,
    peers: () => exchange.peers().map(({ transactions }) => transactions),
    isBusy: () => sync.isCatchingUp || fetcher.size > 0,
  });
  const live = new LiveTorrents({
    ledger,
    swarm,
    store,
    clock,
    genesis: options.genesis,
    payments: () => wallet.txids(),
    coins: () => wallet.coins,
    strength: (txid) => holders.of(txid).size,
    failed,
  });
  const attachments = new Attachments({
    store,
    swarm,
    clock,
    budgetBytes: () => storage().budgetBytes,
    trackers,
    quiet: (task) => acceptor.quiet(task),
    changed,
    failed,
  });
  const history = new History({
    ledger,
    store,
    wallet: () => wallet.wallet,
    owner: () => wallet.owner,
    conflicts,
    forks,
    holders,
    witness,
    attachments,
    plainHolders: () => new Map(swarm.status().torrents.map((torrent) => [torrent.infohash, torrent.holders])),
    seenAtMs,
  });
  const proofs = new Proofs({
    ledger,
    store,
    network: locator(network.infohash, network.id),
    trackers,
    open: (txid, bytes) => live.open(txid, bytes),
  });
  const keeper = new ConeKeeper({
    ledger,
    store,
    clock,
    budgetBytes: options.storageBudgetBytes ?? Number.POSITIVE_INFINITY,
    otherBytes: () => attachments.usedBytes,
    // Without the genesis nobody could be invited.
    roots: () => [network.id, ...wallet.coins.map((coin) => txidOf(coin.locator)), ...acceptances.list().flatMap(({ txid }) => txid ?? [])],
    own: () => wallet.txids(),
    quiet: (task) => acceptor.quiet(task),
    urge: (txids) => fetcher.urge(txids),
    lightened: () => exchange.greetAgain(),
    changed,
    failed,
  });
  const storage = (): StorageState => {
    const kept = keeper.describe();
    return { ...kept, mode: isLight() ? 'light' : kept.mode, chosen: options.mode() };
  };
  const acceptances = new Acceptances({
    ledger,
    acceptor,
    exchange,
    fetcher,
    holders,
    witnessesOf: (txid) => witness.of(txid),
    lines: () => history.lines(),
    swarm,
    store,
    clock,
    owner: () => wallet.owner,
    isJoined: options.isJoined,
    changed,
    failed,
  });
  return {
    ledger,
    firstSeenMs,
    acceptor,
    news,
    fetcher,
    holders,
    wallet,
    serving,
    reporter,
    sync,
    conflicts,
    forks,
    witness,
    exchange,
    progress,
    live,
    attachments,
    history,
    proofs,
    keeper,
    storage,
    acceptances,
  };
}
