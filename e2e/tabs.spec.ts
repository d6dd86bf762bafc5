/** Several tabs of one profile: one of them runs the node, the others use it, and no tab's end is the wallet's. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import type { Person } from './person.ts';

/** Whether the node runs in this tab. */
const leads = (page: Page): boolean => page.workers().some((worker) => worker.url().includes('node.worker'));

/** A second tab of the same person, connected to the node of the first. */
async function openSecondTab(person: Person): Promise<{ first: Page; second: Page }> {
  const first = person.page;
  // The way from tab to tab is the service worker, which is there once the app has been fetched.
  await first.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await person.open();
  return { first, second: person.page };
}

const balanceOn = (page: Page) => page.locator('section[aria-label="Balance"] .balance-amount');

/** Asks the node something by looking at a screen that only it can fill. */
async function expectAnswer(page: Page, timeout: number): Promise<void> {
  await page.evaluate(() => {
    window.location.hash = '#/network/invite';
  });
  await expect(page.getByRole('button', { name: 'Copy invitation link' })).toBeVisible({ timeout });
  await page.evaluate(() => {
    window.location.hash = '#/';
  });
}

test('two tabs share one node: both show the money and both pay', async ({ createPerson, tracker: _ }) => {
  const alice = await createPerson('alice');
  await alice.found('Testland');
  const { first, second } = await openSecondTab(alice);
  await expect(balanceOn(second)).toContainText('1 000 000 000');
  // The one that ran it still does: the other has found the way to it, and did not take its place for want of one.
  expect([leads(first), leads(second)]).toEqual([true, false]);
  const { link } = await alice.pay(await alice.address(), '5', 'from the second tab');
  expect(link).toContain('#/accept?');
  await first.bringToFront();
  await first.evaluate(() => {
    window.location.hash = '#/activity';
  });
  await expect(first.getByText('from the second tab')).toBeVisible();
});

test('the tab that runs the node closes: the other answers within 2 s and has its peers back within 5 s', async ({
  createPerson,
  tracker: _,
}) => {
  const [alice, bob] = [await createPerson('alice'), await createPerson('bob')];
  await bob.join(await alice.found('Testland'));
  const { first, second } = await openSecondTab(alice);
  const [leader, other] = leads(first) ? [first, second] : [second, first];
  await expect(other.getByText('1 device connected').first()).toBeVisible();
  await leader.close();
  await expectAnswer(other, 2_000);
  expect(leads(other)).toBe(true);
  await expect(other.getByText('1 device connected').first()).toBeVisible({ timeout: 5_000 });
});

test('the tab that runs the node crashes: the other answers within 2 s', async ({ createPerson, tracker: _ }) => {
  const alice = await createPerson('alice');
  await alice.found('Testland');
  const { first, second } = await openSecondTab(alice);
  const [leader, other] = leads(first) ? [first, second] : [second, first];
  const crashed = leader.waitForEvent('crash');
  const session = await alice.context.newCDPSession(leader);
  session.send('Page.crash').catch(() => undefined);
  await crashed;
  await other.bringToFront();
  await expectAnswer(other, 2_000);
});

test('a frozen tab is replaced within 10 s, and when it thaws it uses the other', async ({ createPerson, tracker: _ }) => {
  const alice = await createPerson('alice');
  await alice.found('Testland');
  const { first, second } = await openSecondTab(alice);
  const [leader, other] = leads(first) ? [first, second] : [second, first];
  // Chromium freezes only pages that are hidden, and here all are visible; one that is this busy answers as little, while its worker does.
  const thawed = leader.evaluate(() => {
    const until = performance.now() + 14_000;
    while (performance.now() < until);
  });
  await other.bringToFront();
  await expect.poll(() => leads(other), { timeout: 10_000 }).toBe(true);
  await expectAnswer(other, 2_000);
  await thawed;
  await expect.poll(() => leads(leader)).toBe(false);
  await other.evaluate(() => {
    window.location.hash = '#/';
  });
  await expect(balanceOn(other)).toContainText('1 000 000 000');
  await expectAnswer(leader, 10_000);
});

test('a payment under way in a tab that closes is made once by the next', async ({ createPerson, tracker: _ }) => {
  const alice = await createPerson('alice');
  await alice.found('Testland');
  const { first, second } = await openSecondTab(alice);
  const [leader, other] = leads(first) ? [first, second] : [second, first];
  await other.bringToFront();
  await other.evaluate(() => {
    window.location.hash = '#/pay';
  });
  const address = await alice.address();
  await other.evaluate(() => {
    window.location.hash = '#/pay';
  });
  await other.getByLabel('Send to').fill(address);
  await other.getByLabel('Amount').fill('7');
  await other.getByRole('button', { name: 'Review payment' }).click();
  await other.getByRole('button', { name: /^Send .* TTX$/ }).click();
  await leader.close();
  await expect(other.getByRole('heading', { name: 'Hand over the payment' })).toBeVisible({ timeout: 20_000 });
  await other.evaluate(() => {
    window.location.hash = '#/activity';
  });
  await expect(other.getByRole('listitem').filter({ hasText: '7 TTX' })).toHaveCount(1);
});
