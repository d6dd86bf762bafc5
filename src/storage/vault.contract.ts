/** What every {@link Vault} keeps to. Each implementation's test runs this suite. */
import { expect, test } from 'vitest';
import { isTtxError } from '../core/error.ts';
import { locator, type TxId } from '../core/id.ts';
import { file, INFOHASH, NETWORK, OTHER } from './samples.contract.ts';
import type { Storage, StoredNetwork, StoredWallet } from './store.ts';

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

/** Wallets, networks and settings. Each call of `create` must answer with an empty storage. */
export function testVault(create: () => Storage): void {
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

  test('a vault is new to who has created it, and to nobody else', async () => {
    const storage = create();
    const first = await storage.openVault();
    const second = await storage.openVault();
    expect([first.isNew, second.isNew]).toEqual([true, false]);
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
