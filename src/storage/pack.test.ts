import { afterEach, describe, expect, test, vi } from 'vitest';
import { isTtxError } from '../core/error.ts';
import { create, loadTxids, NETWORK, readRaw, watchConnections } from './idb.contract.ts';
import { entryOf } from './samples.contract.ts';
import type { StoredTransaction } from './store.ts';

afterEach(() => vi.restoreAllMocks());

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
