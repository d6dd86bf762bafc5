/** Which network is open: at most one, and one change at a time. */
import type { TtxError } from '../core/error.ts';
import type { Address, Locator, TxId } from '../core/id.ts';
import type { Swarm, SwarmConditions } from '../net/swarm.ts';
import type { Storage } from '../storage/store.ts';
import type { Clock } from '../time/clock.ts';
import { Serial } from '../time/serial.ts';
import type { Verifier } from './ledger/accept.ts';
import { isDeleted, watchStore } from './ledger/watched-store.ts';
import type { JoinedNetwork, NetworkBook } from './network-book.ts';
import type { NetworkNode, NetworkNodeOptions, Rescued } from './network-node.ts';
import type { Preferences } from './preferences.ts';
import type { Miner } from './wallet/miner.ts';

export interface CurrentNetworkOptions {
  readonly storage: Storage;
  readonly createSwarm: () => Swarm;
  readonly createNetworkNode: (options: NetworkNodeOptions) => NetworkNode;
  readonly clock: Clock;
  readonly verify: Verifier;
  readonly miner: Miner;
  /** Name and version told to peers. */
  readonly software: string;
  readonly networks: NetworkBook;
  readonly preferences: Preferences;
  /** The wallet's address on a network with this prefix. */
  readonly owner: (hrp: string) => Address;
  readonly conditions: () => SwarmConditions;
  /** Resolves when the page has drawn the first state. */
  readonly isDrawn: Promise<void>;
  /** Resolves when no payment is being made. */
  readonly unused: () => Promise<void>;
  /** A network has read what it keeps, and nobody has used it yet. */
  readonly opened: (node: NetworkNode) => Promise<void>;
  /** Rejects when the person's own database is gone as well. */
  readonly checkVault: () => Promise<void>;
  readonly changed: () => void;
  /** Something was written: the disk is well. */
  readonly wrote: () => void;
  /** A local fault that nobody waits for. */
  readonly failed: (error: unknown) => void;
}

/** Opens, closes and reopens networks. */
export class CurrentNetwork {
  readonly #options: CurrentNetworkOptions;
  readonly #changes = new Serial();
  #node: NetworkNode | undefined;
  #isOpening = false;
  #isStopped = false;

  constructor(options: CurrentNetworkOptions) {
    this.#options = options;
  }

  /** The open network; it may not have read yet what it keeps. */
  get node(): NetworkNode | undefined {
    return this.#node;
  }

  get isOpening(): boolean {
    return this.#isOpening;
  }

  /** Resolves when nothing is being opened or closed. */
  idle(): Promise<void> {
    return this.#changes.idle();
  }

  /** Opens a joined network in place of the one that is open. Twice is harmless. @throws {TtxError} `no-network` */
  open(id: TxId): Promise<void> {
    return this.#changes.run(async () => {
      const joined = this.#options.networks.get(id);
      if (this.#node?.network.id === id) return;
      this.#isOpening = true;
      await this.#openJoined(joined).finally(() => {
        this.#isOpening = false;
      });
    });
  }

  /** Closes a network, deletes it with `forget`, and opens the one that was open before it. */
  leave(id: TxId, forget: () => Promise<void>): Promise<void> {
    return this.#changes.run(async () => {
      if (this.#node?.network.id === id) await this.#close();
      await forget();
      this.#options.changed();
      const { last } = this.#options.networks;
      if (this.#node === undefined && last !== undefined) await this.#openJoined(last);
    });
  }

  /** Closes what is open, for good. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#changes.run(() => this.#close());
  }

  /** Asks the open store for something: a closed one opens itself again, a lost one says so. */
  async check(): Promise<void> {
    await this.#node?.check();
  }

  async #openJoined({ network, stored }: JoinedNetwork, rescued?: Rescued): Promise<void> {
    const { storage, createSwarm, clock, verify, software, networks, preferences, owner, conditions, isDrawn } = this.#options;
    const { changed, wrote, failed } = this.#options;
    await this.#close();
    if (this.#isStopped) return;
    const store = await storage.openStore(network.id, () => {
      Promise.all([this.#options.checkVault(), this.check()]).catch(failed);
    });
    const node = this.#options.createNetworkNode({
      network,
      genesis: stored.genesis,
      store: watchStore(store, { wrote, failed: (fault) => this.#storeFailed(network.id, fault) }),
      swarm: createSwarm(),
      clock,
      verify,
      voteSearch: (core, effortMs) => this.#options.miner.best(core, effortMs),
      owner: owner(network.parameters.hrp),
      trackers: networks.trackersOf(network.id).map(({ url }) => url),
      software,
      isDrawn,
      storageBudgetBytes: preferences.describe().storageBudgetBytes,
      isJoined: (genesis: Locator) => networks.isJoined(genesis),
      mode: stored.mode ?? 'full',
      ...(rescued === undefined ? {} : { rescued }),
      changed,
      failed,
    });
    if (this.#isStopped) return store.close();
    this.#node = node;
    node.setConditions(conditions());
    try {
      await networks.opened(network.id);
      await node.start();
      await this.#options.opened(node);
    } catch (error) {
      // Half open, it would be taken for open.
      await this.#close();
      throw error;
    }
    changed();
  }

  #storeFailed(id: TxId, fault: TtxError): void {
    this.#options.failed(fault);
    if (isDeleted(fault)) this.#reopen(id).catch(this.#options.failed);
  }

  /** The store was deleted: begins a new one with what is in memory, and peers bring the rest. */
  #reopen(id: TxId): Promise<void> {
    const lost = this.#node;
    return this.#changes.run(async () => {
      if (lost === undefined || this.#node !== lost || lost.network.id !== id || this.#isStopped) return;
      await this.#options.checkVault();
      await this.#openJoined(this.#options.networks.get(id), lost.rescue());
    });
  }

  async #close(): Promise<void> {
    const node = this.#node;
    this.#node = undefined;
    await this.#options.unused();
    await node?.stop();
    this.#options.changed();
  }
}
