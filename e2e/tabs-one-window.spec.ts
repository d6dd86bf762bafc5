/** Tabs as most people have them: in one window, where one is looked at and the others are hidden, slowed down and at last frozen. */
import type { Page } from '@playwright/test';
import { expect, type Friends, test } from './fixtures.ts';
import type { Person, PersonOptions } from './person.ts';
import { showScreen } from './screen.ts';
import { expectAnswer, freezeTab, leads, openSecondTab, tellOfWrites, writesHeardBy } from './tab-roles.ts';

const isVisible = (page: Page) => page.evaluate(() => document.visibilityState === 'visible');
const connected = (page: Page) => page.getByText('1 device connected').first();

test('the tab that is looked at runs the node, and has its peers back within 5 s of each change', async ({ createPerson, tracker: _ }) => {
  const alice = await createPerson('alice', { isOneWindow: true });
  const bob = await createPerson('bob');
  await bob.join(await alice.found('Testland'));
  const { first, second } = await openSecondTab(alice);
  await expect.poll(async () => [await isVisible(first), await isVisible(second)]).toEqual([false, true]);
  await expect.poll(() => [leads(first), leads(second)], { timeout: 5_000 }).toEqual([false, true]);
  await expectAnswer(second, 2_000);
  await expect(connected(second)).toBeVisible({ timeout: 5_000 });
  await first.bringToFront();
  await expect.poll(() => [leads(first), leads(second)], { timeout: 5_000 }).toEqual([true, false]);
  await expectAnswer(first, 2_000);
  await expect(connected(first)).toBeVisible({ timeout: 5_000 });
  await bob.expectBalance(0n);
});

test('the tab that is looked at closes: the one behind it answers within 2 s and has its peers back within 5 s', async ({
  createPerson,
  tracker: _,
}) => {
  const alice = await createPerson('alice', { isOneWindow: true });
  const bob = await createPerson('bob');
  await bob.join(await alice.found('Testland'));
  const { first, second } = await openSecondTab(alice);
  await expect.poll(() => [leads(first), leads(second)], { timeout: 5_000 }).toEqual([false, true]);
  await expect(connected(second)).toBeVisible();
  await second.close();
  await first.bringToFront();
  await expectAnswer(first, 2_000);
  // The closed tab's last answer may have been quicker than its end.
  await expect.poll(() => leads(first), { timeout: 2_000 }).toBe(true);
  await expect(connected(first)).toBeVisible({ timeout: 5_000 });
});

test('where there is no way from tab to tab, the node follows the person: whatever tab is looked at shows the money and pays', async ({
  createPerson,
  tracker: _,
}) => {
  const alice = await createPerson('alice', {
    isOneWindow: true,
    initScript: () => Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined }),
  });
  await alice.found('Testland');
  const first = alice.page;
  await alice.open();
  const second = alice.page;
  await expect.poll(() => [leads(first), leads(second)], { timeout: 10_000 }).toEqual([false, true]);
  await alice.pay(await alice.address(), '5', 'without a way');
  await first.bringToFront();
  await expect.poll(() => [leads(first), leads(second)], { timeout: 10_000 }).toEqual([true, false]);
  await expectAnswer(first, 5_000);
  await showScreen(first, '#/activity');
  await expect(first.getByText('without a way')).toBeVisible();
  await expect(first.getByRole('alert')).toHaveCount(0);
});

test('a hidden tab that works is left to finish, serves the one that is looked at, and then gives the node up', async ({
  createPerson,
  tracker: _,
}) => {
  const alice = await createPerson('alice', { isOneWindow: true });
  const { page } = alice;
  // A network that nobody has: no luck ends the search before its time, as it might that for work.
  await alice.go(`#/join?xt=urn:btih:${'ab'.repeat(20)}`);
  await page.getByRole('button', { name: 'Join this network' }).click();
  await expect(page.getByText('Looking for someone on this network')).toBeVisible();
  const { first, second } = await openSecondTab(alice);
  await expectAnswer(second, 5_000);
  // Several heartbeats long.
  await second.waitForTimeout(5_000);
  expect([leads(first), leads(second)]).toEqual([true, false]);
  await first.getByRole('button', { name: 'Cancel' }).dispatchEvent('click');
  await expect.poll(() => [leads(first), leads(second)], { timeout: 5_000 }).toEqual([false, true]);
  await expectAnswer(second, 2_000);
});

