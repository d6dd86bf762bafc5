/** The whole node behind {@link NodeApi}: wallets, networks, jobs, and the one network that is open. */
import { bytesToHex } from '@noble/hashes/utils.js';
import type {
  ActivityEntry,
  FoundRequest,
  HostFacts,
  NetworkSummary,
  NodeApi,
  NodeState,
  OpenNetwork,
  PaymentRequest,
  Proof,
  Quote,
  Settings,
  TrackerState,
  TransactionDetail,
} from '../api/node.ts';
import { addressOf, DEFAULT_HRP } from '../core/address.ts';
import { networkOf } from '../core/decide.ts';
import { isTtxError, TtxError } from '../core/error.ts';
import { type Address, type Locator, locator, type TxId } from '../core/id.ts';
import { isTrackerUrl, parseLink } from '../core/link.ts';
import { decodeProofFile } from '../core/proof-file.ts';
import { isFileOf } from '../core/torrent.ts';
import { decodeTransaction } from '../core/transaction.ts';
import type { Swarm } from '../net/swarm.ts';
import type { Storage, StoredNetwork, StoredSettings, Vault } from '../storage/store.ts';
import type { Verifier } from './accept.ts';
import { isDismissal } from './acceptance.ts';
import type { Clock, Random } from './clock.ts';
import { buildGenesis, fetchGenesis } from './genesis.ts';
import { type JobHandle, Jobs } from './jobs.ts';
import { Keyring } from './keyring.ts';
import { bitsForOneSecond, MAX_WORK_BITS, type Miner } from './miner.ts';
import { NetworkNode } from './network-node.ts';
import { makePayment, type Payer, quotePayment } from './payments.ts';
import { Serial } from './serial.ts';

/** One state per frame is all a screen can show. */
const PUBLISH_MS = 16;
const RECENT_ACTIVITY = 50;
const MAX_ACTIVITY_PAGE = 1_000;
/** Work level while the device has not been measured. */
const GUESSED_WORK_BITS = 18;

export interface NodeOptions {
  readonly storage: Storage;
  /** Makes a swarm for the network that is opened; it is stopped with it. */
  readonly createSwarm: () => Swarm;
  readonly miner: Miner;
  readonly verify: Verifier;
  readonly clock: Clock;
  readonly random: Random;
  /** Name and version told to peers. */
  readonly software: string;
  /** Genesis file of the development network, where a first visit is; undefined for none. */
  readonly devnet: Uint8Array | undefined;
  /** Resolves when a tab is gone, however it went. */
  readonly gone: (tab: string) => Promise<void>;
}

/** See {@link NodeApi}. */
export class Node implements NodeApi {
  readonly #options: NodeOptions;
  readonly #jobs = new Jobs(() => this.#changed());
  /** Opening, leaving and joining change which network is open: one at a time. */
  readonly #opening = new Serial();
  /** Two payments must not choose the same coin. */
  readonly #paying = new Serial();
  readonly #networks = new Map<TxId, StoredNetwork>();
  /** Genesis files that came inside proof files: joining their networks needs nobody online. */
  readonly #genesisAtHand = new Map<Locator, Uint8Array>();
  #vault: Vault | undefined;
  #keyring: Keyring | undefined;
  #open: NetworkNode | undefined;
  #settings: StoredSettings = {};
  #persisted: Settings['persisted'] = 'unknown';
  #facts: HostFacts = { trackers: [], webrtc: true };
  #trouble: TtxError | undefined;
  readonly #listeners = new Map<string, (state: NodeState) => void>();
  #starting: Promise<void> | undefined;
  #isOpening = false;
  #publishing = false;
  #stopped = false;

  constructor(options: NodeOptions) {
    this.#options = options;
  }

