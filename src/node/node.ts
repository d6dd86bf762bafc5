/** The whole node behind {@link NodeApi}: wallets and jobs, and what it loads once the first address shows: networks, and the one that is open. */
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
import { TtxError } from '../core/error.ts';
import type { Infohash, TxId } from '../core/id.ts';
import type { Storage } from '../storage/store.ts';
import type { Clock, Random } from '../time/clock.ts';
import { Lazy } from '../time/lazy.ts';
import { LastingVault } from './lasting-vault.ts';
import type { Devnet } from './memberships.ts';
import type { NetworkNode } from './network-node.ts';
import { type Own, openOwn } from './own.ts';
import type { Parts, PartsOptions } from './parts.ts';
import { Publisher } from './publisher.ts';
import { Surroundings } from './surroundings.ts';
import { Trouble } from './trouble.ts';
import { Jobs } from './wallet/jobs.ts';

const MAX_ACTIVITY_PAGE = 1_000;
/** Longest wait for the page to draw the first state. */
const DRAWN_WITHIN_MS = 3_000;

export interface NodeOptions {
  readonly storage: Storage;
  /** Loads what the first address does not need: nearly all of the node. */
  readonly load: () => Promise<(options: PartsOptions) => Parts>;
  readonly clock: Clock;
  readonly random: Random;
  /** The development network, where a first visit is; undefined for none. */
  readonly devnet: Devnet | undefined;
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
  readonly #trouble = new Trouble(() => this.#changed());
  readonly #surroundings: Surroundings;
  #vault: LastingVault | undefined;
  #own: Own | undefined;
  #parts: Lazy<Parts> | undefined;
  #starting: Promise<void> | undefined;
  #stopped = false;

