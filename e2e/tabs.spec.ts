/**
 * Several tabs of one profile: one of them runs the node, the others use it, and no tab's end is the wallet's. Here all tabs are visible,
 * as in windows side by side.
 */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { showScreen } from './screen.ts';
import { expectAnswer, leads, openSecondTab, stallWork, tellOfWrites, writesHeardBy } from './tab-roles.ts';

/** Remembers all that the page says to every other tab at once. Runs in the page before the app. */
function recordBroadcasts(): void {
  const broadcasts: string[] = [];
  Object.assign(window, { broadcasts });
  const { postMessage } = BroadcastChannel.prototype;
  BroadcastChannel.prototype.postMessage = function (this: BroadcastChannel, message: unknown) {
    broadcasts.push(JSON.stringify(message));
    Reflect.apply(postMessage, this, [message]);
  };
}
const broadcastsOf = (page: Page) => page.evaluate(() => (window as unknown as { broadcasts: string[] }).broadcasts);

const balanceOn = (page: Page) => page.locator('section[aria-label="Balance"] .balance-amount');

test('two tabs share one node: both show the money and both pay', async ({ createPerson, tracker: _ }) => {
  const alice = await createPerson('alice', { initScript: recordBroadcasts });
  await alice.found('Testland');
  const { first, second } = await openSecondTab(alice);
  await expect(balanceOn(second)).toContainText('1 000 000 000');
  // The one that ran it still does: the other has found the way to it, and did not take its place for want of one.
  expect([leads(first), leads(second)]).toEqual([true, false]);
  const { link } = await alice.pay(await alice.address(), '5', 'from the second tab');
  expect(link).toContain('#/accept?');
  await first.bringToFront();
  await showScreen(first, '#/activity');
  await expect(first.getByText('from the second tab')).toBeVisible();
  await second.bringToFront();
  expect((await alice.words()).length).toBe(12);
  // All of that went from port to port. What every tab can hear is who leads.
  const broadcasts = (await Promise.all([first, second].map(broadcastsOf))).flat();
  expect(broadcasts.length).toBeGreaterThan(0);
  const closed = /^\{"kind":"(leads|visible|awake\??)","contract":"contract-[0-9a-f]{16}"\}$/;
  expect(broadcasts.filter((message) => !closed.test(message))).toEqual([]);
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
  await expect.poll(() => leads(other), { timeout: 2_000 }).toBe(true);
  await expect(other.getByText('1 device connected').first()).toBeVisible({ timeout: 5_000 });
});

test('the tab that runs the node crashes: the other answers within 2 s and has its peers back within 5 s', async ({
  createPerson,
  pageErrors,
  tracker: _,
}) => {
  const [alice, bob] = [await createPerson('alice'), await createPerson('bob')];
  await bob.join(await alice.found('Testland'));
  const { first, second } = await openSecondTab(alice);
  const [leader, other] = leads(first) ? [first, second] : [second, first];
  await expect(other.getByText('1 device connected').first()).toBeVisible();
  const crashed = leader.waitForEvent('crash');
  const session = await alice.context.newCDPSession(leader);
  session.send('Page.crash').catch(() => undefined);
  await crashed;
  await other.bringToFront();
  await expectAnswer(other, 2_000);
  await expect.poll(() => leads(other), { timeout: 2_000 }).toBe(true);
  await expect(other.getByText('1 device connected').first()).toBeVisible({ timeout: 5_000 });
  // The service worker lived in the process that crashed. What the other tab was fetching through it is lost: icons, the manifest. If
  // the app had needed any of it, it would not have answered.
  const isLost = ({ text }: { readonly text: string }) => text.startsWith('Failed to load resource: net::ERR_FAILED');
  pageErrors.splice(0, Infinity, ...pageErrors.filter((error) => !isLost(error)));
});

test('a tab that lost the node while its page stood still cannot write, and what it missed is in the other', async ({
  createPerson,
  tracker: _,
}) => {
  const [alice, bob] = [await createPerson('alice'), await createPerson('bob')];
  const invitation = await bob.found('Testland');
  await alice.join(invitation);
  const to = await alice.address();
  const { first, second } = await openSecondTab(alice);
  const [leader, other] = leads(first) ? [first, second] : [second, first];
  await expect(leader.getByText('1 device connected').first()).toBeVisible();
  await tellOfWrites(leader);
  // The page stands still; its worker does not, and goes on hearing from Bob over the channel that was transferred to it.
  const standstill = leader.waitForEvent('dialog');
  const thawed = leader.evaluate(() => window.alert('The page stands still until this is answered.'));
  const dialog = await standstill;
  await other.bringToFront();
  await expect.poll(() => leads(other), { timeout: 10_000 }).toBe(true);
  await expectAnswer(other, 2_000);
  await expect(other.getByText('1 device connected').first()).toBeVisible({ timeout: 5_000 });
  const writes = await writesHeardBy(other);
  await bob.pay(to, '5', 'in between');
  await expect(balanceOn(other)).toContainText('5');
  await expect.poll(writes).toContain('refused');
  expect(await writes()).not.toContain('written');
  await dialog.accept();
  await thawed;
  await expect.poll(() => leads(leader)).toBe(false);
  await showScreen(leader, '#/');
  await expect(balanceOn(leader)).toContainText('5');
  await expectAnswer(leader, 10_000);
  await expect(leader.getByRole('alert')).toHaveCount(0);
});

test('a payment under way in a tab that closes is made once by the next', async ({ createPerson, tracker: _ }) => {
  const alice = await createPerson('alice');
  await alice.found('Testland');
  const { first, second } = await openSecondTab(alice);
  const [leader, other] = leads(first) ? [first, second] : [second, first];
  await other.bringToFront();
  await showScreen(other, '#/pay');
  const address = await alice.address();
  await showScreen(other, '#/pay');
  await other.getByLabel('Send to').fill(address);
  await other.getByLabel('Amount').fill('7');
  await other.getByRole('button', { name: 'Review payment' }).click();
  await other.getByRole('button', { name: /^Send .* TTX( now)?$/ }).click();
  await leader.close();
  await expect(other.getByRole('heading', { name: 'Hand over the payment' })).toBeVisible({ timeout: 20_000 });
  await showScreen(other, '#/activity');
  await expect(other.getByRole('listitem').filter({ hasText: '7 TTX' })).toHaveCount(1);
});

test('a network that is being founded when the tab that works at it closes: the other one says so and founds nothing by itself', async ({
  createPerson,
  tracker: _,
}) => {
  const alice = await createPerson('alice');
  const { first, second } = await openSecondTab(alice);
  const [leader, other] = leads(first) ? [first, second] : [second, first];
  await other.bringToFront();
  await showScreen(other, '#/network/found');
  await stallWork(leader);
  await other.getByLabel('Name', { exact: true }).fill('Never');
  await other.getByRole('button', { name: 'Found network' }).click();
  await expect(other.getByText(/tries so far/)).toBeVisible();
  await leader.close();
  await expect(other.getByText('The tab that did this was closed')).toBeVisible();
  await expect(other.getByText(/tries so far/)).toHaveCount(0);
  // What was typed is there to be sent again.
  await expect(other.getByLabel('Name', { exact: true })).toHaveValue('Never');
});
