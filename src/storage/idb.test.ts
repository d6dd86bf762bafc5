import { afterEach, describe, expect, test, vi } from 'vitest';
import { isTtxError } from '../core/error.ts';
import { testFiles } from './files.contract.ts';
import { create, loadTxids, NETWORK, openRaw, transaction } from './idb.contract.ts';
import { storeDatabase, VAULT_DATABASE } from './idb.ts';
import { openError, storageError } from './idb-error.ts';
import { testStore } from './store.contract.ts';
import { testVault } from './vault.contract.ts';

afterEach(() => vi.restoreAllMocks());

describe('contract', () => {
  for (const testPart of [testStore, testFiles, testVault]) testPart(create);
});

test('a transaction that the database aborts is storage-lost and keeps nothing', async () => {
  const store = await create().openStore(NETWORK);
  await loadTxids(store);
  const put = IDBObjectStore.prototype.put;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
    const request = put.apply(this, args);
    request.onsuccess = () => this.transaction.abort();
    return request;
  });
  await expect(store.commit({ added: [transaction(1)] })).rejects.toSatisfy((e) => isTtxError(e, 'storage-lost'));
  vi.restoreAllMocks();
  expect(await loadTxids(store)).toEqual([]);
});

test('of two that open at once both may, and one of them writes', async () => {
  const storage = create();
  const stores = await Promise.all([storage.openStore(NETWORK), storage.openStore(NETWORK)]);
  const commits = await Promise.allSettled(stores.map((store, n) => store.commit({ added: [transaction(n + 1)] })));
  expect(commits.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('a database of a newer version of the app is storage-newer and is left as it is', async () => {
  const storage = create();
  (await openRaw(storeDatabase(NETWORK), 99)).close();
  (await openRaw(VAULT_DATABASE, 99)).close();
  await expect(storage.openStore(NETWORK)).rejects.toSatisfy((e) => isTtxError(e, 'storage-newer'));
  await expect(storage.openVault()).rejects.toSatisfy((e) => isTtxError(e, 'storage-newer'));
  expect((await openRaw(VAULT_DATABASE)).version).toBe(99);
});

test('a newer version of the app in another tab can upgrade while this one is open', async () => {
  const storage = create();
  const vault = await storage.openVault();
  expect((await openRaw(VAULT_DATABASE, 2)).version).toBe(2);
  await expect(vault.load()).rejects.toSatisfy((e) => isTtxError(e, 'storage-newer'));
});

test('deleting does not wait for a tab that never lets go', async () => {
  const storage = create();
  await (await storage.openStore(NETWORK)).close();
  const frozen = await openRaw(storeDatabase(NETWORK));
  await storage.deleteStore(NETWORK);
  frozen.close();
  expect(await loadTxids(await storage.openStore(NETWORK))).toEqual([]);
});

test('a browser without IndexedDB is unsupported', async () => {
  const storage = create();
  vi.stubGlobal('indexedDB', undefined);
  await expect(storage.openVault()).rejects.toSatisfy((e) => isTtxError(e, 'unsupported'));
  vi.unstubAllGlobals();
});

test('a commit is one transaction of strict durability', async () => {
  const store = await create().openStore(NETWORK);
  await loadTxids(store);
  const start = vi.spyOn(IDBDatabase.prototype, 'transaction');
  await store.commit({ added: [transaction(1)], amended: [{ txid: transaction(1).txid, settledMs: 1 }], unwanted: ['x'] });
  expect(start.mock.calls).toEqual([[expect.anything(), 'readwrite', { durability: 'strict' }]]);
});

test.each([
  ['QuotaExceededError', '', 'storage-full'],
  ['UnknownError', 'Encountered full disk while opening backing store', 'storage-full'],
  ['UnknownError', 'Connection to Indexed Database server lost. Refresh the page to try again', 'storage-lost'],
  ['InvalidStateError', 'The database connection is closing.', 'storage-lost'],
  ['AbortError', '', 'storage-lost'],
  ['VersionError', '', 'storage-newer'],
  ['DataCloneError', '', 'bug'],
])('%s (%s) is %s', (name, message, code) => {
  expect(storageError(new DOMException(message, name)).code).toBe(code);
});

test('a refusal to open is unsupported; an error that is not the database’s is a bug', () => {
  expect(openError(new DOMException('', 'SecurityError')).code).toBe('unsupported');
  expect(storageError(new TypeError('x')).code).toBe('bug');
});
