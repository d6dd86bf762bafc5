import { describe, expect, test } from 'vitest';
import { create, loadTxids, NETWORK, transaction } from './idb.contract.ts';
import { storeDatabase } from './idb.ts';
import { entryOf } from './samples.contract.ts';
import type { StoredTransaction, UndecidedFile } from './store.ts';

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
