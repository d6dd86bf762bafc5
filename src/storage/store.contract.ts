/** What every {@link Storage} keeps to. Each implementation's test runs this suite. */
import { sha256 } from '@noble/hashes/sha2.js';
import { expect, test } from 'vitest';
import type { Entry } from '../core/entry.ts';
import { isTtxError } from '../core/error.ts';
import { amount, infohashFromBytes, locator, markAddress, type TxId, txidFromBytes } from '../core/id.ts';
import {
  type Commit,
  MAX_PAGE,
  type Storage,
  type Store,
  type StoredEntry,
  type StoredNetwork,
  type StoredTransaction,
  type StoredWallet,
  type Want,
} from './store.ts';

/** A file of `sizeBytes` that no other `n` has. */
function file(n: number, sizeBytes = 40): Uint8Array {
  const bytes = new Uint8Array(sizeBytes).fill(n % 251);
  new DataView(bytes.buffer).setUint32(0, n);
  return bytes;
}

/** An entry of a file that nobody has decided on: a store does not know the rules. */
export function entryOf(bytes: Uint8Array, facts: Partial<Entry> = {}): Entry {
  return {
    txid: txidFromBytes(sha256(bytes)),
    infohash: infohashFromBytes(sha256(bytes).slice(0, 20)),
    prev: [],
    sender: markAddress('ttx1sender'),
    to: markAddress('ttx1receiver'),
    tokens: amount(5),
    change: amount(7),
    burn: amount(1),
    reward: amount(0),
    charge: amount(0),
    trail: [3, 1],
    sizeBytes: bytes.length,
    ...facts,
  };
}

function transaction(n: number, { bytes = file(n), ...facts }: Partial<StoredTransaction> = {}): StoredTransaction {
  return { entry: entryOf(bytes), bytes, winners: [], firstSeenMs: 1_000 + n, ...facts };
}

/** As it comes back. */
const stored = ({ bytes: _, ...kept }: StoredTransaction): StoredEntry => kept;
const txidOf = ({ entry }: StoredEntry): TxId => entry.txid;

const NETWORK = txidFromBytes(sha256(file(1_000_001)));
const OTHER = txidFromBytes(sha256(file(1_000_002)));
const INFOHASH = infohashFromBytes(new Uint8Array(20).fill(7));

function attachedFile(n: number) {
  const infohash = infohashFromBytes(new Uint8Array(20).fill(n));
  const attachment = { infohash, sha256: 'a'.repeat(64), name: `${n}.png`, size: 40, type: 'image/png' };
  return { attachment, info: file(n, 10), content: file(n) };
}

const network = (id: TxId): StoredNetwork => ({
  id,
  locator: locator(INFOHASH, id),
  genesis: file(1),
  joinedAtMs: 5,
  openedAtMs: 6,
  trackers: [{ url: 'wss://example.org', source: 'link' }],
  removedTrackers: ['wss://example.net'],
});

const wallet = (id: string): StoredWallet => ({
  id,
  secret: { kind: 'plain', entropy: new Uint8Array(16).fill(9) },
  publicKey: '00'.repeat(32),
  createdAtMs: 3,
  origin: 'created',
});

const want = (id: string, startedAtMs: number): Want => ({ id, infohash: INFOHASH, trackers: ['ws://localhost:1'], startedAtMs });

async function loadAll(store: Store): Promise<StoredEntry[]> {
  const all: StoredEntry[] = [];
  await store.load((page) => all.push(...page));
  return all;
}

/** Something a caller could only pass by lying about its type: no database can keep it. */
const uncloneable = { ...want('broken', 0), trackers: [() => 'a function'] } as unknown as Want;

/** Runs the suite on storages that `create` makes; each call must answer with an empty one. */
export function testStorage(create: () => Storage): void {
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
      transaction(3, { settledMs: 1_700_000_000_000.5, contestedMs: 8, deliveredMs: 9, chosenMs: 10, bytes: file(3, 16_384) }),
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
        { txid: txidOf(c), settledMs: 9, deliveredMs: 3 },
      ],
    });
    const expected = [{ ...stored(a), contestedMs: 5, chosenMs: 6 }, stored(b), { ...stored(c), settledMs: 9, deliveredMs: 3 }];
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

  test('only the last to open the vault may write to it', async () => {
    const storage = create();
    const frozen = await storage.openVault();
    const leader = await storage.openVault();
    const taken = (error: unknown) => isTtxError(error, 'storage-taken');
    await expect(frozen.putSettings({ walletId: 'a' })).rejects.toSatisfy(taken);
    await expect(frozen.putWallet(wallet('a'))).rejects.toSatisfy(taken);
    await expect(frozen.deleteNetwork(NETWORK)).rejects.toSatisfy(taken);
    await leader.putSettings({ walletId: 'b' });
    expect((await frozen.load()).settings).toEqual({ walletId: 'b' });
    expect((await leader.load()).wallets).toEqual([]);
  });

  test('deleting a store that never was is harmless', async () => {
    await create().deleteStore(OTHER);
  });

  test('the vault keeps wallets, networks and settings', async () => {
    const storage = create();
    const vault = await storage.openVault();
    expect(await vault.load()).toEqual({ wallets: [], networks: [], settings: {} });
    await vault.putWallet(wallet('b'));
    await vault.putWallet(wallet('a'));
    await vault.putWallet({ ...wallet('b'), backedUpAtMs: 4 });
    await vault.putNetwork(network(NETWORK));
    await vault.putNetwork({ ...network(NETWORK), openedAtMs: 60 });
    await vault.putSettings({ walletId: 'b', workBits: 12 });
    await vault.putSettings({ workBits: 'auto', leftDevnet: true });
    await vault.close();
    expect(await (await storage.openVault()).load()).toEqual({
      wallets: [wallet('a'), { ...wallet('b'), backedUpAtMs: 4 }],
      networks: [{ ...network(NETWORK), openedAtMs: 60 }],
      settings: { walletId: 'b', workBits: 'auto', leftDevnet: true },
    });
  });

  test('a network that is forgotten is gone, and no other', async () => {
    const vault = await create().openVault();
    await vault.putNetwork(network(NETWORK));
    await vault.putNetwork(network(OTHER));
    await vault.deleteNetwork(OTHER);
    expect((await vault.load()).networks).toEqual([network(NETWORK)]);
    await vault.deleteNetwork(NETWORK);
    expect((await vault.load()).networks).toEqual([]);
  });

  test('the vault shares no memory with the caller', async () => {
    const vault = await create().openVault();
    const mine = wallet('a');
    await vault.putWallet(mine);
    mine.secret.entropy.fill(0);
    expect((await vault.load()).wallets).toEqual([wallet('a')]);
  });

  test('a closed vault says storage-lost', async () => {
    const vault = await create().openVault();
    await vault.close();
    const lost = (error: unknown) => isTtxError(error, 'storage-lost');
    await expect(vault.load()).rejects.toSatisfy(lost);
    await expect(vault.putWallet(wallet('a'))).rejects.toSatisfy(lost);
    await expect(vault.putNetwork(network(NETWORK))).rejects.toSatisfy(lost);
    await expect(vault.deleteNetwork(NETWORK)).rejects.toSatisfy(lost);
    await expect(vault.putSettings({})).rejects.toSatisfy(lost);
  });
}
