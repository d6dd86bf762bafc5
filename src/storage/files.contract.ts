/** How every {@link Store} keeps files. Each implementation's test runs this suite. */
import { expect, test } from 'vitest';
import {
  attachedFile,
  entryOf,
  file,
  INFOHASH,
  loadAll,
  NETWORK,
  OTHER,
  stored,
  transaction,
  txidOf,
  uncloneable,
  want,
} from './samples.contract.ts';
import type { Storage, StoredEntry, StoredTransaction } from './store.ts';

/** Files of transactions and attached ones. Each call of `create` must answer with an empty storage. */
export function testFiles(create: () => Storage): void {
  test('files are found by txid, with and without loading first', async () => {
    const storage = create();
    const store = await storage.openStore(NETWORK);
    const added = Array.from({ length: 2_500 }, (_, n) => transaction(n, { bytes: file(n, 200) }));
    await store.commit({ added });
    await store.commit({ added: [transaction(5_000)] });
    const asked = [2_499, 0, 1_024, 1_023].map((n) => added[n]).filter((one) => one !== undefined);
    const expected = new Map([...asked, transaction(5_000)].map((one) => [txidOf(one), one.bytes]));
    const txids = [...expected.keys(), txidOf(transaction(9_999))];
    expect(await store.loadFiles(txids)).toEqual(expected);
    expect(await (await storage.openStore(NETWORK)).loadFiles(txids)).toEqual(expected);
  });

  test('what is kept shares no memory with the caller', async () => {
    const store = await create().openStore(NETWORK);
    const bytes = file(1);
    const one = transaction(1, { bytes: bytes.slice() });
    await store.commit({ added: [one] });
    one.bytes.fill(0);
    const first = (await store.loadFiles([txidOf(one)])).get(txidOf(one));
    expect(first).toEqual(bytes);
    first?.fill(0);
    expect((await store.loadFiles([txidOf(one)])).get(txidOf(one))).toEqual(bytes);
  });

  test('bytes that are a view of a larger buffer are kept alone', async () => {
    const storage = create();
    const store = await storage.openStore(NETWORK);
    const view = new Uint8Array(1_000_000).subarray(10, 20);
    await store.commit({ added: [transaction(1, { bytes: view })], wanted: [{ ...want('w', 1), bytes: view }] });
    const { txid } = entryOf(view);
    expect((await store.loadFiles([txid])).get(txid)).toEqual(new Uint8Array(10));
    expect((await store.loadWants())[0]?.bytes).toEqual(new Uint8Array(10));
  });

  test('attached files are listed oldest first, without their contents, until they go', async () => {
    const storage = create();
    const store = await storage.openStore(NETWORK);
    const older = { ...attachedFile(1), keptAtMs: 5 };
    const newer = { ...attachedFile(2), keptAtMs: 6 };
    await store.commit({ attached: [newer] });
    await store.commit({ attached: [older, older], added: [transaction(1)] });
    for (const opened of [store, await storage.openStore(NETWORK)]) {
      const kept = [older, newer].map(({ content: _, ...one }) => one);
      expect(await opened.loadAttachments()).toEqual(kept);
      expect(await opened.loadAttachment(newer.attachment.infohash)).toEqual(newer.content);
      expect(await opened.loadAttachment(INFOHASH)).toBeUndefined();
    }
    const last = await storage.openStore(NETWORK);
    const { content, ...again } = { ...older, keptAtMs: 7 };
    await last.commit({ attached: [again] });
    expect((await last.loadAttachments()).map(({ keptAtMs }) => keptAtMs)).toEqual([6, 7]);
    expect(await last.loadAttachment(older.attachment.infohash)).toEqual(content);
    await last.commit({ detached: [newer.attachment.infohash, INFOHASH] });
    expect(await last.loadAttachments()).toHaveLength(1);
    expect(await last.loadAttachment(newer.attachment.infohash)).toBeUndefined();
    await expect(last.commit({ detached: [older.attachment.infohash], wanted: [uncloneable] })).rejects.toThrow();
    expect(await last.loadAttachment(older.attachment.infohash)).toEqual(older.content);
  });

  test('a file that is dropped is gone, its entry stays, and what is used says so, also after opening again', async () => {
    const storage = create();
    const store = await storage.openStore(NETWORK);
    const added = Array.from({ length: 3_000 }, (_, n) => transaction(n, { bytes: file(n, 300) }));
    await store.commit({ added });
    const before = store.usage();
    const gone = added.filter((_, n) => n % 3 !== 1).map(txidOf);
    await store.commit({ dropped: [...gone, OTHER, ...gone.slice(0, 5)] });
    for (const opened of [store, await storage.openStore(NETWORK)]) {
      expect(await loadAll(opened)).toEqual(added.map(stored));
      expect(opened.usage()).toMatchObject({ dropped: 2_000, fileBytes: 300_000 });
      expect([opened.holds(txidOf(added[0] as StoredEntry)), opened.holds(txidOf(added[1] as StoredEntry))]).toEqual([false, true]);
      const files = await opened.loadFiles(added.map(txidOf));
      expect(files).toEqual(new Map(added.filter((_, n) => n % 3 === 1).map((one) => [txidOf(one), one.bytes])));
    }
    expect(before).toMatchObject({ dropped: 0, fileBytes: 900_000 });
    expect(before.entryBytes / added.length).toBeLessThan(200);
  });

  test('a dropped file that is added again is back, and nothing else has changed', async () => {
    const storage = create();
    const store = await storage.openStore(NETWORK);
    const added = Array.from({ length: 40 }, (_, n) => transaction(n));
    for (const one of added) await store.commit({ added: [one] });
    await store.commit({ dropped: added.map(txidOf) });
    expect(store.usage()).toMatchObject({ dropped: 40, fileBytes: 0 });
    await store.commit({ added: [20, 3, 39].map((n) => ({ ...(added[n] as StoredTransaction), firstSeenMs: 1 })) });
    await store.commit({ added: [transaction(100), added[21] as StoredTransaction] });
    for (const opened of [store, await storage.openStore(NETWORK)]) {
      expect(await loadAll(opened)).toEqual([...added, transaction(100)].map(stored));
      const kept = [3, 20, 21, 39, 100].map((n) => transaction(n));
      expect(await opened.loadFiles([...added, transaction(100)].map(txidOf))).toEqual(
        new Map(kept.map((one) => [txidOf(one), one.bytes])),
      );
      expect(opened.usage()).toMatchObject({ dropped: 36, fileBytes: 200 });
    }
  });
}
