/**
 * The person's vault, with a copy in memory: when the browser deletes the site's data under an open tab, what this tab still knows
 * is all that is left of the keys, and so of the money. It is put back at once.
 */
import type { TxId } from '../core/id.ts';
import type { Storage, StoredNetwork, StoredSettings, StoredWallet, Vault } from '../storage/store.ts';
import { isDeleted } from './ledger/watched-store.ts';

interface LastingVaultEvents {
  /** The browser closed a connection: {@link LastingVault.check} finds out why. */
  readonly closed: () => void;
  /** The data was deleted and has been put back. */
  readonly putBack: () => void;
}

/** See {@link Vault}. */
export class LastingVault implements Vault {
  readonly #storage: Storage;
  readonly #events: LastingVaultEvents;
  readonly #wallets = new Map<string, StoredWallet>();
  readonly #networks = new Map<TxId, StoredNetwork>();
  #settings: StoredSettings = {};
  #vault: Vault;
  #puttingBack: Promise<void> | undefined;

  private constructor(storage: Storage, events: LastingVaultEvents, vault: Vault) {
    this.#storage = storage;
    this.#events = events;
    this.#vault = vault;
  }

  /** @throws as {@link Storage.openVault} */
  static async open(storage: Storage, events: LastingVaultEvents): Promise<LastingVault> {
    return new LastingVault(storage, events, await storage.openVault(events.closed));
  }

  get isNew(): boolean {
    return this.#vault.isNew;
  }

  async load(): ReturnType<Vault['load']> {
    const loaded = await this.#vault.load();
    for (const wallet of loaded.wallets) this.#wallets.set(wallet.id, wallet);
    for (const network of loaded.networks) this.#networks.set(network.id, network);
    this.#settings = loaded.settings;
    return loaded;
  }

  /** Looks whether the data is still there, and puts it back if not. */
  async check(): Promise<void> {
    await this.#run(async (vault) => {
      await vault.load();
    });
  }

  async putWallet(wallet: StoredWallet): Promise<void> {
    await this.#run((vault) => vault.putWallet(wallet));
    this.#wallets.set(wallet.id, wallet);
  }

  async putNetwork(network: StoredNetwork): Promise<void> {
    await this.#run((vault) => vault.putNetwork(network));
    this.#networks.set(network.id, network);
  }

  async deleteNetwork(id: TxId): Promise<void> {
    await this.#run((vault) => vault.deleteNetwork(id));
    this.#networks.delete(id);
  }

  async putSettings(change: StoredSettings): Promise<void> {
    await this.#run((vault) => vault.putSettings(change));
    this.#settings = { ...this.#settings, ...change };
  }

  close(): Promise<void> {
    return this.#vault.close();
  }

  async #run(work: (vault: Vault) => Promise<void>): Promise<void> {
    const vault = this.#vault;
    try {
      await work(vault);
    } catch (error) {
      if (!isDeleted(error)) throw error;
      if (this.#vault === vault) {
        this.#puttingBack ??= this.#putBack().finally(() => {
          this.#puttingBack = undefined;
        });
        await this.#puttingBack;
      }
      await work(this.#vault);
    }
  }

  async #putBack(): Promise<void> {
    const vault = await this.#storage.openVault(this.#events.closed);
    for (const wallet of this.#wallets.values()) await vault.putWallet(wallet);
    for (const network of this.#networks.values()) await vault.putNetwork(network);
    await vault.putSettings(this.#settings);
    this.#vault = vault;
    this.#events.putBack();
  }
}