  async start(tab: string, facts: HostFacts, listener: (state: NodeState) => void): Promise<void> {
    this.#listeners.set(tab, listener);
    this.#options.gone(tab).then(() => this.leave(tab));
    this.#starting ??= this.#start(facts);
    await this.#starting;
    listener(this.#state());
  }

  async ping(): Promise<void> {}

  async leave(tab: string): Promise<void> {
    this.#listeners.delete(tab);
  }

  async #start(facts: HostFacts): Promise<void> {
    const { storage, clock, random } = this.#options;
    this.#facts = facts;
    this.#vault = await storage.openVault();
    const { wallets, networks, settings } = await this.#vault.load();
    this.#settings = settings;
    for (const network of networks) this.#networks.set(network.id, network);
    this.#keyring = await Keyring.open(this.#vault, clock, random, wallets, settings.walletId);
    if (!facts.webrtc) this.#trouble = new TtxError('unsupported', { what: 'WebRTC' });
    this.#openFirst().catch((error) => this.#failed(error));
  }

  /** The network that was open last; on a first visit the development network. */
  async #openFirst(): Promise<void> {
    const last = this.#settings.networkId === undefined ? undefined : this.#networks.get(this.#settings.networkId);
    if (last !== undefined) return this.openNetwork(last.id);
    const { devnet } = this.#options;
    if (devnet !== undefined && this.#networks.size === 0 && this.#settings.leftDevnet !== true) await this.#join(devnet, []);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#jobs.cancelAll();
    await this.#opening.run(() => this.#closeNetwork());
    await this.#vault?.close();
  }

  // Wallets

  async loadWords(): Promise<readonly string[]> {
    return this.#keys.words();
  }

  async confirmBackup(): Promise<void> {
    await this.#keys.confirmBackup();
    this.#changed();
  }

  async restoreWallet(words: string): Promise<void> {
    await this.#keys.restore(words);
    await this.#open?.setOwner(this.#owner());
    this.#changed();
  }

  async switchWallet(id: string): Promise<void> {
    await this.#keys.use(id);
    await this.#open?.setOwner(this.#owner());
    this.#changed();
  }

  // Networks

