/** A payment as a file: an ordinary `.torrent` with its history inside, checked with nobody online. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { decodeProofFile } from '../src/core/proof-file.ts';
import { expect, test } from './fixtures.ts';
import { infohashIn, type Person } from './person.ts';

const TTX = 1_000_000n;
const TYPE = 'application/x-bittorrent';

/** Saves the payment whose proof is on the screen. */
async function save(person: Person, path: string): Promise<Buffer> {
  const saving = person.page.waitForEvent('download');
  await person.page.getByRole('button', { name: 'Save as a file' }).click();
  await (await saving).saveAs(path);
  return readFile(path);
}

interface ShareSheet {
  /** Links and files that it was given. */
  readonly given: {
    readonly url: string | undefined;
    readonly file: { readonly name: string; readonly type: string; readonly bytes: number[] } | undefined;
  }[];
  /** As which error it ends; undefined when the person chooses an app. */
  ends?: string;
  takesFiles: boolean;
}

/** Puts a share sheet in place of the system's. Runs in the page before the app. */
function replaceShareSheet(): void {
  const sheet: ShareSheet = { given: [], takesFiles: true };
  Object.assign(window, { sheet });
  navigator.canShare = ({ files } = {}) => files === undefined || sheet.takesFiles;
  navigator.share = async ({ url, files } = {}) => {
    if (!navigator.userActivation.isActive) throw new DOMException('Nobody has tapped.', 'NotAllowedError');
    if (sheet.ends !== undefined) throw new DOMException('As the test says.', sheet.ends);
    const [file] = files ?? [];
    sheet.given.push({ url, file: file && { name: file.name, type: file.type, bytes: [...new Uint8Array(await file.arrayBuffer())] } });
  };
}

const setSheet = ({ page }: Person, change: Partial<ShareSheet>) =>
  page.evaluate((values) => Object.assign((window as unknown as { sheet: ShareSheet }).sheet, values), change);
const shared = ({ page }: Person) => page.evaluate(() => (window as unknown as { sheet: ShareSheet }).sheet.given);

/** Lets a file fall on the page. */
async function drop(page: Page, name: string, file: Buffer): Promise<void> {
  await page.evaluate(
    ([fileName, type, base64 = '']) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], fileName ?? '', { type: type ?? '' }));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    },
    [name, TYPE, file.toString('base64')],
  );
}

test('a payment and its whole history come as a file, and are checked with nobody online', async ({ tracker, createFriends }, info) => {
  const { ada, bob } = await createFriends();
  const to = await bob.address();
  await tracker.stop();
  await bob.closeTab();
  // Two ancestors that Bob has never seen.
  await ada.pay(await ada.address(), '400');
  await ada.pay(await ada.address(), '300');
  const { magnet } = await ada.pay(to, '12.5', 'in an envelope');
  const path = info.outputPath('payment.torrent');
  const file = await save(ada, path);
  expect(decodeProofFile(file).files.length).toBeGreaterThanOrEqual(3);
  await ada.close();

  await bob.open('#/accept');
  await bob.page.getByLabel('Open a file').setInputFiles(path);
  const card = bob.acceptance('Payment accepted').filter({ hasText: infohashIn(magnet) });
  await expect(card).toContainText('in an envelope');
  await expect(card).toContainText('Received, not yet confirmed');
  await expect(card).toContainText('alone, this one cannot know whether the same money was spent elsewhere too');
  await bob.expectBalance(12_500_000n);

  // Once more changes nothing, and does not read as more money.
  await bob.go('#/accept');
  await bob.page.getByRole('button', { name: 'Remove from this list' }).click();
  await bob.go('#/settings');
  await drop(bob.page, 'payment.torrent', file);
  const again = bob.acceptance('Payment received').filter({ hasText: infohashIn(magnet) });
  await expect(again).toContainText('It was here before you opened this.');
  await bob.expectBalance(12_500_000n);
  // What came as a file can be handed on as one, history included.
  await bob.pay(to, '1');
  expect(decodeProofFile(await save(bob, info.outputPath('change.torrent'))).files.length).toBeGreaterThanOrEqual(4);
  await expect.poll(() => bob.balance()).toBeLessThanOrEqual(12_500_000n + TTX);
});

test('a file that was cut off, altered or is something else says so and changes nothing', async ({ tracker: _, createPerson }, info) => {
  const ada = await createPerson('ada');
  await ada.found('Friends');
  await ada.pay(await ada.address(), '5');
  const file = await save(ada, info.outputPath('payment.torrent'));
  const before = await ada.balance();
  const altered = Buffer.from(file.toString('latin1').replace('"tokens":5000000', '"tokens":6000000'), 'latin1');
  expect(altered).not.toEqual(file);
  for (const bytes of [file.subarray(0, file.length - 20), altered, Buffer.from('d4:infod4:name3:mixee'), Buffer.alloc(2_000_000)]) {
    await ada.go('#/accept');
    await ada.page.getByLabel('Open a file').setInputFiles({ name: 'payment.torrent', mimeType: TYPE, buffer: bytes });
    await expect(ada.page.getByText('This file is not a payment')).toBeVisible();
    await ada.go('#/settings');
    await expect(ada.page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  }
  expect(await ada.balance()).toBe(before);
});

test('link and file go to other apps through the share sheet; where it takes no such file, the file is saved', async ({
  tracker: _,
  createPerson,
}, info) => {
  const ada = await createPerson('ada', { initScript: replaceShareSheet });
  const { page } = ada;
  await ada.found('Friends');
  const { link } = await ada.pay(await ada.address(), '5');
  const shareLink = page.getByRole('button', { name: 'Share', exact: true });
  const shareFile = page.getByRole('button', { name: 'Share as a file' });
  const downloads: string[] = [];
  page.on('download', (download) => downloads.push(download.suggestedFilename()));

  await shareLink.click();
  await shareFile.click();
  await expect.poll(async () => (await shared(ada)).length).toBe(2);
  const [{ url } = {}, { file } = {}] = await shared(ada);
  expect(url).toBe(link);
  expect([file?.name, file?.type]).toEqual([expect.stringMatching(/^payment-[0-9a-f]{8}\.torrent$/), TYPE]);
  expect(decodeProofFile(Uint8Array.from(file?.bytes ?? [])).files.length).toBeGreaterThanOrEqual(2);

  // Whoever changes his mind hears nothing of it.
  await setSheet(ada, { ends: 'AbortError' });
  await shareFile.click();
  await shareLink.click();
  await expect(shareFile).toBeEnabled();
  await expect(page.getByText('Saved instead')).toHaveCount(0);
  await expect(page.getByText('The text is selected')).toHaveCount(0);
  expect(downloads).toEqual([]);

  // Chromium refuses files of this type only now.
  await setSheet(ada, { ends: 'NotAllowedError' });
  await shareFile.click();
  await expect(page.getByText('Saved instead')).toBeVisible();
  await expect.poll(() => downloads).toEqual([file?.name]);
  await shareLink.click();
  await expect(page.getByText('Sharing is not allowed here. The text is selected')).toBeVisible();
  await expect.poll(() => page.evaluate(() => window.getSelection()?.toString())).toBe(link);

  // Other browsers say beforehand that they take none.
  await setSheet(ada, { takesFiles: false });
  await ada.go('#/');
  await expect(page.getByRole('region', { name: 'Balance' })).toBeVisible();
  await page.goBack();
  await page.getByText('Other ways and technical details').click();
  expect(Buffer.from(file?.bytes ?? [])).toEqual(await save(ada, info.outputPath('payment.torrent')));
  await expect(shareFile).toHaveCount(0);
});
