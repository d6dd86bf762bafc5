/** Founding, joining, opening and leaving networks: keeps what is written down of them and the one that is open in step. */
import type { FoundRequest, NetworkMode, NetworkSummary } from '../api/node.ts';
import { DEFAULT_HRP } from '../core/address.ts';
import { TtxError } from '../core/error.ts';
import { type Locator, locator, type TxId } from '../core/id.ts';
import { parseLink } from '../core/link.ts';
import { decodeTransaction } from '../core/transaction.ts';
import type { Swarm } from '../net/swarm.ts';
import type { Storage } from '../storage/store.ts';
import type { Clock } from '../time/clock.ts';
import type { CurrentNetwork } from './current-network.ts';
import type { Verifier } from './ledger/accept.ts';
import type { NetworkBook } from './network-book.ts';
import type { NetworkNode } from './network-node.ts';
import type { Orders } from './orders.ts';
import type { Preferences } from './preferences.ts';
import { buildGenesis, fetchGenesis } from './wallet/genesis.ts';
import type { JobHandle } from './wallet/jobs.ts';
import type { Keyring } from './wallet/keyring.ts';
import type { Miner } from './wallet/miner.ts';

/** The development network. */
export interface Devnet {
  readonly genesis: Uint8Array;
  readonly id: TxId;
  readonly locator: Locator;
  readonly hrp: string;
}

export interface MembershipsOptions {
  readonly storage: Storage;
  readonly createSwarm: () => Swarm;
  readonly miner: Miner;
  readonly verify: Verifier;
  readonly clock: Clock;
  /** Where a first visit is; undefined for none. */
  readonly devnet: Devnet | undefined;
  readonly networks: NetworkBook;
  readonly preferences: Preferences;
  readonly keys: Keyring;
  readonly current: CurrentNetwork;
  readonly orders: Orders;
  /** Trackers that came with the app. */
  readonly trackers: readonly string[];
  /** Resolves when the page has drawn the first state. */
  readonly isDrawn: Promise<void>;
  /** Whether the node is, and opens nothing any more. */
  readonly isStopped: () => boolean;
  readonly changed: () => void;
  /** A local fault that nobody waits for. */
  readonly failed: (error: unknown) => void;
}

/** The networks that this device takes part in. */
export class Memberships {
  readonly #options: MembershipsOptions;
  /** Genesis files that came with the app or inside proof files: joining their networks needs nobody online. */
  readonly #genesisAtHand = new Map<Locator, Uint8Array>();
  #firstOpened: Promise<void> | undefined;
  #isStarting = false;

  constructor(options: MembershipsOptions) {
    this.#options = options;
    const { devnet } = options;
    if (devnet !== undefined) this.#genesisAtHand.set(devnet.locator, devnet.genesis);
  }

  /** Opens the first network by itself. */
  start(): void {
    const { networks, changed, failed } = this.#options;
    this.#isStarting = this.#isFirstVisit || networks.last !== undefined;
    this.#firstOpened = this.#openFirst()
      .catch(failed)
      .finally(() => {
        this.#isStarting = false;
        changed();
      });
  }

  /** The network that was open last; on a first visit the development network, which can wait until the address is drawn. */
  async #openFirst(): Promise<void> {
    const { networks, devnet, isDrawn, isStopped } = this.#options;
    const { last } = networks;
    if (last !== undefined) return this.open(last.network.id);
    if (devnet === undefined || !this.#isFirstVisit) return;
    await isDrawn;
    // Another network may have been founded or joined meanwhile.
    if (this.#isFirstVisit && !isStopped()) await this.#take(devnet.genesis, []);
  }

  get #isFirstVisit(): boolean {
    const { devnet, networks, preferences } = this.#options;
    return devnet !== undefined && networks.size === 0 && preferences.stored.leftDevnet !== true;
  }

  get isOpening(): boolean {
    return this.#isStarting || this.#options.current.isOpening;
  }