  foundNetwork(jobId: string, request: FoundRequest): Promise<NetworkSummary> {
    return this.#jobs.run(jobId, 'found', async (job) => {
      const { miner, clock } = this.#options;
      const keys = this.#keys;
      const genesis = await buildGenesis(request, {
        key: keys.publicKey,
        sign: (draft, nonce) => keys.sign(draft, nonce),
        miner,
        clock,
        job,
      });
      return this.#join(genesis, []);
    });
  }

  joinNetwork(jobId: string, link: string): Promise<NetworkSummary> {
    return this.#jobs.run(jobId, 'join', async (job) => {
      const parsed = parseLink(link);
      if (parsed.kind !== 'invitation' && parsed.kind !== 'magnet') throw new TtxError('link', { what: 'invitation' });
      const { magnet } = parsed;
      const joined = [...this.#networks.values()].find(
        ({ locator }) => locator.startsWith(magnet.infohash) && (magnet.txid === undefined || locator.endsWith(magnet.txid)),
      );
      if (joined !== undefined) {
        await this.#addLinkTrackers(joined, magnet.trackers);
        await this.openNetwork(joined.id);
        return summaryOf(joined);
      }
      const { createSwarm } = this.#options;
      const named = magnet.txid && locator(magnet.infohash, magnet.txid);
      const atHand = named && this.#genesisAtHand.get(named);
      const genesis = atHand ?? (await fetchGenesis(magnet, { createSwarm, trackers: this.#facts.trackers, job }));
      return this.#join(genesis, magnet.trackers);
    });
  }

  async #join(genesis: Uint8Array, trackers: readonly string[]): Promise<NetworkSummary> {
    const file = decodeTransaction(genesis);
    const verdict = await this.#options.verify(file.transaction);
    if (verdict !== 'valid') throw new TtxError(verdict);
    const { id } = networkOf(file);
    const nowMs = this.#options.clock.nowMs();
    const stored: StoredNetwork = this.#networks.get(id) ?? {
      id,
      locator: locator(file.infohash, file.txid),
      genesis,
      joinedAtMs: nowMs,
      openedAtMs: nowMs,
      trackers: trackers.filter((url) => !this.#facts.trackers.includes(url)).map((url) => ({ url, source: 'link' })),
      removedTrackers: [],
    };
    await this.#putNetwork(stored);
    await this.openNetwork(id);
    return summaryOf(stored);
  }

  openNetwork(id: TxId): Promise<void> {
    return this.#opening.run(async () => {
      const stored = this.#networks.get(id);
      if (stored === undefined) throw new TtxError('no-network');
      if (this.#open?.network.id === id) return;
      this.#isOpening = true;
      await this.#openStored(stored).finally(() => {
        this.#isOpening = false;
      });
    });
  }

  leaveNetwork(id: TxId): Promise<void> {
    return this.#opening.run(async () => {
      if (this.#open?.network.id === id) await this.#closeNetwork();
      if (id === this.#devnetId()) await this.#putSettings({ leftDevnet: true });
      await this.#vaultOpen.deleteNetwork(id);
      this.#networks.delete(id);
      await this.#options.storage.deleteStore(id);
      this.#changed();
      const [next] = this.#byLastOpened();
      if (this.#open === undefined && next !== undefined) await this.#openStored(next);
    });
  }

  async #openStored(stored: StoredNetwork): Promise<void> {
    const { storage, createSwarm, clock, verify, software } = this.#options;
    await this.#closeNetwork();
    if (this.#stopped) return;
    const store = await storage.openStore(stored.id);
    const node = new NetworkNode({
      network: networkOf(decodeTransaction(stored.genesis)),
      genesis: stored.genesis,
      store,
      swarm: createSwarm(),
      clock,
      verify,
      owner: this.#owner(hrpOf(stored)),
      trackers: this.#trackersOf(stored),
      software,
      isJoined: (locator) => [...this.#networks.values()].some((network) => network.locator === locator),
      changed: () => this.#changed(),
      failed: (error) => this.#failed(error),
    });
    this.#open = node;
    await this.#putNetwork({ ...stored, openedAtMs: clock.nowMs() });
    await this.#putSettings({ networkId: stored.id });
    await node.start();
    this.#changed();
  }

  async #closeNetwork(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await this.#paying.idle();
    await open?.stop();
    this.#changed();
  }

  async loadInvitation(): Promise<Proof> {
    const open = await this.#ready();
    return open.loadProof(open.network.id);
  }

  async addTracker(url: string): Promise<void> {
    if (!isTrackerUrl(url)) throw new TtxError('link', { what: 'tracker' });
    await this.#changeTrackers((stored) => ({
      ...stored,
      removedTrackers: stored.removedTrackers.filter((removed) => removed !== url),
      trackers:
        this.#trackersOf(stored).includes(url) || this.#facts.trackers.includes(url)
          ? stored.trackers
          : [...stored.trackers, { url, source: 'user' }],
    }));
  }

  async removeTracker(url: string): Promise<void> {
    await this.#changeTrackers((stored) => ({
      ...stored,
      trackers: stored.trackers.filter((tracker) => tracker.url !== url),
      removedTrackers: this.#facts.trackers.includes(url) ? [...stored.removedTrackers, url] : stored.removedTrackers,
    }));
  }

  async #changeTrackers(change: (stored: StoredNetwork) => StoredNetwork): Promise<void> {
    const open = await this.#ready();
    const stored = this.#networks.get(open.network.id);
    if (stored === undefined) throw new TtxError('no-network');
    const changed = change(stored);
    await this.#putNetwork(changed);
    open.setTrackers(this.#trackersOf(changed));
    this.#changed();
  }

  /** A second invitation may know trackers that the first did not. */
  async #addLinkTrackers(stored: StoredNetwork, urls: readonly string[]): Promise<void> {
    const known = [...this.#trackersOf(stored), ...this.#facts.trackers];
    const fresh = urls.filter((url) => !known.includes(url));
    if (fresh.length === 0) return;
    const changed: StoredNetwork = { ...stored, trackers: [...stored.trackers, ...fresh.map((url) => ({ url, source: 'link' as const }))] };
    await this.#putNetwork(changed);
    if (this.#open?.network.id === stored.id) this.#open.setTrackers(this.#trackersOf(changed));
  }

  #trackersOf(stored: StoredNetwork): readonly string[] {
    const app = this.#facts.trackers.filter((url) => !stored.removedTrackers.includes(url));
    return [...new Set([...app, ...stored.trackers.map((tracker) => tracker.url)])];
  }

  async claimTestCoins(): Promise<boolean> {
    const open = await this.#ready();
    if (open.network.id !== this.#devnetId()) throw new TtxError('no-network');
    return this.#paying.run(() => open.claimTestCoins());
  }

  #devnetId(): TxId | undefined {
    const { devnet } = this.#options;
    return devnet && decodeTransaction(devnet).txid;
  }

  // Payments

  async quote(request: PaymentRequest): Promise<Quote> {
    return quotePayment(await this.#payer(), request);
  }

  pay(jobId: string, request: PaymentRequest, agreed: Quote): Promise<Proof> {
    return this.#jobs.run(jobId, 'pay', (job: JobHandle) =>
      this.#paying.run(async () => {
        const payer = await this.#payer();
        // The tab that made it may have been closed before it could answer: then asking again finds the payment made.
        const txid = (await payer.node.findPaid(jobId)) ?? (await makePayment(payer, request, agreed, { ...job, id: jobId }));
        return payer.node.loadProof(txid);
      }),
    );
  }

  async cancelJob(jobId: string): Promise<void> {
    this.#jobs.cancel(jobId);
  }

  async loadProof(txid: TxId): Promise<Proof> {
    return (await this.#ready()).loadProof(txid);
  }

  async loadProofFile(txid: TxId): Promise<Uint8Array> {
    return (await this.#ready()).loadProofFile(txid);
  }

  async accept(link: string): Promise<string> {
    const parsed = parseLink(link);
    if (parsed.kind !== 'magnet' && parsed.kind !== 'invitation') throw new TtxError('link', { what: 'payment' });
    return (await this.#ready()).acceptances.start(this.#newId(), parsed.magnet);
  }

  async acceptFile(file: Uint8Array): Promise<string> {
    const proof = decodeProofFile(file);
    const genesis = proof.files.find((candidate) => proof.network !== undefined && isFileOf(proof.network, candidate));
    if (proof.network !== undefined && genesis !== undefined) this.#genesisAtHand.set(proof.network, genesis);
    return (await this.#ready()).acceptFile(this.#newId(), proof);
  }

  #newId(): string {
    return bytesToHex(this.#options.random(8));
  }

  async dismissAcceptance(id: string): Promise<void> {
    await this.#open?.acceptances.dismiss(id);
  }

  async loadActivity(offset: number, count: number): Promise<readonly ActivityEntry[]> {
    return (await this.#ready()).activity(offset, Math.min(count, MAX_ACTIVITY_PAGE));
  }

  async loadTransaction(txid: TxId): Promise<TransactionDetail> {
    return (await this.#ready()).loadTransaction(txid);
  }

  async setWorkBits(bits: number | 'auto'): Promise<void> {
    if (bits !== 'auto' && !(Number.isInteger(bits) && bits >= 0 && bits <= MAX_WORK_BITS))
      throw new TtxError('network-parameters', { what: 'work' });
    await this.#putSettings({ workBits: bits });
  }

  async setPersisted(persisted: Settings['persisted']): Promise<void> {
    this.#persisted = persisted;
    this.#changed();
  }

  async #payer(): Promise<Payer> {
    const { miner, clock } = this.#options;
    const node = await this.#ready();
    const keys = this.#keys;
    const { workBits = 'auto', triesPerSec } = this.#settings;
    if (workBits === 'auto' && triesPerSec === undefined) await this.#putSettings({ triesPerSec: await miner.measure() });
    return {
      node,
      key: keys.publicKey,
      miner,
      clock,
      workBits: workBits === 'auto' ? this.#settingsState().autoWorkBits : workBits,
      sign: (draft, nonce) => keys.sign(draft, nonce),
    };
  }

  // What is open, or a plain error

  get #keys(): Keyring {
    if (this.#keyring === undefined) throw new TtxError('no-wallet');
    return this.#keyring;
  }

  get #vaultOpen(): Vault {
    if (this.#vault === undefined) throw new TtxError('no-wallet');
    return this.#vault;
  }

  /** The open network, once it has read what it keeps: a link may be opened while the app starts. @throws {TtxError} `no-network` */
  async #ready(): Promise<NetworkNode> {
    await this.#opening.idle();
    if (this.#open === undefined) throw new TtxError('no-network');
    return this.#open;
  }

  #owner(hrp = this.#open?.network.parameters.hrp ?? DEFAULT_HRP): Address {
    return addressOf(this.#keys.publicKey, hrp);
  }

  #byLastOpened(): readonly StoredNetwork[] {
    return [...this.#networks.values()].sort((a, b) => b.openedAtMs - a.openedAtMs);
  }

  async #putNetwork(stored: StoredNetwork): Promise<void> {
    await this.#vaultOpen.putNetwork(stored);
    this.#networks.set(stored.id, stored);
  }

  async #putSettings(change: StoredSettings): Promise<void> {
    await this.#vaultOpen.putSettings(change);
    this.#settings = { ...this.#settings, ...change };
    this.#changed();
  }

  // State for the screens

  /** A fault that no caller waits for is shown; the node lives on. */
  #failed(error: unknown): void {
    if (isDismissal(error)) return;
    this.#trouble = isTtxError(error) ? error : new TtxError('bug', { message: String(error).slice(0, 200) });
    this.#changed();
  }

  #changed(): void {
    if (this.#publishing || this.#stopped) return;
    this.#publishing = true;
    this.#options.clock.after(PUBLISH_MS, () => {
      this.#publishing = false;
      if (!this.#stopped) this.#publish();
    });
  }

  #publish(): void {
    if (this.#keyring === undefined || this.#listeners.size === 0) return;
    const state = this.#state();
    for (const listener of this.#listeners.values()) listener(state);
  }

  #state(): NodeState {
    const keys = this.#keys;
    const hrp = this.#open?.network.parameters.hrp ?? DEFAULT_HRP;
    return {
      wallet: { id: keys.id, address: this.#owner(hrp), backedUpAtMs: keys.backedUpAtMs, wallets: keys.list(hrp) },
      networks: this.#byLastOpened().map(summaryOf),
      network: this.#openState(),
      isOpening: this.#isOpening,
      acceptances: this.#open?.acceptances.list() ?? [],
      jobs: this.#jobs.list(),
      settings: this.#settingsState(),
      trouble: this.#trouble && { code: this.#trouble.code, detail: this.#trouble.detail },
    };
  }

  #openState(): OpenNetwork | undefined {
    const open = this.#open;
    const stored = open && this.#networks.get(open.network.id);
    if (open === undefined || stored === undefined) return undefined;
    return {
      ...summaryOf(stored),
      isDevnet: stored.id === this.#devnetId(),
      parameters: open.network.parameters,
      supply: open.ledger.supply,
      transactions: open.ledger.size,
      pending: open.acceptor.pool.size,
      toFetch: open.exchange.toFetch,
      balance: open.balance,
      activity: open.activity(0, RECENT_ACTIVITY),
      activityTotal: open.activityTotal,
      trackers: this.#trackerStates(open, stored),
      peers: open.exchange.peers().map(({ ready, ...peer }) => ({ ...peer, status: ready ? 'ready' : 'greeting' })),
      seeds: open.seeds(),
    };
  }

  #trackerStates(open: NetworkNode, stored: StoredNetwork): readonly TrackerState[] {
    const status = new Map(open.trackerStatus().map((tracker) => [tracker.url, tracker.status]));
    const source = new Map(stored.trackers.map((tracker) => [tracker.url, tracker.source]));
    return this.#trackersOf(stored).map((url) => ({ url, status: status.get(url) ?? 'connecting', source: source.get(url) ?? 'app' }));
  }

  #settingsState(): Settings {
    const { workBits = 'auto', triesPerSec } = this.#settings;
    const autoWorkBits = triesPerSec === undefined ? GUESSED_WORK_BITS : bitsForOneSecond(triesPerSec);
    return { workBits, autoWorkBits, persisted: this.#persisted };
  }
}

function hrpOf(stored: StoredNetwork): string {
  return networkOf(decodeTransaction(stored.genesis)).parameters.hrp;
}

function summaryOf(stored: StoredNetwork): NetworkSummary {
  const { id, locator, joinedAtMs, genesis } = stored;
  const { name, hrp } = networkOf(decodeTransaction(genesis)).parameters;
  return { id, locator, name, hrp, joinedAtMs };
}
