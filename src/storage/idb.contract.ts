/** What tests of storage in IndexedDB share: a browser without a past, and what it does behind the storage's back. */
import 'fake-indexeddb/auto';
import { forceCloseDatabase, IDBFactory } from 'fake-indexeddb';
import { vi } from 'vitest';
import { type TxId, txidFromBytes } from '../core/id.ts';
import { createIdbStorage, storeDatabase } from './idb.ts';
import { entryOf } from './samples.contract.ts';
import type { Store, StoredTransaction } from './store.ts';

/** Storage in a browser that has never been here. */
export function create() {
  globalThis.indexedDB = new IDBFactory();
  return createIdbStorage();
}

export const NETWORK = txidFromBytes(new Uint8Array(32));
export function transaction(n: number): StoredTransaction & { readonly txid: TxId } {
  const bytes = new Uint8Array(100).fill(n);
  const entry = entryOf(bytes);
  return { txid: entry.txid, entry, bytes, winners: [], firstSeenMs: n };
}

export async function loadTxids(store: Store): Promise<TxId[]> {
  const txids: TxId[] = [];
  await store.load((page) => txids.push(...page.map(({ entry }) => entry.txid)));
  return txids;
}

/** Opens a database behind the storage's back. */
export function openRaw(name: string, version?: number): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Everything that an object store of the network's database has. */
export async function readRaw(name: string): Promise<{ count: number; positions: Uint32Array }[]> {
  const db = await openRaw(storeDatabase(NETWORK));
  const request = db.transaction(name).objectStore(name).getAll();
  await new Promise((resolve) => {
    request.onsuccess = resolve;
  });
  db.close();
  return request.result;
}

/** Remembers the connections that are opened, so that a test can close them as a browser does. */
export function watchConnections(): { closeAll: () => void } {
  const opened = new Set<IDBDatabase>();
  const { transaction: start } = IDBDatabase.prototype;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
    opened.add(this);
    return start.apply(this, args);
  });
  return {
    closeAll: () => {
      for (const db of opened) forceCloseDatabase(db as never);
      opened.clear();
    },
  };
}
