/** The person's wallets, networks and settings in IndexedDB. */
import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import type { TxId } from '../core/id.ts';
import type { IdbConnection } from './idb-connection.ts';
import { checkFence, FENCE, type FenceSchema } from './idb-fence.ts';
import type { StoredNetwork, StoredSettings, StoredWallet, Vault } from './store.ts';

/** Version of {@link VaultSchema}. */
export const VAULT_VERSION = 1;

/** Object stores of the person's database. The settings are one record under {@link SETTINGS}. */
export interface VaultSchema extends DBSchema {
  wallets: { key: string; value: StoredWallet };
  networks: { key: string; value: StoredNetwork };
  settings: { key: string; value: StoredSettings };
  fence: FenceSchema['fence'];
}

type StoreName = 'wallets' | 'networks' | 'settings' | 'fence';
const ALL: StoreName[] = ['wallets', 'networks', 'settings', 'fence'];
const SETTINGS = 'settings';
/** A wallet's secret must not be lost to a power cut after it was shown as created. */
const DURABLE = { durability: 'strict' } as const;

/** Creates the object stores of a new database. */
export function upgradeVault(db: IDBPDatabase<VaultSchema>): void {
  db.createObjectStore('wallets', { keyPath: 'id' });
  db.createObjectStore('networks', { keyPath: 'id' });
  db.createObjectStore('settings');
  db.createObjectStore(FENCE);
}

/** {@link Vault} over an open database. */
export class IdbVault implements Vault {
  readonly #connection: IdbConnection<VaultSchema>;

  constructor(connection: IdbConnection<VaultSchema>) {
    this.#connection = connection;
  }

  get isNew(): boolean {
    return this.#connection.isNew;
  }

  load(): ReturnType<Vault['load']> {
    return this.#connection.run(async (db) => {
      const tx = db.transaction(['wallets', 'networks', 'settings'], 'readonly');
      tx.done.catch(() => undefined);
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
    const entropy = wallet.secret.entropy.slice();
    return this.#write((tx) => tx.objectStore('wallets').put({ ...wallet, secret: { ...wallet.secret, entropy } }));
  }

  putNetwork(network: StoredNetwork): Promise<void> {
    return this.#write((tx) => tx.objectStore('networks').put({ ...network, genesis: network.genesis.slice() }));
  }

  deleteNetwork(id: TxId): Promise<void> {
    return this.#write((tx) => tx.objectStore('networks').delete(id));
  }

  putSettings(change: StoredSettings): Promise<void> {
    return this.#write(async (tx) => {
      const settings = await tx.objectStore('settings').get(SETTINGS);
      await tx.objectStore('settings').put({ ...settings, ...change }, SETTINGS);
    });
  }

  /** One atomic step; `work` awaits nothing but requests of `tx`. */
  #write(work: (tx: IDBPTransaction<VaultSchema, StoreName[], 'readwrite'>) => Promise<unknown>): Promise<void> {
    return this.#connection.run(async (db) => {
      const owner = await this.#connection.owner(db);
      const tx = db.transaction(ALL, 'readwrite', DURABLE);
      tx.done.catch(() => undefined);
      await checkFence(tx, owner);
      // Only `done` knows why a transaction was aborted (a full disk); its requests just say that it was.
      work(tx).catch(() => undefined);
      await tx.done;
    });
  }

  async close(): Promise<void> {
    this.#connection.close();
  }
}
