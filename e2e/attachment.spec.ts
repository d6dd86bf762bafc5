/** Files that go with a payment: fetched when the payee asks, shown where they are pictures, saved as they are, refused where they are something else. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import type { Locator as Element } from '@playwright/test';
import { locator, type TxId } from '../src/core/id.ts';
import { parseLink } from '../src/core/link.ts';
import { decodeTransaction } from '../src/core/transaction.ts';
import { expect, test } from './fixtures.ts';
import { fileOf, genesisOf, magnetOf, sign, signerOf } from './forge.ts';
import { infohashIn, type Person } from './person.ts';
import { startStockClient } from './stock/stock-client.ts';

const LETTER = { name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('Dear Bob, <script>alert(1)</script>') };

function chunk(type: string, body: Buffer): Buffer {
  const table = Array.from({ length: 256 }, (_, n) => {
    let value = n;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    return value >>> 0;
  });
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  let crc = 0xffffffff;
  for (const byte of named) crc = (table[(crc ^ byte) & 255] ?? 0) ^ (crc >>> 8);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(body.length);
  frame.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 4);
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
}

/** A picture of `side` by `side` pixels. @param kind bits of a channel, and kind of colour */
function png(side: number, kind: readonly [number, number], rows: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side);
  header.writeUInt32BE(side, 4);
  header.set(kind, 8);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** One that does not compress: several pieces of a torrent. */
function noise(side: number): Buffer {
  let seed = 1;
  const rows = Buffer.alloc(side * (1 + 3 * side));
  for (let at = 0; at < rows.length; at++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    rows[at] = at % (1 + 3 * side) === 0 ? 0 : seed >>> 24;
  }
  return png(side, [8, 2], rows);
}

/** A black one: few bytes, however large it is. */
const black = (side: number) => png(side, [1, 0], Buffer.alloc(side * (1 + Math.ceil(side / 8))));

const PICTURE = { name: 'bread.png', mimeType: 'image/png', buffer: noise(400) };

