import 'fake-indexeddb/auto';
import { forceCloseDatabase, IDBFactory } from 'fake-indexeddb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { isTtxError } from '../core/error.ts';
import { type TxId, txidFromBytes } from '../core/id.ts';
import { createIdbStorage, storeDatabase, VAULT_DATABASE } from './idb.ts';
import { openError, storageError } from './idb-error.ts';
import { packTransactions, unpackTxids } from './pack.ts';
import { testStorage } from './store.contract.ts';
import type { Store, StoredTransaction } from './store.ts';

/** Storage in a browser that has never been here. */
function create() {
  globalThis.indexedDB = new IDBFactory();
  return createIdbStorage();
}

const NETWORK = txidFromBytes(new Uint8Array(32));
const transaction = (n: number): StoredTransaction => ({
  txid: txidFromBytes(new Uint8Array(32).fill(n)),
  bytes: new Uint8Array(100).fill(n),
  verdict: 'accepted',
  firstSeenMs: n,
});

async function loadTxids(store: Store): Promise<TxId[]> {
  const txids: TxId[] = [];
  await store.load((page) => txids.push(...page.map(({ txid }) => txid)));
  return txids;
}

/** Opens a database behind the storage's back. */
function openRaw(name: string, version?: number): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

afterEach(() => vi.restoreAllMocks());

describe('contract', () => testStorage(create));

test('a disk that fills up in the middle of a commit is storage-full and keeps nothing of it', async () => {
  const store = await create().openStore(NETWORK);
  await store.commit({ added: [transaction(1)] });
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('', 'QuotaExceededError');
  });
  const want = { id: 'w', infohash: '0'.repeat(40), trackers: [], startedAtMs: 0 } as never;
  await expect(store.commit({ added: [transaction(2)], wanted: [want] })).rejects.toSatisfy((e) => isTtxError(e, 'storage-full'));
  put.mockRestore();
  expect(await loadTxids(store)).toEqual([transaction(1).txid]);
  await store.commit({ added: [transaction(3)] });
  expect(await loadTxids(store)).toEqual([transaction(1).txid, transaction(3).txid]);
});

test('a transaction that two records have is loaded once, as the first has it', async () => {
  const storage = create();
  const store = await storage.openStore(NETWORK);
  await store.commit({ added: [transaction(1), transaction(2)] });
  await store.close();
  const db = await openRaw(storeDatabase(NETWORK));
  const log = db.transaction('log', 'readwrite').objectStore('log');
  const again = packTransactions([{ ...transaction(2), firstSeenMs: 99 }, transaction(3)]);
  const request = log.add(again);
  await new Promise((resolve) => {
    request.onsuccess = resolve;
  });
  db.close();
  const loaded: StoredTransaction[] = [];
  const reopened = await storage.openStore(NETWORK);
  await reopened.load((page) => loaded.push(...page));
  expect(loaded).toEqual([1, 2, 3].map((n) => transaction(n)));
  expect(await reopened.loadFiles([transaction(2).txid])).toEqual(new Map([[transaction(2).txid, transaction(2).bytes]]));
});

test('a transaction that the database aborts is storage-lost and keeps nothing', async () => {
  const store = await create().openStore(NETWORK);
  await loadTxids(store);
  const add = IDBObjectStore.prototype.add;
  vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(function (this: IDBObjectStore, ...args) {
    const request = add.apply(this, args);
    request.onsuccess = () => this.transaction.abort();
    return request;
  });
  await expect(store.commit({ added: [transaction(1)] })).rejects.toSatisfy((e) => isTtxError(e, 'storage-lost'));
  vi.restoreAllMocks();
  expect(await loadTxids(store)).toEqual([]);
});

/** Makes the disk full: what a transaction writes is refused when it ends, or at once. */
function fillDisk(refusal: 'at once' | 'at the end'): void {
  for (const write of ['put', 'add', 'delete'] as const) {
    vi.spyOn(IDBObjectStore.prototype, write).mockImplementation(function (this: IDBObjectStore) {
      if (refusal === 'at once') throw new DOMException('', 'QuotaExceededError');
      Object.defineProperty(this.transaction, 'error', { value: new DOMException('', 'QuotaExceededError') });
      const request = this.get('anything');
      this.transaction.abort();
      return request as never;
    });
  }
}

