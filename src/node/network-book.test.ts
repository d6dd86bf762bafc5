import { expect, test } from 'vitest';
import { TtxError } from '../core/error.ts';
import { locator } from '../core/id.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import type { StoredNetwork } from '../storage/store.ts';
import type { Clock } from '../time/clock.ts';
import { NetworkBook } from './network-book.ts';
import { makeGenesis, makePayment, PARAMETERS, person } from './testkit/people.ts';

const founder = person('founder');
const clock: Clock = { nowMs: () => 10, after: () => () => undefined };

function keptNetwork(name: string, change: Partial<StoredNetwork> = {}): StoredNetwork {
  const { file } = makeGenesis(founder, 1_000_000n, { ...PARAMETERS, name });
  return {
    id: file.txid,
    locator: locator(file.infohash, file.txid),
    genesis: file.bytes,
    joinedAtMs: 1,
    openedAtMs: 2,
    trackers: [{ url: 'wss://user.example', source: 'user' }],
    removedTrackers: [],
    ...change,
  };
}

async function openBook(kept: readonly StoredNetwork[]) {
  const vault = await createMemoryStorage().openVault();
  for (const network of kept) await vault.putNetwork(network);
  const book = new NetworkBook(vault, clock, ['wss://app.example'], kept);
  return { book, vault };
}

const payment = makePayment(founder, [makeGenesis(founder).file], founder.address, 1n);

test.each([
  ['is empty', new Uint8Array()],
  ['is cut off', keptNetwork('Damaged').genesis.slice(0, -1)],
  ['is a payment', payment.bytes],
  ['is missing', undefined as unknown as Uint8Array],
])('a kept network whose genesis %s is left out and counted; the others are there', async (_, genesis) => {
  const [damaged, sound] = [keptNetwork('Damaged', { genesis }), keptNetwork('Sound')];
  const { book, vault } = await openBook([damaged, sound]);
  expect(book.list().map(({ summary }) => summary.name)).toEqual(['Sound']);
  expect([book.size, book.unreadable]).toEqual([2, 1]);
  expect([book.find(damaged.id), book.isJoined(damaged.locator)]).toEqual([undefined, false]);
  expect(() => book.get(damaged.id)).toThrow(expect.objectContaining({ code: 'no-network' }));
  await book.opened(sound.id);
  expect((await vault.load()).networks.find(({ id }) => id === damaged.id)?.genesis).toEqual(genesis);
});

test('an invitation to a network whose kept genesis cannot be read replaces it', async () => {
  const sound = keptNetwork('Sound');
  const { book, vault } = await openBook([{ ...sound, genesis: new Uint8Array(3) }]);
  await book.join(sound.genesis, []);
  expect([book.list().map(({ summary }) => summary.name), book.size, book.unreadable]).toEqual([['Sound'], 1, 0]);
  expect((await vault.load()).networks.map(({ genesis }) => genesis)).toEqual([sound.genesis]);
});

test('a network whose kept genesis cannot be read can be forgotten', async () => {
  const { book, vault } = await openBook([keptNetwork('Damaged', { genesis: new Uint8Array(3) })]);
  const [damaged] = (await vault.load()).networks;
  if (damaged !== undefined) await book.forget(damaged.id);
  expect([book.size, book.unreadable, (await vault.load()).networks]).toEqual([0, 0, []]);
});

test('a network can be opened on a full disk', async () => {
  const [first, second] = [keptNetwork('First', { openedAtMs: 1 }), keptNetwork('Second', { openedAtMs: 2 })];
  const { book, vault } = await openBook([first, second]);
  vault.putNetwork = () => Promise.reject(new TtxError('storage-full'));
  await book.opened(first.id);
  expect(book.list().map(({ summary }) => summary.name)).toEqual(['First', 'Second']);
  vault.putNetwork = () => Promise.reject(new TtxError('storage-lost'));
  await expect(book.opened(second.id)).rejects.toMatchObject({ code: 'storage-lost' });
});

test('remembers how much of a network is followed', async () => {
  const { book, vault } = await openBook([]);
  const { file } = makeGenesis(founder, 1_000_000n, { ...PARAMETERS, name: 'Light' });
  const { stored } = await book.join(file.bytes, [], 'light');
  const kept = async () => (await vault.load()).networks.map(({ mode }) => mode);
  expect(await kept()).toEqual(['light']);
  await book.setMode(stored.id, 'full');
  expect(await kept()).toEqual(['full']);
});

test('the network to open next is the one that was opened or joined last, even when the clock was set back', async () => {
  const [old, other] = [keptNetwork('Old', { openedAtMs: 1 }), keptNetwork('Other', { openedAtMs: 5_000 })];
  const { book, vault } = await openBook([old, other]);
  expect(book.last?.stored.id).toBe(other.id);
  await book.opened(old.id);
  expect(book.last?.stored.id).toBe(old.id);
  const kept = new NetworkBook(vault, clock, [], (await vault.load()).networks);
  expect(kept.last?.stored.id).toBe(old.id);
  const { file } = makeGenesis(founder, 1_000_000n, { ...PARAMETERS, name: 'New' });
  await kept.join(file.bytes, []);
  expect(kept.last?.stored.id).toBe(file.txid);
});