  /** Address prefix of the network that is open, or about to be, so that the address does not change under the eyes. */
  get hrp(): string {
    const { current, networks, devnet } = this.#options;
    const network = current.node?.network ?? networks.last?.network;
    return network?.parameters.hrp ?? (this.#isFirstVisit ? devnet?.hrp : undefined) ?? DEFAULT_HRP;
  }

  /** The open network, once it has read what it keeps: a link may be opened while the app starts. @throws {TtxError} `no-network`, `moved` when the node has stopped */
  async ready(): Promise<NetworkNode> {
    const { current, isStopped } = this.#options;
    await this.#firstOpened;
    await current.idle();
    if (current.node === undefined) throw new TtxError(isStopped() ? 'moved' : 'no-network');
    return current.node;
  }

  async found(request: FoundRequest, job: JobHandle): Promise<NetworkSummary> {
    const { keys, miner, clock } = this.#options;
    return this.#take(await buildGenesis(request, { ...keys.signer(), miner, clock, job }), []);
  }

  /** @throws {TtxError} `link`, `cancelled`, or why the genesis is invalid */
  async join(link: string, mode: NetworkMode | undefined, job: JobHandle): Promise<NetworkSummary> {
    const { networks, createSwarm, trackers } = this.#options;
    const parsed = parseLink(link);
    if (parsed.kind !== 'invitation' && parsed.kind !== 'magnet') throw new TtxError('link', { what: 'invitation' });
    const { magnet } = parsed;
    const joined = networks.findInvited(magnet);
    if (joined !== undefined) {
      const { id } = joined.network;
      // A second invitation may know trackers that the first did not.
      await networks.addTrackers(id, magnet.trackers, 'link');
      this.#applyTrackers(id);
      await this.open(id);
      return joined.summary;
    }
    const named = magnet.txid && locator(magnet.infohash, magnet.txid);
    const atHand = named && this.#genesisAtHand.get(named);
    return this.#take(atHand ?? (await fetchGenesis(magnet, { createSwarm, trackers, job })), magnet.trackers, mode);
  }

  async #take(genesis: Uint8Array, trackers: readonly string[], mode?: NetworkMode): Promise<NetworkSummary> {
    const file = decodeTransaction(genesis);
    const verdict = await this.#options.verify(file);
    if (verdict !== 'valid') throw new TtxError(verdict);
    const { network, summary } = await this.#options.networks.join(genesis, trackers, mode);
    await this.open(network.id);
    return summary;
  }

  /** Joining the network of this genesis needs nobody online from now on. */
  keepAtHand(network: Locator, genesis: Uint8Array): void {
    this.#genesisAtHand.set(network, genesis);
  }

  /** @throws {TtxError} `no-network` */
  open(id: TxId): Promise<void> {
    return this.#options.current.open(id);
  }

  async setMode(id: TxId, mode: NetworkMode): Promise<void> {
    const { networks, current } = this.#options;
    await networks.setMode(id, mode);
    if (current.node?.network.id === id) current.node.setMode(mode);
  }

  /** Deletes a network from this device. */
  async leave(id: TxId): Promise<void> {
    const { current, networks, preferences, orders, storage, devnet } = this.#options;
    await current.leave(id, async () => {
      if (id === devnet?.id) await preferences.change({ leftDevnet: true });
      await networks.forget(id);
      await orders.leave(id);
      await storage.deleteStore(id);
    });
  }

  /** Reaches the open network by another tracker, too. @throws {TtxError} `link`, `no-network` */
  async addTracker(url: string): Promise<void> {
    const { network } = await this.ready();
    await this.#options.networks.addTrackers(network.id, [url], 'user');
    this.#applyTrackers(network.id);
  }

  /** @throws {TtxError} `no-network` */
  async removeTracker(url: string): Promise<void> {
    const { network } = await this.ready();
    await this.#options.networks.removeTracker(network.id, url);
    this.#applyTrackers(network.id);
  }

  #applyTrackers(id: TxId): void {
    const { current, networks, changed } = this.#options;
    if (current.node?.network.id === id) current.node.setTrackers(networks.trackersOf(id).map(({ url }) => url));
    changed();
  }
}
