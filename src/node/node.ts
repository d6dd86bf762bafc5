/** The whole node behind {@link NodeApi}: wallets, networks, jobs, and the one network that is open. */
import { bytesToHex } from '@noble/hashes/utils.js';
import type {
  ActivityEntry,
  Conditions,
  Evidence,
  FollowPreview,
  ForkDetail,
  FoundRequest,
  HostFacts,
  NetworkMode,
  NetworkSummary,
  NodeApi,
  NodeState,
  PaymentRequest,
  Proof,
  Quote,
  Settings,
  TransactionDetail,
  TypedWord,
} from '../api/node.ts';
import { addressOf, DEFAULT_HRP } from '../core/address.ts';
import type { Attachment } from '../core/attachment.ts';
import { isTtxError, TtxError } from '../core/error.ts';
import { type Address, type Infohash, type Locator, locator, type TxId } from '../core/id.ts';
import { parseLink } from '../core/link.ts';
import { decodeProofFile } from '../core/proof-file.ts';
import { isFileOf } from '../core/torrent.ts';
import { decodeTransaction } from '../core/transaction.ts';
import type { Swarm } from '../net/swarm.ts';
import type { Storage } from '../storage/store.ts';
import type { Clock, Random } from '../time/clock.ts';
import { Serial } from '../time/serial.ts';
import { CurrentNetwork, type CurrentNetworkOptions } from './current-network.ts';
import { LastingVault } from './lasting-vault.ts';
import type { Verifier } from './ledger/accept.ts';
import { isDeleted, isStorageFault } from './ledger/watched-store.ts';
import { NetworkBook } from './network-book.ts';
import type { NetworkNode } from './network-node.ts';
import { makePayment, type Payer, quotePayment } from './payments.ts';
import { Preferences } from './preferences.ts';
import { Publisher } from './publisher.ts';
import { describeNetwork } from './state.ts';
import { Surroundings } from './surroundings.ts';
import { isDismissal } from './wallet/dismissal.ts';
import { buildGenesis, fetchGenesis } from './wallet/genesis.ts';
import { type JobHandle, Jobs } from './wallet/jobs.ts';
import { Keyring } from './wallet/keyring.ts';
import type { Miner } from './wallet/miner.ts';

const MAX_ACTIVITY_PAGE = 1_000;
/** Longest wait for the page to draw the first state. */
const DRAWN_WITHIN_MS = 3_000;

export interface NodeOptions {
  readonly storage: Storage;
  /** Makes a swarm for the network that is opened; it is stopped with it. */
  readonly createSwarm: () => Promise<Swarm>;
  /** Loads the code of a network, which the first address does not need, and makes a node of it. */
  readonly createNetworkNode: CurrentNetworkOptions['createNetworkNode'];
  readonly miner: Miner;
  readonly verify: Verifier;
  readonly clock: Clock;
  readonly random: Random;
  /** Name and version told to peers. */
  readonly software: string;
  /** The development network, where a first visit is; undefined for none. */
  readonly devnet: { readonly genesis: Uint8Array; readonly id: TxId; readonly locator: Locator; readonly hrp: string } | undefined;
  /** Resolves when a tab is gone, however it went. */
  readonly gone: (tab: string) => Promise<void>;
}