const NOTE = 'when it is sure';
const madeOn = (page: Page) => page.getByRole('listitem').filter({ hasText: NOTE });

/** Bob has been paid by Ada a moment ago, and pays her out of that once it is confirmed. */
async function waitForConfirmation({ ada, bob }: Pick<Friends, 'ada' | 'bob'>): Promise<void> {
  const back = await ada.address();
  await bob.accept((await ada.pay(await bob.address(), '5')).link);
  await bob.review(back, '1', NOTE);
  await bob.page.getByRole('button', { name: 'Send 1 TTX once confirmed' }).click();
  await expect(bob.page.getByText('Waiting until your money is confirmed')).toBeVisible();
}

/** The same in the only window of Bob's, whose tab other tabs can reach. */
async function openWaiting(createFriends: (options: { readonly bob: PersonOptions }) => Promise<Friends>) {
  const { ada, bob } = await createFriends({ bob: { isOneWindow: true } });
  const first = bob.page;
  await first.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await waitForConfirmation({ ada, bob });
  return { ada, bob, first };
}

/** The payment that waited is made where it was ordered, and once. */
async function expectMadeOnce(page: Page, ada: Person): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Hand over the payment' })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('alert')).toHaveCount(0);
  await showScreen(page, '#/activity');
  await expect(madeOn(page)).toHaveCount(1);
  await ada.go('#/activity');
  await expect(madeOn(ada.page)).toHaveCount(1);
}

test('a payment that waits for confirmation keeps the node in no hidden tab, and is made once by the next', async ({ createFriends }) => {
  const { ada, bob } = await createFriends({ bob: { isOneWindow: true } });
  await waitForConfirmation({ ada, bob });
  const { first, second } = await openSecondTab(bob);
  await expect.poll(() => [leads(first), leads(second)], { timeout: 5_000 }).toEqual([false, true]);
  await expectAnswer(second, 5_000);
  await first.bringToFront();
  await expectMadeOnce(first, ada);
});

test('an app that was frozen behind another page is back within 10 s of being opened anew, and its old tab joins in when it thaws', async ({
  createPerson,
  tracker: _,
}) => {
  const alice = await createPerson('alice', { isOneWindow: true });
  await alice.found('Testland');
  const to = await alice.address();
  const first = alice.page;
  await first.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await freezeTab(alice);
  // The one that runs the node keeps its lock.
  const startedAtMs = Date.now();
  await alice.open();
  const second = alice.page;
  await expect(second.getByRole('region', { name: 'Balance' })).toContainText('1 000 000 000', {
    timeout: 10_000 - (Date.now() - startedAtMs),
  });
  expect(leads(second)).toBe(true);
  await alice.pay(to, '3', 'while the other one slept');

  await first.bringToFront();
  await showScreen(first, '#/activity');
  await expect(first.getByText('while the other one slept')).toBeVisible({ timeout: 10_000 });
  await expect.poll(() => [leads(first), leads(second)], { timeout: 10_000 }).toEqual([true, false]);
  await expectAnswer(first, 2_000);
});

test('a payment that waits in a tab that freezes is made once when that thaws, and its old node writes nothing more', async ({
  createFriends,
}) => {
  const { ada, bob, first } = await openWaiting(createFriends);
  await tellOfWrites(first);
  await freezeTab(bob);
  await bob.open();
  const second = bob.page;
  await expectAnswer(second, 10_000);
  expect(leads(second)).toBe(true);
  const writes = await writesHeardBy(second);
  await first.bringToFront();
  await expectMadeOnce(first, ada);
  expect(await writes()).not.toContain('written');
});

test('a payment that waits in a tab that freezes, and that its owner forgets in another one, is not made when it thaws', async ({
  createFriends,
}) => {
  const { bob, first } = await openWaiting(createFriends);
  await freezeTab(bob);
  await bob.open();
  const second = bob.page;
  await expect(second.getByText('A payment was not sent')).toBeVisible({ timeout: 20_000 });
  await second.getByRole('button', { name: 'Forget it' }).click();
  await expect(second.getByText('A payment was not sent')).toHaveCount(0);
  await first.bringToFront();
  await expect(first.getByText('Waiting until your money is confirmed')).toHaveCount(0);
  await expect.poll(() => leads(first), { timeout: 10_000 }).toBe(true);
  await expectAnswer(first, 2_000);
  await showScreen(first, '#/activity');
  await expect(first.getByRole('listitem').first()).toBeVisible();
  await expect(madeOn(first)).toHaveCount(0);
});