describe.each(['at once', 'at the end'] as const)('a disk that is full when a database is opened, and refuses %s,', (refusal) => {
  const wallet = {
    id: 'w',
    secret: { kind: 'plain', entropy: new Uint8Array(16).fill(9) },
    publicKey: '00'.repeat(32),
    createdAtMs: 3,
    origin: 'created',
  } as const;
  const full = (error: unknown) => isTtxError(error, 'storage-full');

  /** A vault and a store with something in them, opened again on a disk that is full. */
  async function openFull() {
    const storage = create();
    const [vault, store] = [await storage.openVault(), await storage.openStore(NETWORK)];
    await vault.putWallet(wallet);
    await store.commit({ added: [transaction(1)], paid: [{ job: 'j', txid: transaction(1).txid }] });
    await Promise.all([vault.close(), store.close()]);
    fillDisk(refusal);
    return { storage, vault: await storage.openVault(), store: await storage.openStore(NETWORK) };
  }

  test('lets it be read, wallets and transactions, and says storage-full to every write', async () => {
    const { vault, store } = await openFull();
    for (let i = 0; i < 2; i++) {
      await expect(vault.putSettings({ workBits: 1 })).rejects.toSatisfy(full);
      await expect(vault.putWallet(wallet)).rejects.toSatisfy(full);
      await expect(vault.deleteNetwork(NETWORK)).rejects.toSatisfy(full);
      await expect(store.commit({ added: [transaction(2)] })).rejects.toSatisfy(full);
    }
    expect((await vault.load()).wallets).toEqual([wallet]);
    expect(await loadTxids(store)).toEqual([transaction(1).txid]);
    expect((await store.loadFiles([transaction(1).txid])).size).toBe(1);
    expect([await store.findPaid('j'), await store.loadWants()]).toEqual([transaction(1).txid, []]);
  });

  test('lets it be written once there is room, by several at once', async () => {
    const { storage, vault, store } = await openFull();
    await expect(store.commit({ added: [transaction(2)] })).rejects.toSatisfy(full);
    vi.restoreAllMocks();
    await Promise.all([vault.putSettings({ workBits: 1 }), vault.putWallet({ ...wallet, id: 'x' })]);
    await store.commit({ added: [transaction(2)] });
    const again = await storage.openVault();
    expect(await again.load()).toMatchObject({ wallets: [{ id: 'w' }, { id: 'x' }], settings: { workBits: 1 } });
    expect(await loadTxids(store)).toEqual([transaction(1).txid, transaction(2).txid]);
    await expect(vault.putSettings({ workBits: 2 })).rejects.toSatisfy((e) => isTtxError(e, 'storage-taken'));
  });

  test('does not let it be taken from whoever opened it after there was room', async () => {
    const { storage, vault } = await openFull();
    vi.restoreAllMocks();
    const leader = await storage.openVault();
    for (let i = 0; i < 2; i++) {
      await expect(vault.putSettings({ workBits: 1 })).rejects.toSatisfy((e) => isTtxError(e, 'storage-taken'));
    }
    await leader.putSettings({ workBits: 7 });
    expect((await vault.load()).settings).toEqual({ workBits: 7 });
  });

  test('lets a connection that the browser closes be opened again and read', async () => {
    const connections = watchConnections();
    const { vault, store } = await openFull();
    connections.closeAll();
    expect((await vault.load()).wallets).toEqual([wallet]);
    expect(await loadTxids(store)).toEqual([transaction(1).txid]);
    connections.closeAll();
    await expect(vault.putWallet(wallet)).rejects.toSatisfy(full);
  });
});

/** Remembers the connections that are opened, so that a test can close them as a browser does. */
function watchConnections(): { closeAll: () => void } {
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

/** Lets the next writing transaction reach the disk and end as if the connection had been lost before that was known. */
function loseConfirmation(): { lost: number } {
  const unclear = { lost: 0 };
  const { transaction: start } = IDBDatabase.prototype;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
    const started = start.apply(this, args);
    if (args[1] !== 'readwrite' || unclear.lost++ > 0) return started;
    const listen = started.addEventListener.bind(started) as (type: string, listener: unknown) => void;
    started.addEventListener = (type: string, listener: unknown) => {
      if (type !== 'complete') listen(type === 'abort' ? 'complete' : type, listener);
    };
    vi.mocked(this.transaction).mockRestore();
    return started;
  });
  return unclear;
}

/** How many transactions the log of the network's database has, the same one counted as often as it is there. */
async function countRows(): Promise<number> {
  const db = await openRaw(storeDatabase(NETWORK));
  const request = db.transaction('log').objectStore('log').getAll();
  await new Promise((resolve) => {
    request.onsuccess = resolve;
  });
  db.close();
  return request.result.flatMap(({ txids }: { txids: Uint8Array }) => unpackTxids({ txids } as never)).length;
}

