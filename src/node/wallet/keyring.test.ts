import { expect, test } from 'vitest';
import { checkSignature } from '../../core/signature.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { Keyring } from './keyring.ts';

const entropyOf = (seed: number) => (length: number) => new Uint8Array(length).fill(seed);

async function open(seed = 1) {
  const vault = await createMemoryStorage().openVault();
  return { vault, keyring: await Keyring.open(vault, new VirtualClock(), entropyOf(seed), [], undefined) };
}

test("the browser's public key is the library's", async () => {
  for (const seed of [1, 2, 3]) {
    const { keyring } = await open(seed);
    const draft = { time: 1, to: '' as never, tokens: 0n as never, key: keyring.publicKey, prev: null, ref: [] };
    // Signing derives the secret key again; its public key by the library must be the one on show.
    const signed = await keyring.signer().sign(draft, 1);
    expect(signed.key).toBe(keyring.publicKey);
    expect(checkSignature(signed)).toBe('valid');
  }
});

test('a new wallet is on disk before it is shown, and is not backed up', async () => {
  const { vault, keyring } = await open();
  const { wallets } = await vault.load();
  expect(wallets.map((wallet) => wallet.id)).toEqual([keyring.id]);
  expect(keyring.backedUpAtMs).toBeUndefined();
  expect(keyring.words()).toHaveLength(12);
});

test('three right words prove a backup; fewer, or a wrong one, do not', async () => {
  const { vault, keyring } = await open();
  const typed = [0, 5, 11].map((position) => ({ position, word: ` ${keyring.words()[position]?.toUpperCase()} ` }));
  const [first, second, third] = typed;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three were made');
  expect(await keyring.confirmBackup(keyring.id, [first, second])).toEqual([0, 5]);
  expect(await keyring.confirmBackup(keyring.id, [first, first, first])).toEqual([0, 0, 0]);
  expect(await keyring.confirmBackup(keyring.id, [first, second, { ...third, word: 'zoo' }])).toEqual([11]);
  expect(await keyring.confirmBackup(keyring.id, [first, second, { ...third, position: 12 }])).toEqual([12]);
  expect(keyring.backedUpAtMs).toBeUndefined();
  expect(await keyring.confirmBackup(keyring.id, typed)).toEqual([]);
  expect(keyring.backedUpAtMs).toBeDefined();
  expect((await vault.load()).wallets[0]?.backedUpAtMs).toBe(keyring.backedUpAtMs);
  await expect(keyring.confirmBackup('nobody', typed)).rejects.toMatchObject({ code: 'no-wallet' });
});

test('a restored wallet counts as backed up, and restoring it twice keeps one', async () => {
  const { keyring } = await open();
  const words = keyring.words().join(' ');
  const { vault, keyring: other } = await open(2);
  await other.restore(words);
  await other.restore(words.toUpperCase());
  expect(other.id).toBe(keyring.id);
  expect(other.backedUpAtMs).toBeDefined();
  expect((await vault.load()).wallets).toHaveLength(2);
  await expect(other.restore('one two three')).rejects.toMatchObject({ code: 'words' });
  await expect(other.use('nobody')).rejects.toMatchObject({ code: 'no-wallet' });
});
