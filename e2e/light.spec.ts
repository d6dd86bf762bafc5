/** What a device keeps for others: all of it, or within a budget the more important part. */
import { type Locator, locator } from '../src/core/id.ts';
import { magnetLink } from '../src/core/link.ts';
import { encodeProofFile } from '../src/core/proof-file.ts';
import type { TransactionFile } from '../src/core/transaction.ts';
import { record } from './crash-record.ts';
import { expect, test } from './fixtures.ts';
import { fileOf, genesisOf, sign, signerOf } from './forge.ts';
import type { Person } from './person.ts';
import { startStockClient } from './stock/stock-client.ts';

const FRIEND = 'zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong'.split(' ');
const STRANGER = 'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about'.split(' ');

interface Network {
  readonly invitation: string;
  /** A chain of payments, the oldest first. */
  readonly files: readonly TransactionFile[];
}

/** Ada founds a network and pays a stranger so many times. `elsewhere`: once, and the stranger pays a friend the other times. */
async function trade(ada: Person, count: number, { elsewhere = false } = {}): Promise<Network> {
  const invitation = await ada.found('Friends');
  const genesis = genesisOf(invitation);
  const founder = await signerOf(await ada.words());
  const stranger = await signerOf(STRANGER);
  const friend = await signerOf(FRIEND);
  const adaTold = await record(ada.context);
  await ada.reload();
  const files: TransactionFile[] = [];
  let prev: Locator = genesis.locator;
  for (let n = 1; n <= count; n++) {
    const isElsewhere = elsewhere && n > 1;
    const [from, to, units] = isElsewhere ? [stranger, friend, 1n] : [founder, stranger, elsewhere ? 100_000_000n : 1n];
    const file = fileOf(sign(from, prev, to.address, units, { time: n }));
    files.push(file);
    prev = locator(file.infohash, file.txid);
  }
  await ada.go('#/accept');
  const bytes = files.map((file) => file.bytes);
  const buffer = Buffer.from(encodeProofFile(bytes, genesis.locator, genesis.trackers));
  await ada.page.getByLabel('Open a file').setInputFiles({ name: 'all.torrent', mimeType: 'application/x-bittorrent', buffer });
  await expect.poll(() => adaTold.last?.network?.transactions, { timeout: 60_000 }).toBe(count + 1);
  return { invitation, files };
}

/** Less than the screen offers: the least that the node takes. */
async function setLeastBudget(person: Person): Promise<void> {
  // The vault is there when it has been read.
  await person.address();
  await person.page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const vault = await done(indexedDB.open('ttx'));
    const settings = vault.transaction('settings', 'readwrite').objectStore('settings');
    await done(settings.put({ ...(await done(settings.get('settings'))), storageBudgetBytes: 65_536 }, 'settings'));
    vault.close();
  });
}

const transactionsHere = (person: Person) => person.page.locator('.fact', { hasText: 'Transactions here' }).locator('dd');

test('a device that runs out of its budget turns light, and still accepts payments', async ({ tracker: _, createPerson }) => {
  test.setTimeout(120_000);
  const COUNT = 400;
  const ada = await createPerson('ada');
  const { invitation, files } = await trade(ada, COUNT);
  const bob = await createPerson('bob');
  await setLeastBudget(bob);
  await bob.reload();
  await bob.join(invitation);
  await bob.go('#/network');
  await expect(transactionsHere(bob)).toHaveText(String(COUNT + 1), { timeout: 60_000 });
  await expect(bob.page.getByText(/^Light: to save space, this device keeps \d+ payments of strangers without their files/)).toBeVisible();
  await expect(bob.page.getByText(/KiB of 64 KiB used/)).toBeVisible();
  // The other side is told.
  await ada.go('#/network');
  await expect(ada.page.getByText(', not all in full')).toBeVisible();
  await expect(ada.page.getByText('In sync')).toBeVisible();

  await bob.go(`#/activity/${files[0]?.txid}`);
  await expect(bob.page.getByText('Not kept on this device, to save space')).toBeVisible();
  await bob.go('#/settings');
  await expect(bob.page.getByLabel('As set: 64 KiB')).toBeChecked();

  const { link } = await ada.pay(await bob.address(), '7');
  await bob.accept(link);
  await bob.expectBalance(7_000_000n);
  await bob.reload();
  await bob.expectBalance(7_000_000n);
  await ada.accept((await bob.pay(await ada.address(), '2')).link);

  // More room from now on.
  await bob.go('#/settings');
  await bob.page.getByLabel('64 MiB', { exact: true }).check();
  await bob.go('#/network');
  await expect(bob.page.getByText(/KiB of 64 MiB used/)).toBeVisible();
});

test('a plain client is served a payment that is neither the device’s own nor recent: in its turn, or when it is asked for', async ({
  tracker,
  createPerson,
}, info) => {
  test.setTimeout(120_000);
  const COUNT = 120;
  const ada = await createPerson('ada');
  const { invitation, files } = await trade(ada, COUNT);
  const bob = await createPerson('bob');
  await bob.join(invitation);
  await bob.go('#/network');
  await expect(transactionsHere(bob)).toHaveText(String(COUNT + 1), { timeout: 60_000 });
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

  const client = await startStockClient('roamhq', info.outputPath('stock'));
  for (const file of [inTurn, asked]) {
    const target = { locator: locator(file.infohash, file.txid), network: genesisOf(invitation).locator, trackers: [tracker.url] };
    const download = await client.leech(magnetLink(target));
    expect(Buffer.from(download.files[0]?.bytes ?? [])).toEqual(Buffer.from(file.bytes));
  }
  await client.stop();
});

test('a device that follows only its own money fetches what that came through, and all of it once it is asked to', async ({
  tracker: _,
  createPerson,
}) => {
  test.setTimeout(120_000);
  const COUNT = 100;
  const ada = await createPerson('ada');
  const { invitation } = await trade(ada, COUNT, { elsewhere: true });
  const bob = await createPerson('bob');
  await bob.go('#/network/join');
  await bob.page.getByLabel('Invitation link').fill(invitation);
  await bob.page.getByRole('button', { name: 'Continue' }).click();
  await bob.page.getByLabel(/^Only my money/).check();
  await bob.page.getByRole('button', { name: 'Join this network' }).click();
  await expect(bob.page.getByRole('region', { name: 'Balance' })).toBeVisible();
  const { link } = await ada.pay(await bob.address(), '7');
  await bob.accept(link);
  await bob.expectBalance(7_000_000n);
  await bob.go('#/network');
  await expect(bob.page.getByText('Light, as you chose')).toBeVisible();
  // The genesis, Ada's payment to the stranger, and hers to Bob.
  await expect(transactionsHere(bob)).toHaveText('3');
  await ada.go('#/network');
  await expect(ada.page.getByText(', not all in full')).toBeVisible();

  await bob.page.getByLabel(/^Everything/).check();
  await expect(transactionsHere(bob)).toHaveText(String(COUNT + 2), { timeout: 60_000 });
  await expect(bob.page.getByText('Full: this device keeps every payment')).toBeVisible();
  await ada.accept((await bob.pay(await ada.address(), '2')).link);
});
