/** A device that follows only its own money, by choice. */
import { expect, test } from './fixtures.ts';
import type { Person } from './person.ts';

const transactionsHere = (person: Person) => person.page.locator('dt', { hasText: 'Transactions here' }).locator('+ dd');

test('a light device takes what it is paid, asks others about it, and becomes full', async ({ tracker: _, createPerson }) => {
  test.setTimeout(180_000);
  const ada = await createPerson('ada');
  const invitation = await ada.found('Friends');
  const bob = await createPerson('bob');
  await bob.open(invitation);
  await bob.page.getByLabel('Only my money').check();
  await bob.page.getByRole('button', { name: 'Join this network' }).click();
  await expect(bob.page.getByRole('region', { name: 'Balance' })).toBeVisible();
  const to = await bob.address();
  // Among others: none of his business.
  const own = await ada.address();
  await ada.pay(to, '5');
  const { magnet } = await ada.pay(to, '250');
  await ada.pay(own, '1');
  const card = await bob.accept(magnet);
  await expect(card).toContainText('1 of 1 device asked know of no other use of the money; 1 of 1 show that it is unspent.');
  await bob.go('#/network');
  await expect(bob.page.getByText('Light, as you chose')).toBeVisible();
  await expect(bob.page.getByText('This device asks it about your money.')).toBeVisible();
  await expect(transactionsHere(bob)).toHaveText('3');
  await bob.reload();
  await bob.go('#/network');
  await bob.page.getByLabel('Everything').check();
  await expect(transactionsHere(bob)).toHaveText('4', { timeout: 60_000 });
  await expect(bob.page.getByText('In sync')).toBeVisible();
});
