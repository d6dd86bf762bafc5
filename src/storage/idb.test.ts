import 'fake-indexeddb/auto';
import { forceCloseDatabase, IDBFactory } from 'fake-indexeddb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { isTtxError } from '../core/error.ts';
import { type TxId, txidFromBytes } from '../core/id.ts';
import { createIdbStorage, storeDatabase, VAULT_DATABASE } from './idb.ts';
import { openError, storageError } from './idb-error.ts';
import { entryOf, testStorage } from './store.contract.ts';
import type { Store, StoredTransaction, UndecidedFile } from './store.ts';

/** Storage in a browser that has never been here. */
function create() {
  globalThis.indexedDB = new IDBFactory();
  return createIdbStorage();
}

const NETWORK = txidFromBytes(new Uint8Array(32));
function transaction(n: number): StoredTransaction & { readonly txid: TxId } {
  const bytes = new Uint8Array(100).fill(n);
  const entry = entryOf(bytes);
  return { txid: entry.txid, entry, bytes, winners: [], firstSeenMs: n };
}

async function loadTxids(store: Store): Promise<TxId[]> {
  const txids: TxId[] = [];
  await store.load((page) => txids.push(...page.map(({ entry }) => entry.txid)));
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

/** Everything that an object store of the network's database has. */
async function readRaw(name: string): Promise<{ count: number; positions: Uint32Array }[]> {
  const db = await openRaw(storeDatabase(NETWORK));
  const request = db.transaction(name).objectStore(name).getAll();
  await new Promise((resolve) => {
    request.onsuccess = resolve;
  });
  db.close();
  return request.result;
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
    expect((await readRaw('packs')).reduce((sum, { count }) => sum + count, 0)).toBe(4);
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
      txids.push(...page.map(({ entry }) => entry.txid));
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

describe('packs', () => {
  const many = (count: number, from = 0): StoredTransaction[] =>
    Array.from({ length: count }, (_, n) => {
      const bytes = new Uint8Array(60);
      new DataView(bytes.buffer).setUint32(0, from + n);
      return { entry: entryOf(bytes), bytes, winners: [], firstSeenMs: from + n };
    });

  test('of 1,100 single payments are few, and so are the records of their files', async () => {
    const storage = create();
    const store = await storage.openStore(NETWORK);
    const added = many(1_100);
    for (const one of added) await store.commit({ added: [one] });
    const packs = await readRaw('packs');
    expect(packs.map(({ count }) => count)).toEqual([512, 512, 32, 32, ...Array.from({ length: 12 }, () => 1)]);
    expect((await readRaw('files')).length).toBe(34 + 12);
    const again = await storage.openStore(NETWORK);
    expect(await loadTxids(again)).toEqual(added.map(({ entry }) => entry.txid));
    expect(await again.loadFiles(added.map(({ entry }) => entry.txid))).toEqual(new Map(added.map((one) => [one.entry.txid, one.bytes])));
  });

  test('of batches are joined, and never more than 512 entries in one', async () => {
    const store = await create().openStore(NETWORK);
    const added = many(20_000);
    for (let from = 0; from < added.length; from += 500) await store.commit({ added: added.slice(from, from + 500) });
    await store.commit({ added: many(5_000, 50_000) });
    const counts = (await readRaw('packs')).map(({ count }) => count);
    expect(Math.max(...counts)).toBeLessThanOrEqual(512);
    expect(counts.length).toBeLessThan(64);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(25_000);
  });

  test('that are being joined when the database aborts stay as they were', async () => {
    const storage = create();
    const store = await storage.openStore(NETWORK);
    const added = many(32);
    for (const one of added.slice(0, 31)) await store.commit({ added: [one] });
    const remove = IDBObjectStore.prototype.delete;
    vi.spyOn(IDBObjectStore.prototype, 'delete').mockImplementation(function (this: IDBObjectStore, query) {
      const request = remove.call(this, query);
      if (this.name === 'files') request.onsuccess = () => this.transaction.abort();
      return request;
    });
    await expect(store.commit({ added: added.slice(31) })).rejects.toSatisfy((e) => isTtxError(e, 'storage-lost'));
    vi.restoreAllMocks();
    expect((await readRaw('packs')).length).toBe(31);
    expect(await loadTxids(store)).toEqual(added.slice(0, 31).map(({ entry }) => entry.txid));
    await store.commit({ added: added.slice(31) });
    expect((await readRaw('packs')).map(({ count }) => count)).toEqual([32]);
    expect((await store.loadFiles(added.map(({ entry }) => entry.txid))).size).toBe(32);
  });

  test('and files that the one who took over has joined are still read by who was there before', async () => {
    const storage = create();
    const frozen = await storage.openStore(NETWORK);
    const added = many(64);
    for (const one of added.slice(0, 20)) await frozen.commit({ added: [one] });
    const leader = await storage.openStore(NETWORK);
    for (const one of added.slice(20)) await leader.commit({ added: [one] });
    const txids = added.slice(0, 20).map(({ entry }) => entry.txid);
    expect((await frozen.loadFiles(txids)).size).toBe(20);
  });

  test('read again over another connection hold the entries that were there before', async () => {
    const connections = watchConnections();
    const store = await create().openStore(NETWORK);
    const seen: unknown[] = [];
    await store.commit({ added: many(3) });
    await store.load((page) => seen.push(...page.map(({ entry }) => entry)));
    connections.closeAll();
    await store.loadFiles([]);
    const again: unknown[] = [];
    await store.load((page) => again.push(...page.map(({ entry }) => entry)));
    expect(again.every((entry, n) => entry === seen[n])).toBe(true);
  });
});

test('a database of version 2 keeps what it has, and takes attached files from then on', async () => {
  const storage = create();
  const db = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open(storeDatabase(NETWORK), 2);
    request.onupgradeneeded = () => {
      const { result } = request;
      result.createObjectStore('log', { keyPath: 'seq', autoIncrement: true });
      result.createObjectStore('amendments', { keyPath: 'seq', autoIncrement: true });
      result.createObjectStore('wants', { keyPath: 'id' });
      result.createObjectStore('packs', { keyPath: 'first' });
      result.createObjectStore('files', { keyPath: 'first' });
      result.createObjectStore('paid').put(transaction(1).txid, 'job');
      result.createObjectStore('fence');
    };
    request.onsuccess = () => resolve(request.result);
  });
  db.close();
  const store = await storage.openStore(NETWORK);
  expect(await store.findPaid('job')).toBe(transaction(1).txid);
  expect(await store.loadAttachments()).toEqual([]);
});

