/** What a device keeps for others: all of it, or within a budget the more important part. */
import { expect, test } from './fixtures.ts';
import type { Person } from './person.ts';
import { trade } from './trade.ts';

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
