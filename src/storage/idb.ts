/** {@link Storage} over IndexedDB: one database for the person, one for each network. */
import { deleteDB } from 'idb';
import type { TxId } from '../core/id.ts';
import { IdbConnection } from './idb-connection.ts';
import { named } from './idb-error.ts';
import { IdbVault, upgradeVault, VAULT_VERSION, type VaultSchema } from './idb-vault.ts';
import type { Storage } from './store.ts';

/** Name of the person's database. */
export const VAULT_DATABASE = 'ttx';
/** Name of a network's database. */
export const storeDatabase = (network: TxId): string => `ttx-${network}`;

/** IndexedDB of the browser this runs in. */
export function createIdbStorage(): Storage {
  return {
    openVault: async (onClosed = () => undefined) =>
      new IdbVault(
        await IdbConnection.open<VaultSchema>({ name: VAULT_DATABASE, version: VAULT_VERSION, upgrade: upgradeVault, onClosed }),
      ),
    openStore: async (network, onClosed = () => undefined) => {
      // The first address needs no network, and waits for no code of one.
      const { openStore } = await import('./idb-store.ts');
      return openStore(storeDatabase(network), onClosed);
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
