/** {@link Storage} over IndexedDB: one database for the person, one for each network. */
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from 'idb';
import { TtxError } from '../core/error.ts';
import type { TxId } from '../core/id.ts';
import { named, openError } from './idb-error.ts';
import { claimFence } from './idb-fence.ts';
import { IdbStore, STORE_VERSION, type StoreSchema, upgradeStore } from './idb-store.ts';
import { IdbVault, upgradeVault, VAULT_VERSION, type VaultSchema } from './idb-vault.ts';
import type { Storage } from './store.ts';

/** Name of the person's database. */
export const VAULT_DATABASE = 'ttx';
/** Name of a network's database. */
export const storeDatabase = (network: TxId): string => `ttx-${network}`;

async function open<S extends DBSchema>(name: string, version: number, upgrade: (db: IDBPDatabase<S>) => void): Promise<IDBPDatabase<S>> {
  if (globalThis.indexedDB === undefined) throw new TtxError('unsupported', { what: 'indexeddb' });
  try {
    const db: IDBPDatabase<S> = await openDB<S>(name, version, {
      // Every version so far: later ones switch on the version they come from.
      upgrade: (database) => upgrade(database),
      // Another tab upgrades or deletes it. Whoever still calls is told `storage-lost`; holding on would block that tab for good.
      blocking: () => db.close(),
    });
    return db;
  } catch (error) {
    throw openError(error);
  }
}

/** IndexedDB of the browser this runs in. */
export function createIdbStorage(): Storage {
  return {
    openVault: async () => {
      const db = await open<VaultSchema>(VAULT_DATABASE, VAULT_VERSION, upgradeVault);
      return new IdbVault(db, await named(() => claimFence(db)));
    },
    openStore: async (network) => {
      const db = await open<StoreSchema>(storeDatabase(network), STORE_VERSION, upgradeStore);
      return new IdbStore(db, await named(() => claimFence(db)));
    },
    deleteStore: (network) =>
      named(
        () =>
          new Promise<void>((resolve, reject) => {
            // Blocked: a frozen tab holds it. The browser deletes it when that tab lets go, and whoever opens it queues behind.
            deleteDB(storeDatabase(network), { blocked: () => resolve() }).then(resolve, reject);
          }),
      ),
  };
}
