/** Stock clients take a payment for any other torrent: they fetch it from the app by its magnet, and the app fetches it from them. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { locator } from '../src/core/id.ts';
import { magnetLink, parseLink } from '../src/core/link.ts';
import { test as base, expect } from './fixtures.ts';
import { genesisOf } from './forge.ts';
import { infohashIn } from './person.ts';
import { type StockClient, type StockKind, startStockClient } from './stock/stock-client.ts';
import { trade } from './trade.ts';

const TTX = 1_000_000n;

const test = base.extend<{ readonly createStockClient: (kind: StockKind) => Promise<StockClient> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are needed from the pattern
  createStockClient: async ({}, use, info) => {
    const clients: StockClient[] = [];
    await use(async (kind) => {
      const client = await startStockClient(kind, info.outputPath(`stock-${kind}-${clients.length}`));
      clients.push(client);
      return client;
    });
    for (const client of clients) await client.stop();
  },
});

/** The bytes of a payment, from a magnet that carries them. */
function fileIn(magnet: string): Uint8Array {
  const link = parseLink(magnet);
  if (link.kind !== 'magnet' || link.magnet.file === undefined) throw new Error('the magnet carries no file');
  return link.magnet.file;
}

const CLIENTS: readonly { readonly kind: StockKind; readonly name: string }[] = [
  { kind: 'page', name: 'WebTorrent in a page' },
  { kind: 'roamhq', name: 'WebTorrent in Node over @roamhq/wrtc' },
  { kind: 'werift', name: 'WebTorrent in Node over werift' },
];

for (const { kind, name } of CLIENTS) {
  test(`${name} leeches payments by their magnets, then alone seeds them, and the app accepts them`, async ({
    tracker: _,
    createPerson,
    createStockClient,
  }) => {
    const ada = await createPerson('ada');
    const bob = await createPerson('bob');
    await bob.join(await ada.found('Friends'));
    const to = await bob.address();
    await bob.closeTab();
    const ancestor = await ada.pay(await ada.address(), '40');
    const { link, magnet } = await ada.pay(to, '15', 'for a stock client');
    const client = await createStockClient(kind);
    await client.leech(ancestor.magnet);

    const { infohash, files, connections, complaints } = await client.leech(magnet);
    expect(infohash).toBe(infohashIn(magnet));
    expect(files.map((file) => file.path)).toEqual(['tx/tx.json']);
    const bytes = Buffer.from(files[0]?.bytes ?? []);
    expect(bytes).toEqual(Buffer.from(fileIn(magnet)));
    const named = parseLink(magnet);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(named.kind === 'magnet' ? named.magnet.txid : undefined);
    expect(new Set(connections)).toEqual(new Set(['webrtc']));
    expect(complaints).toEqual([]);
    // Whoever pays is told when the tab may be closed, whatever program it is that holds the payment now.
    await expect(ada.page.getByText('1 other device holds this payment')).toBeVisible();
    await ada.close();

    await bob.open();
    // The app link names the payment and does not carry it.
    await expect(await bob.accept(link)).toContainText('for a stock client');
    await bob.expectBalance(15n * TTX);
  });
}

test('a network is joined whose genesis only a stock client seeds', { tag: '@once' }, async ({
  tracker: _,
  createPerson,
  createStockClient,
}) => {
  const ada = await createPerson('ada');
  const invitation = await ada.found('Friends');
  const link = parseLink(invitation);
  if (link.kind !== 'invitation') throw new Error('not an invitation');
  const { infohash, trackers } = link.magnet;
  const client = await createStockClient('roamhq');
  await client.leech(`magnet:?xt=urn:btih:${infohash}${trackers.map((url) => `&tr=${encodeURIComponent(url)}`).join('')}`);
  await ada.close();

  const bob = await createPerson('bob');
  await bob.join(invitation);
  expect(await bob.supply()).toBe(1_000_000_000n * TTX);
});

test(
  'a folder tx with the saved tx.json, seeded by a stock client, is the payment',
  { tag: '@once' },
  async ({ tracker, createPerson, createStockClient }, info) => {
    const ada = await createPerson('ada');
    const bob = await createPerson('bob');
    await bob.join(await ada.found('Friends'));
    const to = await bob.address();
    await bob.closeTab();
    const { link, magnet } = await ada.pay(to, '7');
    await ada.close();

    const folder = info.outputPath('tx');
    await mkdir(folder);
    await writeFile(join(folder, 'tx.json'), fileIn(magnet));
    const client = await createStockClient('roamhq');
    expect(await client.seedFolder(folder, [tracker.url])).toBe(infohashIn(magnet));

    await bob.open();
    await bob.accept(link);
    await bob.expectBalance(7n * TTX);
  },
);

test('a plain client is served a payment that is neither the device’s own nor recent: in its turn, or when it is asked for', async ({
  tracker,
  createPerson,
  createStockClient,
}) => {
  test.setTimeout(120_000);
  const COUNT = 120;
  const ada = await createPerson('ada');
  const { invitation, files } = await trade(ada, COUNT);
  const bob = await createPerson('bob');
  await bob.join(invitation);
  await bob.go('#/network');
  await expect(bob.page.locator('.fact', { hasText: 'Transactions here' }).locator('dd')).toHaveText(String(COUNT + 1), {
    timeout: 60_000,
  });
  await ada.close();
  const old = files.slice(0, -20);
  let live = new Set<string>();
  // The rotation begins when the network is opened, anywhere: also with the latest.
  await expect(async () => {
    await bob.reload();
    await bob.page.getByText('What is seeded').click();
    const seeded = bob.page.locator('details', { hasText: 'What is seeded' }).locator('code');
    await expect.poll(() => seeded.count()).toBeGreaterThan(1);
    live = new Set(await seeded.allInnerTexts());
    expect(live.size).toBeLessThanOrEqual(32);
    expect(old.some(({ infohash }) => live.has(infohash))).toBe(true);
  }).toPass();
  const inTurn = old.find(({ infohash }) => live.has(infohash));
  const asked = old.find(({ infohash }) => !live.has(infohash));
  if (inTurn === undefined || asked === undefined) throw new Error('everything is live');
  await bob.go(`#/activity/${asked.txid}/proof`);
  await expect(bob.page.getByRole('button', { name: 'Copy payment link' })).toBeVisible();

  const client = await createStockClient('roamhq');
  for (const file of [inTurn, asked]) {
    const target = { locator: locator(file.infohash, file.txid), network: genesisOf(invitation).locator, trackers: [tracker.url] };
    const download = await client.leech(magnetLink(target));
    expect(Buffer.from(download.files[0]?.bytes ?? [])).toEqual(Buffer.from(file.bytes));
  }
});
