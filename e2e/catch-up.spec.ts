/** Whoever was away for a thousand payments catches up, and sees how far it is. */
import { type Locator, locator } from '../src/core/id.ts';
import { encodeProofFile } from '../src/core/proof-file.ts';
import { record } from './crash-record.ts';
import { expect, test } from './fixtures.ts';
import { fileOf, genesisOf, sign, signerOf } from './forge.ts';

const COUNT = 1_000;
const WORDS = 'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about'.split(' ');

test(`a device that was away for ${COUNT} payments catches up, and shows how far it is`, async ({ tracker: _, createPerson }) => {
  test.setTimeout(180_000);
  const ada = await createPerson('ada');
  const invitation = await ada.found('Friends');
  const genesis = genesisOf(invitation);
  const bob = await createPerson('bob');
  await bob.join(invitation);
  await bob.closeTab();

  const founder = await signerOf(await ada.words());
  const { address } = await signerOf(WORDS);
  const adaTold = await record(ada.context);
  await ada.reload();
  let prev: Locator = genesis.locator;
  const files: Uint8Array[] = [];
  for (let n = 1; n <= COUNT; n++) {
    const file = fileOf(sign(founder, prev, address, 1n, { time: n }));
    prev = locator(file.infohash, file.txid);
    files.push(file.bytes);
  }
  await ada.go('#/accept');
  const buffer = Buffer.from(encodeProofFile(files, genesis.locator, genesis.trackers));
  await ada.page.getByLabel('Open a file').setInputFiles({ name: 'all.torrent', mimeType: 'application/x-bittorrent', buffer });
  await expect.poll(() => adaTold.last?.network?.transactions, { timeout: 60_000 }).toBe(COUNT + 1);

  // Every sentence and every position of the bar that Bob's screen shows.
  await bob.context.addInitScript(() => {
    const seen: { text: string; share: number }[] = [];
    Object.assign(window, { seen });
    new MutationObserver(() => {
      const text = document.querySelector('.sync .hint')?.textContent ?? '';
      const bar = document.querySelector<HTMLProgressElement>('.sync progress');
      if (bar !== null && seen.at(-1)?.text !== text) seen.push({ text, share: bar.value });
    }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  });
  await bob.open('#/network');
  const held = bob.page.locator('.fact', { hasText: 'Transactions here' }).locator('dd');
  await expect(held).toHaveText(/^1\s001$/, { timeout: 90_000 });
  await expect(bob.page.locator('.sync')).toHaveCount(0);
  await expect(bob.page.getByText('In sync')).toBeVisible();

  const seen = await bob.page.evaluate(() => (window as unknown as { seen: { text: string; share: number }[] }).seen);
  expect(seen.length).toBeGreaterThan(1);
  for (const { text } of seen) expect(text).toMatch(/^[\d\s]+ of about 1\s000 payments/);
  expect(seen.some(({ text }) => /, [\d\s]+ a second/.test(text))).toBe(true);
  const shares = seen.map(({ share }) => share);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  console.log(`shown: ${seen.map(({ text }) => text).join(' | ')}`);
});
