/**
 * A long history passes from one browser to another over one connection. A thousand transactions with each `npm test`, more with
 * TTX_SYNC_TRANSACTIONS.
 */

import { type Locator, locator } from '../src/core/id.ts';
import { encodeProofFile } from '../src/core/proof-file.ts';
import { record } from './crash-record.ts';
import { expect, test } from './fixtures.ts';
import { fileOf, genesisOf, sign, signerOf } from './forge.ts';
import { infohashIn } from './person.ts';

const COUNT = Number(process.env.TTX_SYNC_TRANSACTIONS ?? '1000');
/** Fits a proof file. */
const BATCH = 1_500;
const WORDS = 'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about'.split(' ');

test(`${COUNT} transactions pass from one browser to another`, async ({ tracker: _, createPerson }) => {
  test.setTimeout(120_000 + COUNT * 30);
  const ada = await createPerson('ada');
  const invitation = await ada.found('Friends');
  const genesis = genesisOf(invitation);
  const founder = await signerOf(await ada.words());
  const { address } = await signerOf(WORDS);
  const adaTold = await record(ada.context);
  await ada.reload();

  // A chain: each spends the change of the one before.
  let prev: Locator = genesis.locator;
  let batch: Uint8Array[] = [];
  await ada.go('#/accept');
  for (let n = 1; n <= COUNT; n++) {
    const file = fileOf(sign(founder, prev, address, 1n, { time: n }));
    prev = locator(file.infohash, file.txid);
    batch.push(file.bytes);
    if (batch.length < BATCH && n < COUNT) continue;
    const buffer = Buffer.from(encodeProofFile(batch, genesis.locator, genesis.trackers));
    await ada.page.getByLabel('Open a file').setInputFiles({ name: `${n}.torrent`, mimeType: 'application/x-bittorrent', buffer });
    await expect.poll(() => adaTold.last?.network?.transactions, { timeout: 60_000 }).toBe(n + 1);
    batch = [];
  }

  const bob = await createPerson('bob');
  const bobTold = await record(bob.context);
  await bob.reload();
  const startedAtMs = Date.now();
  await bob.join(invitation);
  await expect.poll(() => bobTold.last?.network?.transactions, { timeout: 60_000 + COUNT * 20, intervals: [50] }).toBe(COUNT + 1);
  const seconds = (Date.now() - startedAtMs) / 1_000;
  console.log(`${COUNT} transactions in ${seconds.toFixed(1)} s, joining included: ${Math.round(COUNT / seconds)} a second`);
  expect(bobTold.last?.network?.supply).toBe(adaTold.last?.network?.supply);
  // The connection is still good for a payment.
  const { link } = await ada.pay(await bob.address(), '5');
  const card = await bob.accept(link);
  await expect(card).toContainText(infohashIn(link));
  await bob.expectBalance(5_000_000n);
});