/** See {@link NodeApi}. */
export class Node implements NodeApi {
  readonly #options: NodeOptions;
  readonly #publisher: Publisher<NodeState>;
  readonly #isDrawn: Promise<void>;
  #markDrawn: () => void = () => undefined;
  readonly #jobs = new Jobs(() => this.#changed());
  readonly #surroundings: Surroundings;
  /** Two payments must not choose the same coin. */
  readonly #paying = new Serial();
  /** Genesis files that came with the app or inside proof files: joining their networks needs nobody online. */
  readonly #genesisAtHand = new Map<Locator, Uint8Array>();
  #vault: LastingVault | undefined;
  #book: NetworkBook | undefined;
  #keyring: Keyring | undefined;
  #current: CurrentNetwork | undefined;
  #preferences: Preferences | undefined;
  #facts: HostFacts = { trackers: [], webrtc: true };
  #trouble: TtxError | undefined;
  #starting: Promise<void> | undefined;
  #firstOpened: Promise<void> | undefined;
  #isStarting = false;
  #stopped = false;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.#publisher = new Publisher(options.clock, () => this.#state());
    if (options.devnet !== undefined) this.#genesisAtHand.set(options.devnet.locator, options.devnet.genesis);
    this.#isDrawn = new Promise((resolve) => {
      this.#markDrawn = resolve;
    });
    this.#surroundings = new Surroundings(options.clock, {
      changed: (conditions) => {
        this.#open?.setConditions(conditions);
        this.#changed();
      },
      woke: () => this.#open?.wake(),
    });
  }

  async start(tab: string, facts: HostFacts, listener: (state: NodeState) => void): Promise<void> {
    this.#publisher.watch(tab, listener);
    this.#options.gone(tab).then(() => this.leave(tab));
    this.#starting ??= this.#start(facts);
    await this.#starting;
    // A hidden page draws nothing.
    this.#options.clock.after(DRAWN_WITHIN_MS, this.#markDrawn);
    this.#publisher.publish();
  }

  async ping(): Promise<void> {}

  async setConditions(tab: string, conditions: Conditions): Promise<void> {
    this.#surroundings.tell(tab, conditions);
  }

  async leave(tab: string): Promise<void> {
    this.#publisher.leave(tab);
    this.#surroundings.leave(tab);
  }

  async #start(facts: HostFacts): Promise<void> {
    const { storage, clock, random } = this.#options;
    this.#facts = facts;
    this.#vault = await LastingVault.open(storage, {
      closed: () => this.#checkStorage(),
      putBack: () => this.#failed(new TtxError('storage-lost', { what: 'deleted' })),
    });
    const { wallets, networks, settings } = await this.#vault.load();
    this.#preferences = new Preferences(this.#vault, settings);
    this.#book = new NetworkBook(this.#vault, clock, facts.trackers, networks);
    this.#keyring = await Keyring.open(this.#vault, clock, random, wallets, settings.walletId);
    if (!facts.webrtc) this.#trouble = new TtxError('unsupported', { what: 'WebRTC' });
    this.#current = new CurrentNetwork({
      ...this.#options,
      networks: this.#book,
      preferences: this.#preferences,
      owner: (hrp) => this.#owner(hrp),
      conditions: () => this.#surroundings.conditions,
      isDrawn: this.#isDrawn,
      unused: () => this.#paying.idle(),
      checkVault: async () => this.#vault?.check(),
      changed: () => this.#changed(),
      wrote: () => this.#recovered(),
      failed: (error) => this.#failed(error),
    });
    this.#isStarting = this.#isFirstVisit || this.#networks.last !== undefined;
    this.#firstOpened = this.#openFirst()
      .catch((error) => this.#failed(error))
      .finally(() => {
        this.#isStarting = false;
        this.#changed();
      });
  }

  /** The network that was open last; on a first visit the development network, which can wait until the address is drawn. */
  async #openFirst(): Promise<void> {
    const { last } = this.#networks;
    if (last !== undefined) return this.openNetwork(last.network.id);
    const { devnet } = this.#options;
    if (devnet === undefined || !this.#isFirstVisit) return;
    await this.#isDrawn;
    // Another network may have been founded or joined meanwhile.
    if (this.#isFirstVisit && !this.#stopped) await this.#join(devnet.genesis, []);
  }

  get #isFirstVisit(): boolean {
    return this.#options.devnet !== undefined && this.#networks.size === 0 && this.#settings.stored.leftDevnet !== true;
  }

  async drawn(): Promise<void> {
    this.#markDrawn();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#surroundings.stop();
    this.#jobs.cancelAll();
    await this.#current?.stop();
    await this.#vault?.close();
  }

  // Wallets

  async loadWords(): Promise<readonly string[]> {
    return this.#keys.words();
  }

  async confirmBackup(wallet: string, typed: readonly TypedWord[]): Promise<readonly number[]> {
    const wrong = await this.#keys.confirmBackup(wallet, typed);
    this.#changed();
    return wrong;
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
      const genesis = await buildGenesis(request, { ...this.#keys.signer(), miner, clock, job });
      return this.#join(genesis, []);
    });
  }

  joinNetwork(jobId: string, link: string, mode?: NetworkMode): Promise<NetworkSummary> {
    return this.#jobs.run(jobId, 'join', async (job) => {
      const parsed = parseLink(link);
      if (parsed.kind !== 'invitation' && parsed.kind !== 'magnet') throw new TtxError('link', { what: 'invitation' });
      const { magnet } = parsed;
      const joined = this.#networks.findInvited(magnet);
      if (joined !== undefined) {
        const { id } = joined.network;
        // A second invitation may know trackers that the first did not.
        await this.#networks.addTrackers(id, magnet.trackers, 'link');
        this.#applyTrackers(id);
        await this.openNetwork(id);
        return joined.summary;
      }
      const { createSwarm } = this.#options;
      const named = magnet.txid && locator(magnet.infohash, magnet.txid);
      const atHand = named && this.#genesisAtHand.get(named);
      const genesis = atHand ?? (await fetchGenesis(magnet, { createSwarm, trackers: this.#facts.trackers, job }));
      return this.#join(genesis, magnet.trackers, mode);
    });
  }

  async #join(genesis: Uint8Array, trackers: readonly string[], mode?: NetworkMode): Promise<NetworkSummary> {
    const file = decodeTransaction(genesis);
    const verdict = await this.#options.verify(file);
    if (verdict !== 'valid') throw new TtxError(verdict);
    const { network, summary } = await this.#networks.join(genesis, trackers, mode);
    await this.openNetwork(network.id);
    return summary;
  }

  async openNetwork(id: TxId): Promise<void> {
    await this.#opener.open(id);
  }

  async setMode(id: TxId, mode: NetworkMode): Promise<void> {
    await this.#networks.setMode(id, mode);
    if (this.#open?.network.id === id) this.#open.setMode(mode);
  }

  async leaveNetwork(id: TxId): Promise<void> {
    await this.#opener.leave(id, async () => {
      if (id === this.#options.devnet?.id) await this.#settings.change({ leftDevnet: true });
      await this.#networks.forget(id);
      await this.#options.storage.deleteStore(id);
    });
  }

  // Storage that fails

  /** The browser closed a database: asks for something, so that it is opened again or its loss is found out at once. */
  #checkStorage(): void {
    Promise.all([this.#vault?.check(), this.#current?.check()]).catch((error) => this.#failed(error));
  }

  /** Something was written: a full disk has room again, a closed database is open. */
  #recovered(): void {
    if (!isStorageFault(this.#trouble) || isDeleted(this.#trouble)) return;
    this.#trouble = undefined;
    this.#changed();
  }

  async loadInvitation(): Promise<Proof> {
    const open = await this.#ready();
    return open.proofs.load(open.network.id);
  }

  async startPairing(): Promise<string> {
    return (await this.#ready()).pairing.startPairing();
  }

  async answerPairing(code: string): Promise<string> {
    return (await this.#ready()).pairing.answerPairing(code);
  }

  async awaitPairing(): Promise<void> {
    return (await this.#ready()).pairing.awaitPairing();
  }

  async finishPairing(code: string): Promise<void> {
    return (await this.#ready()).pairing.finishPairing(code);
  }

  async cancelPairing(): Promise<void> {
    (await this.#ready()).pairing.cancelPairing();
  }

  async addTracker(url: string): Promise<void> {
    const { network } = await this.#ready();
    await this.#networks.addTrackers(network.id, [url], 'user');
    this.#applyTrackers(network.id);
  }

  async removeTracker(url: string): Promise<void> {
    const { network } = await this.#ready();
    await this.#networks.removeTracker(network.id, url);
    this.#applyTrackers(network.id);
  }

  #applyTrackers(id: TxId): void {
    if (this.#open?.network.id === id) this.#open.setTrackers(this.#networks.trackersOf(id).map(({ url }) => url));
    this.#changed();
  }

  async claimTestCoins(): Promise<boolean> {
    const open = await this.#ready();
    if (open.network.id !== this.#options.devnet?.id) throw new TtxError('no-network');
    return this.#paying.run(() => open.takeTestCoins());
  }

  // Payments

  async quote(request: PaymentRequest): Promise<Quote> {
    return quotePayment(await this.#payer(), request);
  }

  async describeAttachment(file: Blob, name: string): Promise<Attachment> {
    return (await this.#ready()).attachments.describe(file, name);
  }

  pay(jobId: string, request: PaymentRequest, agreed: Quote, files: readonly Blob[] = []): Promise<Proof> {
    return this.#jobs.run(jobId, 'pay', async (job: JobHandle) => {
      // Before the queue: closing a network waits for the queue, and must not be waited for in it.
      const payer = await this.#payer();
      return this.#paying.run(async () => {
        // The tab that made it may have been closed before it could answer: then asking again finds the payment made.
        const txid = (await payer.node.findPaid(jobId)) ?? (await makePayment(payer, request, agreed, files, { ...job, id: jobId }));
        return payer.node.proofs.load(txid);
      });
    });
  }

  async cancelJob(jobId: string): Promise<void> {
    this.#jobs.cancel(jobId);
  }

  async loadProof(txid: TxId): Promise<Proof> {
    return (await this.#ready()).proofs.load(txid);
  }

  async loadProofFile(txid: TxId): Promise<Uint8Array> {
    return (await this.#ready()).proofs.loadFile(txid);
  }

  async loadEvidence(txid: TxId): Promise<Uint8Array> {
    return (await this.#ready()).conflicts.loadEvidence(txid);
  }

  async loadFork(txid: TxId): Promise<ForkDetail> {
    return (await this.#ready()).forks.load(txid);
  }

  async previewFollow(txid: TxId): Promise<FollowPreview> {
    return (await this.#ready()).forks.preview(txid);
  }

  async followSide(txid: TxId): Promise<void> {
    const { forks } = await this.#ready();
    // A payment that is being made may spend what goes.
    await this.#paying.run(() => forks.follow(txid));
  }

  async checkEvidence(file: Uint8Array): Promise<Evidence> {
    const { checkEvidence } = await import('./contest/evidence.ts');
    return checkEvidence(file, this.#options.verify);
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
    return (await this.#ready()).history.load(offset, Math.min(count, MAX_ACTIVITY_PAGE));
  }

  async loadTransaction(txid: TxId): Promise<TransactionDetail> {
    return (await this.#ready()).history.loadTransaction(txid);
  }

  async fetchAttachment(txid: TxId, infohash: Infohash): Promise<void> {
    await (await this.#ready()).history.fetchAttachment(txid, infohash);
  }

  async cancelAttachment(infohash: Infohash): Promise<void> {
    this.#open?.attachments.cancel(infohash);
  }

  async loadAttachment(txid: TxId, infohash: Infohash): Promise<Blob> {
    // A Blob goes over the thread without a copy, and its type is nothing that a browser would open.
    return new Blob([await (await this.#ready()).history.loadAttachment(txid, infohash)], { type: 'application/octet-stream' });
  }

  async setWorkBits(bits: number | 'auto'): Promise<void> {
    await this.#settings.setWorkBits(bits);
    this.#changed();
  }

  async setStorageBudget(bytes: number): Promise<void> {
    await this.#settings.setStorageBudget(bytes);
    this.#open?.setStorageBudget(bytes);
    this.#changed();
  }

  async setPersisted(persisted: Settings['persisted']): Promise<void> {
    this.#settings.setPersisted(persisted);
    this.#changed();
  }

  async #payer(): Promise<Payer> {
    const { miner, clock } = this.#options;
    const node = await this.#ready();
    const signer = this.#keys.signer();
    const isCurrent = () => this.#open === node && this.#keys.id === signer.wallet;
    return { ...signer, node, miner, clock, workBits: await this.#settings.workBits(miner), isCurrent };
  }

  // What is open, or a plain error

  get #keys(): Keyring {
    if (this.#keyring === undefined) throw new TtxError('no-wallet');
    return this.#keyring;
  }

  get #settings(): Preferences {
    if (this.#preferences === undefined) throw new TtxError('no-wallet');
    return this.#preferences;
  }

  get #networks(): NetworkBook {
    if (this.#book === undefined) throw new TtxError('no-network');
    return this.#book;
  }

  get #opener(): CurrentNetwork {
    if (this.#current === undefined) throw new TtxError('no-network');
    return this.#current;
  }

  get #open(): NetworkNode | undefined {
    return this.#current?.node;
  }

  /** The open network, once it has read what it keeps: a link may be opened while the app starts. @throws {TtxError} `no-network` */
  async #ready(): Promise<NetworkNode> {
    await this.#firstOpened;
    await this.#current?.idle();
    if (this.#open === undefined) throw new TtxError('no-network');
    return this.#open;
  }

  /** Address prefix of the network that is open, or about to be, so that the address does not change under the eyes. */
  get #hrp(): string {
    const network = this.#open?.network ?? this.#networks.last?.network;
    return network?.parameters.hrp ?? (this.#isFirstVisit ? this.#options.devnet?.hrp : undefined) ?? DEFAULT_HRP;
  }

  #owner(hrp = this.#hrp): Address {
    return addressOf(this.#keys.publicKey, hrp);
  }

  // State for the screens

  /** A fault that no caller waits for is shown; the node lives on. */
  #failed(error: unknown): void {
    if (isDismissal(error)) return;
    this.#trouble = isTtxError(error) ? error : new TtxError('bug', { message: String(error).slice(0, 200) });
    this.#changed();
  }

  #changed(): void {
    this.#publisher.changed();
  }

  #state(): NodeState | undefined {
    const keys = this.#keyring;
    const networks = this.#book;
    if (keys === undefined || networks === undefined || this.#stopped) return undefined;
    const hrp = this.#hrp;
    return {
      wallet: { id: keys.id, address: this.#owner(hrp), backedUpAtMs: keys.backedUpAtMs, wallets: keys.list(hrp) },
      networks: networks.list().map(({ summary }) => summary),
      unreadableNetworks: networks.unreadable,
      network: this.#open && describeNetwork(this.#open, networks, this.#options.devnet?.id),
      isOpening: this.#isStarting || this.#current?.isOpening === true,
      acceptances: this.#open?.acceptances.list() ?? [],
      jobs: this.#jobs.list(),
      settings: this.#settings.describe(),
      isOnline: this.#surroundings.conditions.online,
      trouble: this.#trouble && { code: this.#trouble.code, detail: this.#trouble.detail },
    };
  }
}