  constructor(options: NodeOptions) {
    this.#options = options;
    const isCatchingUp = () => this.#open?.sync.isCatchingUp === true;
    this.#publisher = new Publisher(options.clock, () => this.#state(), isCatchingUp);
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
    this.#isDrawn.then(() => this.#options.gone(tab)).then(() => this.leave(tab));
    this.#starting ??= this.#start(facts);
    await this.#starting;
    // Where networks are kept, one of them says how the address begins.
    if (this.#vault?.isNew === false) await this.#rest();
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
    this.#vault = await LastingVault.open(this.#options.storage, {
      closed: () => this.#checkStorage(),
      putBack: () => this.#trouble.report(new TtxError('storage-lost', { what: 'deleted' })),
    });
    const own = await openOwn(this.#vault, this.#options.clock, this.#options.random);
    this.#own = own;
    this.#parts = new Lazy(() => this.#loadParts(own, facts));
    if (this.#vault.isNew) this.#isDrawn.then(() => this.#rest()).catch((error) => this.#trouble.report(error));
  }

  async #loadParts(own: Own, { trackers, webrtc }: HostFacts): Promise<Parts> {
    const create = await this.#options.load().catch((cause: unknown) => {
      throw new TtxError('work-lost', {}, { cause });
    });
    const parts = create({
      ...this.#options,
      ...own,
      trackers,
      conditions: () => this.#surroundings.conditions,
      isDrawn: this.#isDrawn,
      isStopped: () => this.#stopped,
      changed: () => this.#changed(),
      wrote: () => this.#trouble.wrote(),
      failed: (error) => this.#trouble.report(error),
    });
    this.#trouble.loaded();
    if (!webrtc) this.#trouble.report(new TtxError('unsupported', { what: 'WebRTC' }));
    if (!this.#stopped) parts.memberships.start();
    return parts;
  }

  /** All that is not the wallet, loaded when it is first asked for. @throws {TtxError} `no-wallet` before the start, `moved` after the end, `work-lost` */
  async #rest(): Promise<Parts> {
    if (this.#stopped) throw new TtxError('moved');
    if (this.#parts === undefined) throw new TtxError('no-wallet');
    return this.#parts.load();
  }

  async drawn(): Promise<void> {
    this.#markDrawn();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#surroundings.stop();
    this.#jobs.cancelAll();
    await this.#parts?.idle();
    await this.#parts?.value?.current.stop();
    await this.#vault?.close();
  }

  // Wallets

  async loadWords(): Promise<readonly string[]> {
    return this.#opened.keys.words();
  }

  async confirmBackup(wallet: string, typed: readonly TypedWord[]): Promise<readonly number[]> {
    const wrong = await this.#opened.keys.confirmBackup(wallet, typed);
    this.#changed();
    return wrong;
  }

  async restoreWallet(words: string): Promise<void> {
    await this.#opened.keys.restore(words);
    await this.#turned();
  }

  async switchWallet(id: string): Promise<void> {
    await this.#opened.keys.use(id);
    await this.#turned();
  }

  // Networks

  foundNetwork(jobId: string, request: FoundRequest): Promise<NetworkSummary> {
    return this.#jobs.run(jobId, 'found', async (job) => (await this.#rest()).memberships.found(request, job));
  }

  joinNetwork(jobId: string, link: string, mode?: NetworkMode): Promise<NetworkSummary> {
    return this.#jobs.run(jobId, 'join', async (job) => (await this.#rest()).memberships.join(link, mode, job));
  }

  async openNetwork(id: TxId): Promise<void> {
    await (await this.#rest()).memberships.open(id);
  }

  async setMode(id: TxId, mode: NetworkMode): Promise<void> {
    await (await this.#rest()).memberships.setMode(id, mode);
  }

  async leaveNetwork(id: TxId): Promise<void> {
    await (await this.#rest()).memberships.leave(id);
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
    await (await this.#rest()).memberships.addTracker(url);
  }

  async removeTracker(url: string): Promise<void> {
    await (await this.#rest()).memberships.removeTracker(url);
  }

  async claimTestCoins(): Promise<boolean> {
    return (await this.#rest()).cashier.claimTestCoins();
  }

  // Payments

  async quote(request: PaymentRequest): Promise<Quote> {
    return (await this.#rest()).cashier.quote(request);
  }

  async describeAttachment(file: Blob, name: string): Promise<Attachment> {
    return (await this.#ready()).attachments.describe(file, name);
  }

  pay(jobId: string, request: PaymentRequest, agreed: Quote, files: readonly Blob[] = []): Promise<Proof> {
    return this.#jobs.run(jobId, 'pay', async (job) => (await this.#rest()).cashier.pay(request, agreed, files, { ...job, id: jobId }));
  }

  async cancelJob(jobId: string): Promise<void> {
    // The next node is asked for the job again, so that one has to be told.
    if (this.#stopped) throw new TtxError('moved');
    this.#jobs.cancel(jobId);
  }

  async dismissUnsent(jobId: string): Promise<boolean> {
    // Which of them were not sent is known once their network is open.
    await this.#ready();
    return (await this.#rest()).orders.dismiss(jobId);
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
    await (await this.#rest()).cashier.followSide(txid);
  }

  async checkEvidence(file: Uint8Array): Promise<Evidence> {
    return (await this.#rest()).inbox.checkEvidence(file);
  }

  async accept(link: string): Promise<string> {
    return (await this.#rest()).inbox.accept(link);
  }

  async acceptFile(file: Uint8Array): Promise<string> {
    return (await this.#rest()).inbox.acceptFile(file);
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
    await this.#opened.preferences.setWorkBits(bits);
    this.#changed();
  }

  async setStorageBudget(bytes: number): Promise<void> {
    await this.#opened.preferences.setStorageBudget(bytes);
    this.#open?.setStorageBudget(bytes);
    this.#changed();
  }

  async setPersisted(persisted: Settings['persisted']): Promise<void> {
    this.#opened.preferences.setPersisted(persisted);
    this.#changed();
  }

  // What is open, or a plain error

  get #opened(): Own {
    if (this.#own === undefined) throw new TtxError('no-wallet');
    return this.#own;
  }

  get #open(): NetworkNode | undefined {
    return this.#parts?.value?.current.node;
  }

  async #ready(): Promise<NetworkNode> {
    return (await this.#rest()).memberships.ready();
  }

  /** Another wallet is in use. */
  async #turned(): Promise<void> {
    await this.#open?.setOwner(addressOf(this.#opened.keys.publicKey, this.#hrp));
    this.#changed();
  }

  /** Before the networks are there the one of a first visit. */
  get #hrp(): string {
    return this.#parts?.value?.memberships.hrp ?? this.#options.devnet?.hrp ?? DEFAULT_HRP;
  }

  /** The browser closed a database: asks for something, so that it is opened again or its loss is found out at once. */
  #checkStorage(): void {
    Promise.all([this.#vault?.check(), this.#parts?.value?.current.check()]).catch((error) => this.#trouble.report(error));
  }

  // State for the screens

  #changed(): void {
    this.#publisher.changed();
  }

  #state(): NodeState | undefined {
    if (this.#own === undefined || this.#parts === undefined || this.#stopped) return undefined;
    const { vault, keys, preferences } = this.#own;
    const parts = this.#parts.value;
    // Nobody is told of no network, and of another address, while those that are kept are loaded.
    if (parts === undefined && !vault.isNew) return undefined;
    const hrp = this.#hrp;
    const isOpening = !this.#parts.isMissing;
    const none = { networks: [], unreadableNetworks: 0, network: undefined, isOpening, acceptances: [], unsent: [] };
    return {
      wallet: { id: keys.id, address: addressOf(keys.publicKey, hrp), backedUpAtMs: keys.backedUpAtMs, wallets: keys.list(hrp) },
      ...(parts?.describe() ?? none),
      settings: preferences.describe(),
      jobs: this.#jobs.list(),
      isOnline: this.#surroundings.conditions.online,
      trouble: this.#trouble.describe(),
    };
  }
}
