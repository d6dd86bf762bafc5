import { afterEach, describe, expect, test, vi } from 'vitest';
import { isTtxError } from '../core/error.ts';
import { create, loadTxids, NETWORK, transaction, watchConnections } from './idb.contract.ts';

afterEach(() => vi.restoreAllMocks());

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
