import { afterEach, describe, expect, test, vi } from 'vitest';
import { isTtxError } from '../core/error.ts';
import type { TxId } from '../core/id.ts';
import { create, loadTxids, NETWORK, readRaw, transaction, watchConnections } from './idb.contract.ts';

afterEach(() => vi.restoreAllMocks());

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