async function attach(person: Person, files: readonly { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
  await person.go('#/pay');
  await person.page.getByLabel('Add files').setInputFiles([...files]);
  for (const { name } of files) await expect(person.page.getByRole('button', { name: `Remove ${name}` })).toBeVisible();
}

/** The txid of a payment whose magnet carries it. */
function txidIn(magnet: string): TxId {
  const link = parseLink(magnet);
  if (link.kind !== 'magnet' || link.magnet.txid === undefined) throw new Error('no txid');
  return link.magnet.txid;
}

/** The card of one file, on the screen of its payment. */
async function openFile(person: Person, txid: TxId, name: string): Promise<Element> {
  await person.go(`#/activity/${txid}`);
  const card = person.page
    .getByRole('region', { name: 'Files' })
    .getByRole('listitem')
    .filter({ has: person.page.getByRole('heading', { name }) });
  await expect(card).toBeVisible();
  return card;
}

test('a picture and a letter go with a payment; the payee fetches both, sees the one and saves the other', async ({ createFriends }) => {
  const { ada, bob } = await createFriends();
  const to = await bob.address();
  await attach(ada, [PICTURE, LETTER]);
  await ada.review(to, '5');
  await expect(ada.page.getByText('bread.png (')).toBeVisible();
  await ada.page.getByRole('button', { name: /^Send .* TTX( now)?$/ }).click();
  await expect(ada.page.getByRole('heading', { name: 'Hand over the payment' })).toBeVisible();
  const link = await ada.copied('payment link');
  await expect(await bob.accept(link)).toContainText('2 files come with it');
  await bob.page.getByRole('link', { name: 'Show in Activity' }).click();
  const page = bob.page.getByRole('region', { name: 'Files' });
  await expect(page.getByRole('heading', { name: '2 files' })).toBeVisible();
  // Nothing comes before somebody asks.
  await expect(page.getByRole('img')).toHaveCount(0);

  await page.getByRole('button', { name: 'Fetch bread.png' }).click();
  const picture = page.getByRole('img', { name: 'bread.png' });
  await expect(picture).toBeVisible();
  await expect
    .poll(() => picture.evaluate((img: HTMLImageElement) => [img.naturalWidth, img.src.startsWith('blob:')]))
    .toEqual([400, true]);
  await page.getByRole('button', { name: 'Fetch letter.txt' }).click();
  const save = page.getByRole('button', { name: 'Save letter.txt' });
  await expect(save).toBeVisible();
  const [download] = await Promise.all([bob.page.waitForEvent('download'), save.click()]);
  expect(download.suggestedFilename()).toBe('letter.txt');
  expect(await readFile(await download.path())).toEqual(LETTER.buffer);
  await expect(page).not.toContainText('Dear Bob');

  // The payee has them now, with nobody else there, also after a reload.
  await ada.close();
  await bob.reload();
  await expect(picture).toBeVisible();
});

test('while the payer is gone the payee is told who is missing; it goes on until cancelled or he is back', async ({ createFriends }) => {
  const { ada, bob } = await createFriends();
  const to = await bob.address();
  await attach(ada, [LETTER]);
  const { link, magnet } = await ada.pay(to, '5');
  await bob.accept(link);
  await ada.closeTab();
  const card = await openFile(bob, txidIn(magnet), 'letter.txt');
  const fetch = card.getByRole('button', { name: 'Fetch letter.txt' });
  await fetch.click();
  await expect(card.getByRole('status')).toContainText('Nobody who has this file is connected now. Ask the sender (ttx1');
  await card.getByRole('button', { name: 'Cancel' }).click();
  await fetch.click();
  await expect(card.getByRole('status')).toBeVisible();
  await ada.open();
  await expect(card.getByRole('button', { name: 'Save letter.txt' })).toBeVisible({ timeout: 40_000 });
});

test('with no tracker left, the file comes from a peer that is connected', { tag: '@once' }, async ({ tracker, createFriends }) => {
  const { ada, bob } = await createFriends();
  const to = await bob.address();
  await attach(ada, [PICTURE]);
  const { link, magnet } = await ada.pay(to, '5');
  await bob.accept(link);
  await tracker.stop();
  const card = await openFile(bob, txidIn(magnet), 'bread.png');
  await card.getByRole('button', { name: 'Fetch bread.png' }).click();
  await expect(card.getByRole('img')).toBeVisible({ timeout: 30_000 });
});

test('a content that is not what the payment says is thrown away', async ({ createFriends }) => {
  const { ada, bob, invitation } = await createFriends();
  const to = await bob.address();
  await attach(ada, [LETTER]);
  const honest = await ada.pay(to, '5');
  const parsed = parseLink(honest.magnet);
  if (parsed.kind !== 'magnet' || parsed.magnet.file === undefined) throw new Error('the magnet carries no file');
  const { transaction, infohash, txid } = decodeTransaction(parsed.magnet.file);
  const module = transaction.modules?.attachment as { readonly files: readonly Record<string, string>[] };
  const files = [{ ...module.files[0], sha256: createHash('sha256').update('another letter').digest('hex') }];
  const signer = await signerOf(await ada.words());
  const lie = fileOf(sign(signer, locator(infohash, txid), to as never, 1_000_000n, { modules: { attachment: { files } as never } }));
  await bob.accept(magnetOf(lie, genesisOf(invitation)));
  const card = await openFile(bob, lie.txid, 'letter.txt');
  await card.getByRole('button', { name: 'Fetch letter.txt' }).click();
  await expect(card.getByRole('alert')).toContainText('This is not the file that was attached');
  await expect(card.getByRole('button', { name: 'Save letter.txt' })).toHaveCount(0);
});

test('pictures are shown while all of them together can be drawn, whatever they say of their size', { tag: '@once' }, async ({
  tracker: _,
  createPerson,
}) => {
  const ada = await createPerson('ada');
  await ada.found('Friends');
  const to = await ada.address();
  const frame = Buffer.from(
    '474946383961 0100 0100 800000 000000ffffff 2c 00000000 2823 2823 00 02 03 440105 00 3b'.replaceAll(' ', ''),
    'hex',
  );
  const large = { name: 'large.gif', mimeType: 'image/gif', buffer: frame };
  const first = { name: 'first.png', mimeType: 'image/png', buffer: black(5_000) };
  const second = { name: 'second.png', mimeType: 'image/png', buffer: black(5_001) };
  await attach(ada, [large, first, second, PICTURE]);
  const { magnet } = await ada.pay(to, '5');
  const gif = await openFile(ada, txidIn(magnet), 'large.gif');
  await expect(gif).toContainText('It cannot be shown as a picture here.');
  const page = ada.page.getByRole('region', { name: 'Files' });
  // One of the two large ones, and the small one.
  await expect(page.getByText('It cannot be shown as a picture here.')).toHaveCount(2);
  await expect(page.getByRole('img')).toHaveCount(2);
  await expect(page.getByRole('img', { name: 'bread.png' })).toBeVisible();
});

test('a stock client fetches an attached file by its magnet', { tag: '@once' }, async ({ tracker: _, createPerson }, info) => {
  const ada = await createPerson('ada');
  await ada.found('Friends');
  const to = await ada.address();
  await attach(ada, [PICTURE]);
  const { magnet } = await ada.pay(to, '5');
  const card = await openFile(ada, txidIn(magnet), 'bread.png');
  await expect(card.getByRole('img')).toBeVisible();
  await card.getByText('Technical details').click();
  const client = await startStockClient('roamhq', info.outputPath('stock'));
  try {
    const file = await ada.copied('magnet link');
    const { infohash, files } = await client.leech(file);
    expect(infohash).toBe(infohashIn(file));
    expect(files.map(({ path }) => path)).toEqual(['bread.png']);
    expect(Buffer.from(files[0]?.bytes ?? [])).toEqual(PICTURE.buffer);
  } finally {
    await client.stop();
  }
});