describe('a connection that the browser closes', () => {
  test('is opened again, and what was asked for is done, reading and writing', async () => {
    const connections = watchConnections();
    const closed: string[] = [];
    const storage = create();
    const store = await storage.openStore(NETWORK, () => closed.push('store'));
    const vault = await storage.openVault(() => closed.push('vault'));
    await store.commit({ added: [transaction(1)] });
    connections.closeAll();
    await store.commit({ added: [transaction(2)], paid: [{ job: 'j', txid: transaction(2).txid }] });
    await vault.putSettings({ workBits: 7 });
    connections.closeAll();
    expect(await loadTxids(store)).toEqual([transaction(1).txid, transaction(2).txid]);
    connections.closeAll();
    expect((await store.loadFiles([transaction(1).txid])).size).toBe(1);
    expect([await store.findPaid('j'), (await vault.load()).settings]).toEqual([transaction(2).txid, { workBits: 7 }]);
    expect(new Set(closed)).toEqual(new Set(['store', 'vault']));
  });

  test('after a commit reached the disk, but before that was known, keeps what is repeated once', async () => {
    const store = await create().openStore(NETWORK);
    await store.commit({ added: [transaction(1)] });
    const unclear = loseConfirmation();
    await store.commit({ added: [transaction(2), transaction(3)], amended: [{ txid: transaction(2).txid, settledMs: 5 }] });
    expect(unclear.lost).toBe(1);
    await store.commit({ added: [transaction(3), transaction(4)] });
    expect(await loadTxids(store)).toEqual([1, 2, 3, 4].map((n) => transaction(n).txid));
    expect(await countRows()).toBe(4);
    expect((await store.loadFiles([3, 4].map((n) => transaction(n).txid))).size).toBe(2);
  });

  test('and that cannot be opened for a moment is opened a moment later', async () => {
    const connections = watchConnections();
    const store = await create().openStore(NETWORK);
    await store.commit({ added: [transaction(1)] });
    connections.closeAll();
    const { open } = indexedDB;
    let refusals = 2;
    vi.spyOn(indexedDB, 'open').mockImplementation((...values) => {
      if (refusals-- > 0) throw new DOMException('The connection was closed.', 'AbortError');
      return Reflect.apply(open, indexedDB, values);
    });
    expect((await store.loadFiles([transaction(1).txid])).size).toBe(1);
    expect(refusals).toBe(-1);
  });

  test('while others read and write is opened once for all', async () => {
    const connections = watchConnections();
    const store = await create().openStore(NETWORK);
    await store.commit({ added: [transaction(1)] });
    connections.closeAll();
    const open = vi.spyOn(indexedDB, 'open');
    await Promise.all([store.loadWants(), store.findPaid('x'), store.commit({ added: [transaction(2)] }), store.loadFiles([])]);
    expect(open).toHaveBeenCalledTimes(1);
  });

  test('in the middle of reading everything delivers nothing twice', async () => {
    const connections = watchConnections();
    const store = await create().openStore(NETWORK);
    for (let n = 1; n <= 40; n++) await store.commit({ added: [transaction(n)] });
    const txids: TxId[] = [];
    let closed = false;
    await store.load((page) => {
      txids.push(...page.map(({ txid }) => txid));
      if (closed || txids.length < 20) return;
      closed = true;
      connections.closeAll();
    });
    expect(closed).toBe(true);
    expect(txids).toEqual(Array.from({ length: 40 }, (_, n) => transaction(n + 1).txid));
  });

  test('and whose database another tab has opened since is storage-taken', async () => {
    const connections = watchConnections();
    const storage = create();
    const store = await storage.openStore(NETWORK);
    await store.commit({ added: [transaction(1)] });
    connections.closeAll();
    const other = await storage.openStore(NETWORK);
    await expect(store.commit({ added: [transaction(2)] })).rejects.toSatisfy((e) => isTtxError(e, 'storage-taken'));
    await other.commit({ added: [transaction(3)] });
    expect(await loadTxids(other)).toEqual([transaction(1).txid, transaction(3).txid]);
  });

  test('and whose database is deleted is storage-lost, says so, and puts no empty one in its place', async () => {
    const storage = create();
    const store = await storage.openStore(NETWORK);
    await store.commit({ added: [transaction(1)] });
    await storage.deleteStore(NETWORK);
    for (let i = 0; i < 2; i++)
      await expect(store.loadWants()).rejects.toSatisfy((e) => isTtxError(e, 'storage-lost') && e.detail.what === 'deleted');
    expect(await indexedDB.databases()).toEqual([]);
    expect(await loadTxids(await storage.openStore(NETWORK))).toEqual([]);
  });

  test('after its owner closed it is not opened again', async () => {
    const closed: string[] = [];
    const store = await create().openStore(NETWORK, () => closed.push('store'));
    await store.close();
    await expect(store.loadWants()).rejects.toSatisfy((e) => isTtxError(e, 'storage-lost'));
    expect(closed).toEqual([]);
  });
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