describe('a database of version 1', () => {
  /** Transactions as version 1 kept them, one record for each batch. */
  async function createOld(batches: readonly (readonly Uint8Array[])[]) {
    const storage = create();
    const db = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(storeDatabase(NETWORK), 1);
      request.onupgradeneeded = () => {
        const { result } = request;
        result.createObjectStore('log', { keyPath: 'seq', autoIncrement: true });
        result.createObjectStore('amendments', { keyPath: 'seq', autoIncrement: true });
        result.createObjectStore('wants', { keyPath: 'id' });
        result.createObjectStore('paid');
        result.createObjectStore('fence');
      };
      request.onsuccess = () => resolve(request.result);
    });
    const tx = db.transaction(['log', 'paid'], 'readwrite');
    for (const batch of batches) {
      let end = 0;
      const ends = Uint32Array.from(batch, ({ length }) => {
        end += length;
        return end;
      });
      const bytes = new Uint8Array(batch.flatMap((file) => [...file]));
      const absent = new Float64Array(batch.length).fill(Number.NaN);
      const firstSeenMs = Float64Array.from(batch, (file) => 1_000 + (file[0] ?? 0));
      const others = {
        txids: new Uint8Array(32 * batch.length),
        verdicts: new Uint8Array(batch.length),
        settledMs: absent,
        contestedMs: absent,
      };
      tx.objectStore('log').add({ ...others, ends, bytes, firstSeenMs });
    }
    tx.objectStore('paid').put(transaction(1).txid, 'job');
    await new Promise((resolve) => {
      tx.oncomplete = resolve;
    });
    db.close();
    return storage;
  }

  const decide = (files: readonly UndecidedFile[]): StoredTransaction[] =>
    files.map(({ bytes, firstSeenMs }) => ({ entry: entryOf(bytes), bytes, winners: [], firstSeenMs }));
  const files = [1, 2, 3, 4].map((n) => transaction(n).bytes);

  test('hands over its files once, in order, and keeps what is decided of them', async () => {
    const storage = await createOld([files.slice(0, 3), files.slice(3)]);
    const store = await storage.openStore(NETWORK);
    expect(await loadTxids(store)).toEqual([]);
    const pages: (readonly UndecidedFile[])[] = [];
    await store.upgrade((page) => {
      pages.push(page);
      return decide(page);
    });
    expect(pages.flat().map(({ firstSeenMs }) => firstSeenMs)).toEqual([1_001, 1_002, 1_003, 1_004]);
    const again = await storage.openStore(NETWORK);
    expect(await loadTxids(again)).toEqual(files.map((_, n) => transaction(n + 1).txid));
    expect((await again.loadFiles([transaction(4).txid])).get(transaction(4).txid)).toEqual(files[3]);
    expect(await again.findPaid('job')).toBe(transaction(1).txid);
    await again.upgrade(() => expect.unreachable());
  });

  test('stopped in the middle goes on where it was', async () => {
    const storage = await createOld([files.slice(0, 3), files.slice(3)]);
    const first = await storage.openStore(NETWORK);
    let pages = 0;
    await expect(
      first.upgrade((page) => {
        if (pages++ > 0) throw new RangeError('killed');
        return decide(page);
      }),
    ).rejects.toThrow();
    const again = await storage.openStore(NETWORK);
    expect((await loadTxids(again)).length).toBe(3);
    await again.upgrade(decide);
    expect((await loadTxids(again)).length).toBe(4);
  });
});
