/** A network that was in two halves while a coin was spent on both: what each half sees when they meet, and what a person can do about it. */
import { startTracker } from '../scripts/tracker.mjs';
import { formatAmount } from '../src/core/amount.ts';
import { expect, test } from './fixtures.ts';
import { fileOf, genesisOf, magnetOf, sign, signerOf } from './forge.ts';
import type { Person } from './person.ts';

const TTX = 1_000_000n;

async function addTracker({ page }: Person, url: string): Promise<void> {
  await page.getByLabel('Add a tracker').fill(url);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.locator('.url', { hasText: url })).toBeVisible();
}

/** Meets others at `url` only, from the next time on. */
async function moveTo(person: Person, from: string, url: string): Promise<void> {
  await person.go('#/network');
  await addTracker(person, url);
  await person.page.getByRole('button', { name: `Remove ${from}` }).click();
  await expect(person.page.locator('.url', { hasText: from })).toBeHidden();
}

const standing = ({ page }: Person) => page.getByRole('region', { name: 'Where this payment stands' });

test('two halves of a network that meet again: both sides are shown, and one person follows the other side, and goes back', async ({
  tracker,
  createPerson,
}) => {
  test.setTimeout(240_000);
  const island = await startTracker();
  const ada = await createPerson('ada');
  const invitation = await ada.found('Friends');
  const genesis = genesisOf(invitation);
  const cheat = await signerOf(await ada.words());
  const bob = await createPerson('bob');
  await bob.join(invitation);
  const islanders = await Promise.all(
    ['carol', 'erin'].map(async (name) => {
      const person = await createPerson(name);
      await person.join(invitation);
      await moveTo(person, tracker.url, island.url);
      return person;
    }),
  );
  const [carol, erin] = islanders as [Person, Person];
  // Both leave before either comes back: one that stays would introduce them to the others.
  await Promise.all(islanders.map((person) => person.closeTab()));
  await Promise.all(islanders.map((person) => person.open()));
  const payments = await Promise.all(
    [bob, carol].map(async (person, i) => {
      const payee = await signerOf(await person.words());
      const file = fileOf(sign(cheat, genesis.locator, payee.address, BigInt(5 + i) * TTX));
      await person.go('#/');
      await expect(person.page.getByText('Up to date with the devices connected now')).toBeVisible();
      await person.startAccepting(magnetOf(file, genesis));
      await person.go(`#/activity/${file.txid}`);
      return file;
    }),
  );
  const [toBob, toCarol] = payments.map(({ txid }) => txid);
  for (const person of [bob, carol]) await expect(standing(person)).toContainText(/Confirmed.*Yes\./s, { timeout: 60_000 });
  await ada.closeTab();
  await erin.closeTab();

  await carol.go('#/network');
  await addTracker(carol, tracker.url);
  for (const person of [bob, carol]) {
    await person.go('#/');
    await expect(person.page.getByText('Some devices count another payment than this one')).toBeVisible({ timeout: 60_000 });
    await expect(person.page.getByText('Money of yours depends on it.')).toBeVisible();
  }
  await bob.go(`#/activity/${toBob}`);
  await expect(standing(bob)).toContainText('May I hand over the goods? No, not while devices disagree.');
  await bob.review(await bob.address(), '1');
  await expect(bob.page.getByText('Some devices count this money elsewhere')).toBeVisible();
  await bob.go('#/network');
  await expect(bob.page.getByText('It sees some payments differently')).toBeVisible();
  await bob.page.locator('.peer').getByRole('link', { name: 'Compare the two sides' }).click();
  await expect(bob.page).toHaveURL(new RegExp(`#/network/fork/${toCarol}$`));
  await expect(bob.page.locator('.card', { hasText: 'Counts here' })).toContainText('This device and no connected one');
  await expect(bob.page.locator('.card', { hasText: 'The other side' })).toContainText('Not this device, but the connected one');

  await bob.page.getByRole('link', { name: 'Follow the other side' }).click();
  const changes = bob.page.locator('.card');
  await expect(changes).toContainText(`Your balance now${formatAmount(5n * TTX)}`);
  await expect(changes).toContainText('Your balance then0');
  await expect(changes.locator('.section', { hasText: 'No longer count' })).toContainText('From');
  await bob.page.getByRole('button', { name: 'Follow this side' }).click();
  await expect(bob.page.locator('.card', { hasText: 'Counts here' })).toContainText('Your choice');
  // Whatever happens to the tab, it has happened as a whole.
  await bob.killTab();
  await bob.open();
  await bob.expectBalance(0n);
  await expect(
    bob.page.getByText(/^A payment of 5 TTX from .* was withdrawn: money was spent twice, and you chose the other side\./),
  ).toBeVisible();
  await bob.go(`#/activity/${toBob}`);
  await expect(standing(bob)).toContainText('you chose to follow the other side');
  await carol.go('#/');
  await expect(carol.page.getByText('Some devices count another payment than this one')).toBeHidden({ timeout: 60_000 });

  // And back; a tab that dies in the middle of it has done all of it or nothing.
  const goBack = async () => {
    await bob.go(`#/network/fork/${toBob}/follow`);
    await bob.page.getByRole('button', { name: 'Follow this side' }).click();
  };
  await goBack();
  await bob.killTab();
  await bob.open(`#/network/fork/${toBob}`);
  const here = bob.page.locator('.card', { hasText: 'Counts here' });
  await expect(here).toContainText('Your choice');
  const isBack = /\b5\sTTX/.test(await here.innerText());
  await bob.expectBalance(isBack ? 5n * TTX : 0n);
  if (!isBack) await goBack();
  await bob.expectBalance(5n * TTX);
  await carol.go('#/');
  await expect(carol.page.getByText('Some devices count another payment than this one')).toBeVisible({ timeout: 60_000 });
  await island.stop();
});
