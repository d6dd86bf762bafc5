import { beforeEach, expect, test } from 'vitest';
import { DEVNET, devnetGenesis } from '../core/devnet-genesis.ts';
import { amount } from '../core/id.ts';
import { joinFragment } from '../core/link.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import { NetworkBook } from './network-book.ts';
import { clock, openBrowser, PARAMETERS, reset, TTX } from './node.contract.ts';

beforeEach(reset);

test('founding can be cancelled while it works', async () => {
  const alice = await openBrowser();
  const founding = alice.node.foundNetwork('job', { parameters: PARAMETERS, supply: amount(1n), workBits: 32 });
  await alice.node.cancelJob('job');
  await expect(founding).rejects.toMatchObject({ code: 'cancelled' });
  expect(alice.state().networks).toHaveLength(0);
});

test('parameters that would not make a network are named', async () => {
  const alice = await openBrowser();
  const found = (parameters: object, supply = 1n) =>
    alice.node.foundNetwork(String(Math.random()), { parameters: { ...PARAMETERS, ...parameters }, supply: amount(supply), workBits: 0 });
  await expect(found({ name: ' padded ' })).rejects.toMatchObject({ code: 'network-parameters', detail: { what: 'name' } });
  await expect(found({ hrp: 'TTX' })).rejects.toMatchObject({ code: 'network-parameters', detail: { what: 'hrp' } });
  await expect(found({ burnPerByte: 1.5 })).rejects.toMatchObject({ code: 'network-parameters' });
  await expect(found({}, 0n)).rejects.toMatchObject({ code: 'network-parameters', detail: { what: 'supply' } });
});

test('networks keep their data apart; leaving one deletes it and opens another', async () => {
  const alice = await openBrowser();
  const first = await alice.found('First', 10n * TTX);
  const second = await alice.found('Second', 20n * TTX);
  await alice.see((state) => state.network?.balance.total === 20n * TTX);
  await alice.node.openNetwork(first.id);
  await alice.see((state) => state.network?.balance.total === 10n * TTX);
  await alice.node.leaveNetwork(first.id);
  await alice.see((state) => state.network?.id === second.id && state.networks.length === 1);
});

test('trackers can be added and removed, also those that came with the app', async () => {
  const alice = await openBrowser();
  await alice.found();
  await alice.node.addTracker('wss://tracker.example');
  await alice.see((state) => state.network?.trackers.length === 1);
  expect(alice.network().trackers[0]).toMatchObject({ url: 'wss://tracker.example', source: 'user' });
  expect((await alice.node.loadInvitation()).fragment).toContain('tr=wss://tracker.example');
  await alice.node.removeTracker('wss://tracker.example');
  await alice.see((state) => state.network?.trackers.length === 0);
  await expect(alice.node.addTracker('http://tracker.example')).rejects.toMatchObject({ code: 'link' });
});

test('a first visit is on the development network, where coins are to be had and paid at once', async () => {
  const [alice, bob] = [
    await openBrowser(createMemoryStorage(), devnetGenesis()),
    await openBrowser(createMemoryStorage(), devnetGenesis()),
  ];
  for (const browser of [alice, bob]) await browser.see((state) => state.network?.isDevnet === true && state.network.peers.length === 1);
  expect(await Promise.all([alice.node.claimTestCoins(), bob.node.claimTestCoins()])).toEqual([true, true]);
  await alice.see((state) => (state.network?.balance.total ?? 0n) > 500n * TTX);
  await bob.see((state) => (state.network?.balance.total ?? 0n) > 500n * TTX);
  expect(await alice.node.claimTestCoins()).toBe(false);
  const before = bob.balance() ?? 0n;
  await alice.pay(bob.address(), 5n * TTX);
  await bob.see((state) => state.network?.balance.total === before + 5n * TTX);
  await alice.see(() => alice.network().transactions === bob.network().transactions);
});

test('whoever closes the app on the way into a network is in it when it opens again', async () => {
  const storage = createMemoryStorage();
  const vault = await storage.openVault();
  await new NetworkBook(vault, clock, [], []).join(devnetGenesis(), []);
  await vault.close();
  const alice = await openBrowser(storage, devnetGenesis());
  await alice.see((state) => state.network?.isDevnet === true);
});

test('the development network is not joined again once it was left', async () => {
  const alice = await openBrowser(createMemoryStorage(), devnetGenesis());
  await alice.see((state) => state.network?.isDevnet === true);
  await alice.node.leaveNetwork(alice.network().id);
  const again = await openBrowser(alice.storage, devnetGenesis());
  await again.see((state) => !state.isOpening);
  expect(again.state().networks).toEqual([]);
  // By its invitation it is, with nobody online: its genesis comes with the app.
  await again.node.joinNetwork('back', joinFragment(DEVNET.locator, []));
  await again.see((state) => state.network?.isDevnet === true);
});
