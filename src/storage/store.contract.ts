/** What every {@link Store} keeps to. Each implementation's test runs this suite. */
import { expect, test } from 'vitest';
import { isTtxError } from '../core/error.ts';
import { amount, markAddress } from '../core/id.ts';
import { entryOf, file, loadAll, NETWORK, OTHER, stored, transaction, txidOf, uncloneable, want } from './samples.contract.ts';
import { type Commit, MAX_PAGE, type Storage, type StoredEntry, type StoredTransaction, type Want } from './store.ts';

/** Transactions in their order, wants, and whose it is to write. Each call of `create` must answer with an empty storage. */
export function testStore(create: () => Storage): void {
  test('a new store is empty', async () => {
    const store = await create().openStore(NETWORK);
    expect(await loadAll(store)).toEqual([]);
    expect(await store.loadWants()).toEqual([]);
    expect(await store.loadFiles([txidOf(transaction(1))])).toEqual(new Map());
  });

  test('transactions come back in the order of commits, after opening again', async () => {
    const storage = create();
    const batches = [[3, 1], [2], [9, 4, 8]].map((batch) => batch.map((n) => transaction(n)));
    const store = await storage.openStore(NETWORK);
    for (const added of batches) await store.commit({ added });
    expect(await loadAll(store)).toEqual(batches.flat().map(stored));
    await store.close();
    expect(await loadAll(await storage.openStore(NETWORK))).toEqual(batches.flat().map(stored));
  });

  test('keeps every fact of a transaction, and leaves out what is absent', async () => {
    const store = await create().openStore(NETWORK);
    const added = [
      transaction(1, { winners: [txidOf(transaction(2)), OTHER], contestedMs: 7, withdrawnMs: 12 }),
      transaction(2, { settledMs: 0 }),
      transaction(3, {
        settledMs: 1_700_000_000_000.5,
        confirmedMs: 11,
        contestedMs: 8,
        deliveredMs: 9,
        chosenMs: 10,
        bytes: file(3, 16_384),
      }),
      transaction(4, { bytes: new Uint8Array() }),
    ];
    await store.commit({ added });
    expect(await loadAll(store)).toStrictEqual(added.map(stored));
  });

  test('amendments are applied, the latest of each field', async () => {
    const storage = create();
    const store = await storage.openStore(NETWORK);
    const [a, b, c] = [transaction(1), transaction(2, { settledMs: 1 }), transaction(3)];
    await store.commit({ added: [a, b] });
    await store.commit({ amended: [{ txid: txidOf(a), winners: [txidOf(b)], contestedMs: 5 }] });
    await store.commit({
      added: [c],
      amended: [
        { txid: txidOf(a), winners: [], chosenMs: 6 },
        { txid: txidOf(c), settledMs: 9, confirmedMs: 10, deliveredMs: 3 },
      ],
    });
    const expected = [
      { ...stored(a), contestedMs: 5, chosenMs: 6 },
      stored(b),
      { ...stored(c), settledMs: 9, confirmedMs: 10, deliveredMs: 3 },
    ];
    expect(await loadAll(store)).toEqual(expected);
    await store.close();
    expect(await loadAll(await storage.openStore(NETWORK))).toEqual(expected);
  });

  test('an amendment of an unknown transaction is dropped, also when the transaction comes later', async () => {
    const store = await create().openStore(NETWORK);
    const a = transaction(1);
    await store.commit({ amended: [{ txid: txidOf(a), settledMs: 4 }] });
    await store.commit({ added: [a] });
    expect(await loadAll(store)).toEqual([stored(a)]);
  });

  test('the same commit twice changes nothing', async () => {
    const storage = create();
    const commit: Commit = { added: [transaction(1), transaction(2), transaction(1)], wanted: [want('w', 1)] };
    const store = await storage.openStore(NETWORK);
    await store.commit(commit);
    await store.commit(commit);
    await (await storage.openStore(NETWORK)).commit({ added: [transaction(2), transaction(3)] });
    expect(await loadAll(store)).toEqual([1, 2, 3].map((n) => stored(transaction(n))));
  });

  test('a commit that fails in the middle leaves nothing', async () => {
    const store = await create().openStore(NETWORK);
    const before = transaction(1);
    await store.commit({ added: [before], wanted: [want('kept', 1)] });
    const failing = store.commit({
      added: [transaction(2), transaction(3)],
      amended: [{ txid: txidOf(before), winners: [OTHER] }],
      dropped: [txidOf(before)],
      wanted: [want('lost', 2), uncloneable],
      unwanted: ['kept'],
    });
    await expect(failing).rejects.toSatisfy((error) => isTtxError(error, 'bug'));
    expect(await loadAll(store)).toEqual([stored(before)]);
    expect(store.holds(txidOf(before))).toBe(true);
    expect(await store.loadWants()).toEqual([want('kept', 1)]);
    expect((await store.loadFiles([txidOf(transaction(2))])).size).toBe(0);
    await store.commit({ added: [transaction(2)] });
    expect(await loadAll(store)).toEqual([before, transaction(2)].map(stored));
  });

  test('10,000 transactions in one commit come back in order, in bounded pages', async () => {
    const storage = create();
    const added = Array.from({ length: 10_000 }, (_, n) => transaction(n, { bytes: file(n, 400) }));
    const store = await storage.openStore(NETWORK);
    await store.commit({ added });
    await store.close();
    const again = await storage.openStore(NETWORK);
    const pages: StoredEntry[][] = [];
    await again.load((page) => pages.push([...page]));
    expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(MAX_PAGE);
    expect(pages.flat().map(txidOf)).toEqual(added.map(txidOf));
    const files = await again.loadFiles(added.map(txidOf));
    const same = added.filter(({ entry, bytes }) => files.get(entry.txid)?.every((byte, at) => byte === bytes[at]));
    expect(same.length).toBe(added.length);
  });

  test('2,000 transactions in as many commits come back in order', async () => {
    const storage = create();
    const store = await storage.openStore(NETWORK);
    const added = Array.from({ length: 2_000 }, (_, n) => transaction(n));
    for (const one of added) await store.commit({ added: [one] });
    expect((await loadAll(await storage.openStore(NETWORK))).map(({ firstSeenMs }) => firstSeenMs)).toEqual(
      added.map(({ firstSeenMs }) => firstSeenMs),
    );
  });

  test('wants are replaced by id, dropped by id, and come back oldest first', async () => {
    const storage = create();
    const store = await storage.openStore(NETWORK);
    await store.commit({ wanted: [want('b', 2), want('a', 3), want('c', 1)] });
    const fetched: Want = { ...want('b', 2), txid: OTHER, bytes: file(5) };
    await store.commit({ wanted: [fetched], unwanted: ['c', 'never there'] });
    expect(await (await storage.openStore(NETWORK)).loadWants()).toEqual([fetched, want('a', 3)]);
  });

  test('an error of the page callback reaches the caller as it is', async () => {
    const store = await create().openStore(NETWORK);
    await store.commit({ added: [transaction(1)] });
    const mine = new RangeError('mine');
    await expect(
      store.load(() => {
        throw mine;
      }),
    ).rejects.toBe(mine);
    expect(await loadAll(store)).toEqual([stored(transaction(1))]);
  });

  test('a payment is found by the job that made it, if and only if it was committed', async () => {
    const storage = create();
    const store = await storage.openStore(NETWORK);
    const txid = txidOf(transaction(1));
    await store.commit({ added: [transaction(1)], paid: [{ job: 'a', txid }] });
    await expect(store.commit({ paid: [{ job: 'b', txid }], wanted: [uncloneable] })).rejects.toThrow();
    const again = await storage.openStore(NETWORK);
    expect(await again.findPaid('a')).toBe(txid);
    expect(await again.findPaid('b')).toBeUndefined();
  });

  test('entries come back with their parents, amounts and addresses, whatever was committed between', async () => {
    const storage = create();
    const store = await storage.openStore(NETWORK);
    const added: StoredTransaction[] = [];
    for (let n = 0; n < 300; n++) {
      const bytes = file(n);
      const prev = [1, 7, 40].flatMap((back) => added[n - back]?.entry.txid ?? []).sort();
      const facts = {
        prev,
        to: markAddress(`ttx1to${n % 5}`),
        sender: markAddress(`ttx1to${(n + 4) % 5}`),
        change: amount(2n ** 60n + BigInt(n)),
      };
      added.push(transaction(n, { bytes, entry: entryOf(bytes, facts) }));
    }
    for (const [from, to] of [
      [0, 1],
      [1, 2],
      [2, 60],
      [60, 61],
      [61, 300],
    ] as const)
      await store.commit({ added: added.slice(from, to) });
    expect(await loadAll(store)).toEqual(added.map(stored));
    expect(await loadAll(await storage.openStore(NETWORK))).toEqual(added.map(stored));
  });

  test('a hundred amendments, one a commit, are all there', async () => {
    const storage = create();
    const store = await storage.openStore(NETWORK);
    const added = Array.from({ length: 100 }, (_, n) => transaction(n));
    await store.commit({ added: added.slice(0, 50) });
    await store.commit({ added: added.slice(50) });
    for (const [n, one] of added.entries())
      await store.commit({ amended: [{ txid: txidOf(one), settledMs: n, winners: n % 9 === 0 ? [OTHER] : [] }] });
    const expected = added.map((one, n) => ({ ...stored(one), settledMs: n, winners: n % 9 === 0 ? [OTHER] : [] }));
    expect(await loadAll(store)).toEqual(expected);
    await (await storage.openStore(NETWORK)).commit({ amended: [{ txid: txidOf(added[0] as StoredEntry), winners: [] }] });
    expect((await loadAll(await storage.openStore(NETWORK))).map(({ winners }) => winners.length)).toEqual(
      expected.map(({ winners }, n) => (n === 0 ? 0 : winners.length)),
    );
  });

  test('commits that are asked for at once are done one after another', async () => {
    const storage = create();
    const store = await storage.openStore(NETWORK);
    const added = Array.from({ length: 80 }, (_, n) => transaction(n));
    await Promise.all(
      added.flatMap((one, n) => [
        store.commit({ added: [one] }),
        store.commit({ wanted: [want(`w${n}`, n)] }),
        ...(n % 2 === 0 ? [store.commit({ dropped: [txidOf(one)], amended: [{ txid: txidOf(one), settledMs: n }] })] : []),
      ]),
    );
    for (const opened of [store, await storage.openStore(NETWORK)]) {
      expect(await loadAll(opened)).toEqual(added.map((one, n) => (n % 2 === 0 ? { ...stored(one), settledMs: n } : stored(one))));
      expect((await opened.loadFiles(added.map(txidOf))).size).toBe(40);
      expect((await opened.loadWants()).length).toBe(80);
    }
  });

  test('networks do not see each other', async () => {
    const storage = create();
    await (await storage.openStore(NETWORK)).commit({ added: [transaction(1)] });
    expect(await loadAll(await storage.openStore(OTHER))).toEqual([]);
  });

  test('a closed store says storage-lost', async () => {
    const store = await create().openStore(NETWORK);
    await store.close();
    await store.close();
    const lost = (error: unknown) => isTtxError(error, 'storage-lost');
    await expect(store.commit({ added: [transaction(1)] })).rejects.toSatisfy(lost);
    await expect(loadAll(store)).rejects.toSatisfy(lost);
    await expect(store.loadFiles([])).rejects.toSatisfy(lost);
    await expect(store.loadWants()).rejects.toSatisfy(lost);
  });

  test('deleting a store that is open elsewhere closes it there and leaves an empty one', async () => {
    const storage = create();
    const [here, there] = [await storage.openStore(NETWORK), await storage.openStore(NETWORK)];
    await there.commit({ added: [transaction(1)] });
    await storage.deleteStore(NETWORK);
    for (const store of [here, there]) {
      await expect(store.commit({ added: [transaction(2)] })).rejects.toSatisfy((error) => isTtxError(error, 'storage-lost'));
    }
    expect(await loadAll(await storage.openStore(NETWORK))).toEqual([]);
  });

  test('only the last to open a store may write to it; the others still read', async () => {
    const storage = create();
    const frozen = await storage.openStore(NETWORK);
    await frozen.commit({ added: [transaction(1)] });
    const leader = await storage.openStore(NETWORK);
    const taken = (error: unknown) => isTtxError(error, 'storage-taken');
    await expect(frozen.commit({ added: [transaction(2)] })).rejects.toSatisfy(taken);
    await leader.commit({ added: [transaction(3)] });
    await expect(frozen.commit({ unwanted: ['x'] })).rejects.toSatisfy(taken);
    expect(await frozen.loadFiles([txidOf(transaction(1))])).toEqual(new Map([[txidOf(transaction(1)), file(1)]]));
    expect(await loadAll(leader)).toEqual([transaction(1), transaction(3)].map(stored));
  });

  test('deleting a store that never was is harmless', async () => {
    await create().deleteStore(OTHER);
  });
}
