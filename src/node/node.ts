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
import { addressOf } from '../core/address.ts';
import type { Attachment } from '../core/attachment.ts';
import { TtxError } from '../core/error.ts';
import type { Address, Infohash, TxId } from '../core/id.ts';
import { parseLink } from '../core/link.ts';
import { decodeProofFile } from '../core/proof-file.ts';
import { isFileOf } from '../core/torrent.ts';
import type { Swarm } from '../net/swarm.ts';
import type { Storage } from '../storage/store.ts';
import type { Clock, Random } from '../time/clock.ts';
import type { CurrentNetworkOptions } from './current-network.ts';
import { LastingVault } from './lasting-vault.ts';
import type { Verifier } from './ledger/accept.ts';
import type { Devnet } from './memberships.ts';
import type { NetworkNode } from './network-node.ts';
import { openParts, type Parts } from './parts.ts';
import { Publisher } from './publisher.ts';
import { describeParts } from './state.ts';
import { Surroundings } from './surroundings.ts';
import { Trouble } from './trouble.ts';
import { Jobs } from './wallet/jobs.ts';
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
  #parts: Parts | undefined;
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
    this.#parts = await openParts(this.#vault, {
      ...this.#options,
      trackers: facts.trackers,
      conditions: () => this.#surroundings.conditions,
      isDrawn: this.#isDrawn,
      isStopped: () => this.#stopped,
      changed: () => this.#changed(),
      wrote: () => this.#trouble.wrote(),
      failed: (error) => this.#trouble.report(error),
    });
    if (!facts.webrtc) this.#trouble.report(new TtxError('unsupported', { what: 'WebRTC' }));
    this.#parts.memberships.start();
  }

  async drawn(): Promise<void> {
    this.#markDrawn();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#surroundings.stop();
    this.#jobs.cancelAll();
    await this.#parts?.current.stop();
    await this.#vault?.close();
  }

  // Wallets

  async loadWords(): Promise<readonly string[]> {
    return this.#own.keys.words();
  }

  async confirmBackup(wallet: string, typed: readonly TypedWord[]): Promise<readonly number[]> {
    const wrong = await this.#own.keys.confirmBackup(wallet, typed);
    this.#changed();
    return wrong;
  }

  async restoreWallet(words: string): Promise<void> {
    await this.#own.keys.restore(words);
    await this.#turned();
  }

  async switchWallet(id: string): Promise<void> {
    await this.#own.keys.use(id);
    await this.#turned();
  }

  // Networks

  foundNetwork(jobId: string, request: FoundRequest): Promise<NetworkSummary> {
    return this.#jobs.run(jobId, 'found', async (job) => this.#own.memberships.found(request, job));
  }

  joinNetwork(jobId: string, link: string, mode?: NetworkMode): Promise<NetworkSummary> {
    return this.#jobs.run(jobId, 'join', async (job) => this.#own.memberships.join(link, mode, job));
  }

  async openNetwork(id: TxId): Promise<void> {
    await this.#own.memberships.open(id);
  }

  async setMode(id: TxId, mode: NetworkMode): Promise<void> {
    await this.#own.memberships.setMode(id, mode);
  }

  async leaveNetwork(id: TxId): Promise<void> {
    await this.#own.memberships.leave(id);
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
    await this.#own.memberships.addTracker(url);
  }

  async removeTracker(url: string): Promise<void> {
    await this.#own.memberships.removeTracker(url);
  }

  async claimTestCoins(): Promise<boolean> {
    return this.#own.cashier.claimTestCoins();
  }

  // Payments

  async quote(request: PaymentRequest): Promise<Quote> {
    return this.#own.cashier.quote(request);
  }

  async describeAttachment(file: Blob, name: string): Promise<Attachment> {
    return (await this.#ready()).attachments.describe(file, name);
  }

  pay(jobId: string, request: PaymentRequest, agreed: Quote, files: readonly Blob[] = []): Promise<Proof> {
    return this.#jobs.run(jobId, 'pay', async (job) => this.#own.cashier.pay(request, agreed, files, { ...job, id: jobId }));
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
    await this.#own.cashier.followSide(txid);
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
    if (proof.network !== undefined && genesis !== undefined) this.#own.memberships.keepAtHand(proof.network, genesis);
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
    await this.#own.preferences.setWorkBits(bits);
    this.#changed();
  }

  async setStorageBudget(bytes: number): Promise<void> {
    await this.#own.preferences.setStorageBudget(bytes);
    this.#open?.setStorageBudget(bytes);
    this.#changed();
  }

  async setPersisted(persisted: Settings['persisted']): Promise<void> {
    this.#own.preferences.setPersisted(persisted);
    this.#changed();
  }

  // What is open, or a plain error

  get #own(): Parts {
    if (this.#parts === undefined) throw new TtxError('no-wallet');
    return this.#parts;
  }

  get #open(): NetworkNode | undefined {
    return this.#parts?.current.node;
  }

  #ready(): Promise<NetworkNode> {
    return this.#own.memberships.ready();
  }

  /** Another wallet is in use. */
  async #turned(): Promise<void> {
    await this.#open?.setOwner(this.#address);
    this.#changed();
  }

  get #address(): Address {
    const { keys, memberships } = this.#own;
    return addressOf(keys.publicKey, memberships.hrp);
  }

  /** The browser closed a database: asks for something, so that it is opened again or its loss is found out at once. */
  #checkStorage(): void {
    Promise.all([this.#vault?.check(), this.#parts?.current.check()]).catch((error) => this.#trouble.report(error));
  }

  // State for the screens

  #changed(): void {
    this.#publisher.changed();
  }

  #state(): NodeState | undefined {
    if (this.#parts === undefined || this.#stopped) return undefined;
    return {
      ...describeParts(this.#parts, this.#options.devnet?.id),
      jobs: this.#jobs.list(),
      isOnline: this.#surroundings.conditions.online,
      trouble: this.#trouble.describe(),
    };
  }
}
