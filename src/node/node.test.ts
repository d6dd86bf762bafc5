import { beforeEach, expect, test } from 'vitest';
import type { NodeState } from '../api/node.ts';
import { devnetGenesis } from '../core/devnet-genesis.ts';
import type { TxId } from '../core/id.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import { clock, inviteTo, openBrowser, reset, TTX } from './node.contract.ts';
import type { Node } from './node.ts';
import { person } from './testkit/people.ts';

beforeEach(reset);

test('a first visit makes a wallet that a second visit finds again', async () => {
  const first = await openBrowser();
  await first.see((state) => state.wallet.address.startsWith('ttx1'));
  const second = await openBrowser(first.storage);
  expect(second.address()).toBe(first.address());
  expect(await second.node.loadWords()).toEqual(await first.node.loadWords());
});

test('found, invite, join, pay: the payee sees the money and the payer sees who holds it', async () => {
  const [alice, bob] = [await openBrowser(), await openBrowser()];
  await alice.found();
  await inviteTo(alice, bob);
  const { txid } = await alice.pay(bob.address(), 5n * TTX, 'for the bread');
  await bob.see((state) => state.network?.balance.total === 5n * TTX);
  await alice.see((state) => state.network?.activity[0]?.holders === 1);
  expect(alice.network().activity[0]).toMatchObject({ txid, kind: 'sent', amount: 5n * TTX, delivered: true, state: 'unconfirmed' });
  expect(bob.network().activity[0]).toMatchObject({ kind: 'received', note: 'for the bread', counterparty: alice.address() });
  expect((alice.balance() ?? 0n) + (bob.balance() ?? 0n)).toBe(alice.network().supply);
});

test('everything is there after a reload, and the payee can pay back', async () => {
  const [alice, bob] = [await openBrowser(), await openBrowser()];
  await alice.found();
  await inviteTo(alice, bob);
  await alice.pay(bob.address(), 5n * TTX);
  await bob.see((state) => state.network?.balance.total === 5n * TTX);
  bob.kill();
  const again = await openBrowser(bob.storage);
  await again.see((state) => state.network?.balance.total === 5n * TTX);
  const before = alice.balance() ?? 0n;
  await again.pay(alice.address(), 1n * TTX);
  await alice.see((state) => state.network?.balance.total === before + 1n * TTX);
});

test('restoring the words in a fresh browser finds the money again from a peer, and keeps the wallet that was there', async () => {
  const [alice, bob, fresh] = [await openBrowser(), await openBrowser(), await openBrowser()];
  await alice.found();
  await inviteTo(alice, bob);
  await alice.pay(bob.address(), 9n * TTX);
  await bob.see((state) => state.network?.balance.total === 9n * TTX);
  const words = (await bob.node.loadWords()).join('  ').toUpperCase();
  const address = bob.address();
  bob.kill();
  const old = fresh.state().wallet.id;
  await fresh.node.restoreWallet(words);
  await inviteTo(alice, fresh);
  await fresh.see((state) => state.network?.balance.total === 9n * TTX);
  expect(fresh.address()).toBe(address);
  await fresh.node.switchWallet(old);
  await fresh.see((state) => state.network?.balance.total === 0n && state.wallet.id === old);
});

test('a node that was away for 300 transactions catches up from one peer', async () => {
  const [alice, bob] = [await openBrowser(), await openBrowser()];
  await alice.found();
  const payee = person('payee');
  for (let i = 0; i < 300; i++) await alice.pay(payee.address, TTX / 10n);
  await inviteTo(alice, bob);
  await bob.see((state) => state.network?.transactions === 301);
  expect(bob.network().supply).toBe(alice.network().supply);
});

test('offline is said; online again, peers are found and payments made meanwhile arrive', async () => {
  const [alice, bob] = [await openBrowser(), await openBrowser()];
  await alice.found();
  await inviteTo(alice, bob);
  await bob.node.setConditions('tab', { online: false, visible: true, resumed: false });
  await bob.see((state) => !state.isOnline && state.network?.peers.length === 0);
  await alice.pay(bob.address(), 5n * TTX);
  await clock.advance(30_000);
  expect(bob.balance()).toBe(0n);
  await bob.node.setConditions('tab', { online: true, visible: true, resumed: false });
  await bob.see((state) => state.isOnline && state.network?.balance.total === 5n * TTX);
});

test('code that could not be fetched is said to be missing; the address shows all the same, and what asks for it later gets it', async () => {
  let isOnline = false;
  const alice = await openBrowser(createMemoryStorage(), undefined, async () => {
    if (!isOnline) throw new TypeError('Failed to fetch dynamically imported module');
  });
  expect(alice.address()).toMatch(/^ttx1/);
  expect(alice.state().isOpening).toBe(true);
  await alice.node.drawn();
  await alice.see(({ trouble }) => trouble?.code === 'work-lost');
  expect(alice.state().isOpening).toBe(false);
  await expect(alice.node.openNetwork('0'.repeat(64) as TxId)).rejects.toMatchObject({ code: 'work-lost' });
  isOnline = true;
  const { name } = await alice.found();
  await alice.see(({ network, trouble }) => network?.name === name && trouble === undefined);
});

test('a later visit whose code could not be fetched can be started once more', async () => {
  const alice = await openBrowser(createMemoryStorage(), devnetGenesis());
  let tries = 0;
  let again: Node | undefined;
  const failing = openBrowser(alice.storage, devnetGenesis(), async (node) => {
    again = node;
    tries++;
    if (tries === 1) throw new TypeError('Failed to fetch dynamically imported module');
  });
  await expect(failing).rejects.toMatchObject({ code: 'work-lost' });
  const states: NodeState[] = [];
  await again?.start('other', { trackers: [], webrtc: true }, (state) => states.push(state));
  expect([tries, states.length > 0]).toEqual([2, true]);
});

test('what a node that stops has not answered is asked of the next one: it has moved', async () => {
  const alice = await openBrowser();
  await alice.found();
  const again = await openBrowser(alice.storage);
  // It waits for the network, which is being opened.
  const waiting = again.node.loadInvitation().catch(({ code }) => code);
  await Promise.all([again.node.stop(), alice.node.stop()]);
  expect(await waiting).toBe('moved');
  await expect(alice.node.cancelJob('job')).rejects.toMatchObject({ code: 'moved' });
  await expect(alice.node.loadInvitation()).rejects.toMatchObject({ code: 'moved' });
});

test('a second visit is told of nothing before its networks are loaded, however often something changes meanwhile', async () => {
  const first = await openBrowser(createMemoryStorage(), devnetGenesis());
  await first.found();
  await first.see(({ wallet }) => wallet.address.startsWith('ttx1'));
  const second = await openBrowser(first.storage, devnetGenesis(), async (node) => {
    await node.setConditions('tab', { online: false, visible: true, resumed: false });
    await clock.advance(1_000);
  });
  expect(second.first().wallet.address).toBe(first.address());
  expect(second.first().networks.map(({ name }) => name)).toContain('Testland');
});
