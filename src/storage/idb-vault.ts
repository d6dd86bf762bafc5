/** The person's wallets, networks and settings in IndexedDB. */
import type { DBSchema, IDBPDatabase } from 'idb';
import type { TxId } from '../core/id.ts';
import { named } from './idb-error.ts';
import { type StoredNetwork, type StoredSettings, type StoredWallet, type Vault, withoutNetwork } from './store.ts';

/** Version of {@link VaultSchema}. */
export const VAULT_VERSION = 1;

/** Object stores of the person's database. The settings are one record under {@link SETTINGS}. */
export interface VaultSchema extends DBSchema {
  wallets: { key: string; value: StoredWallet };
  networks: { key: string; value: StoredNetwork };
  settings: { key: string; value: StoredSettings };
}

const SETTINGS = 'settings';
/** A wallet's secret must not be lost to a power cut after it was shown as created. */
const DURABLE = { durability: 'strict' } as const;

/** Creates the object stores of a new database. */
export function upgradeVault(db: IDBPDatabase<VaultSchema>): void {
  db.createObjectStore('wallets', { keyPath: 'id' });
  db.createObjectStore('networks', { keyPath: 'id' });
  db.createObjectStore('settings');
}

/** {@link Vault} over an open database. */
export class IdbVault implements Vault {
  readonly #db: IDBPDatabase<VaultSchema>;

  constructor(db: IDBPDatabase<VaultSchema>) {
    this.#db = db;
  }

  load(): ReturnType<Vault['load']> {
    return named(async () => {
      const tx = this.#db.transaction(['wallets', 'networks', 'settings'], 'readonly');
      const [wallets, networks, settings] = await Promise.all([
        tx.objectStore('wallets').getAll(),
        tx.objectStore('networks').getAll(),
        tx.objectStore('settings').get(SETTINGS),
      ]);
      await tx.done;
      return { wallets, networks, settings: settings ?? {} };
    });
  }

  putWallet(wallet: StoredWallet): Promise<void> {
    return named(async () => {
      const entropy = wallet.secret.entropy.slice();
      const tx = this.#db.transaction('wallets', 'readwrite', DURABLE);
      const put = tx.store.put({ ...wallet, secret: { ...wallet.secret, entropy } });
      put.catch(() => undefined);
      await tx.done;
    });
  }

  putNetwork(network: StoredNetwork): Promise<void> {
    return named(async () => {
      const tx = this.#db.transaction('networks', 'readwrite', DURABLE);
      const put = tx.store.put({ ...network, genesis: network.genesis.slice() });
      put.catch(() => undefined);
      await tx.done;
    });
  }

  deleteNetwork(id: TxId): Promise<void> {
    return named(async () => {
      const tx = this.#db.transaction(['networks', 'settings'], 'readwrite', DURABLE);
      tx.done.catch(() => undefined);
      await tx.objectStore('networks').delete(id);
      const settings = await tx.objectStore('settings').get(SETTINGS);
      if (settings !== undefined) await tx.objectStore('settings').put(withoutNetwork(settings, id), SETTINGS);
      await tx.done;
    });
  }

  putSettings(change: StoredSettings): Promise<void> {
    return named(async () => {
      const tx = this.#db.transaction('settings', 'readwrite', DURABLE);
      tx.done.catch(() => undefined);
      const settings = await tx.store.get(SETTINGS);
      await tx.store.put({ ...settings, ...change }, SETTINGS);
      await tx.done;
    });
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}
