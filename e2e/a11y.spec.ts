/** Every screen under axe-core, in light and dark, on a phone and on a desktop; and the whole way of a payment by keyboard. */
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import type axe from 'axe-core';
import { expect, test } from './fixtures.ts';
import { fileOf, genesisOf, magnetOf, sign, signerOf } from './forge.ts';
import type { Person } from './person.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 800 };
/** Narrowest width at which nothing may be cut off (WCAG 2.2, 1.4.10). */
const NARROW = { width: 320, height: 640 };

/** What axe-core has against the page, in a line each. Without `rules`, by all of them. */
const violations = (page: Page, rules?: string[]) =>
  page.evaluate(async (only) => {
    const runOnly = only === undefined ? {} : { runOnly: { type: 'rule' as const, values: only } };
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'], ...runOnly });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} (${node.failureSummary})`));
  }, rules);

/** Resizes and recolours the page, and waits until it is drawn like that. */
async function present(page: Page, viewport: { width: number; height: number }, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.setViewportSize(viewport);
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.waitForFunction(([width, scheme]) => window.innerWidth === width && matchMedia(`(prefers-color-scheme: ${scheme})`).matches, [
    viewport.width,
    colorScheme,
  ] as const);
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

/** Looks at the screen shown now from all sides. */
async function look({ page }: Person, name: string): Promise<void> {
  await present(page, PHONE, 'light');
  expect.soft(await violations(page), `${name}, on a phone`).toEqual([]);
  await present(page, PHONE, 'dark');
  expect.soft(await violations(page, ['color-contrast']), `${name}, on a phone, dark`).toEqual([]);
  await present(page, DESKTOP, 'dark');
  expect.soft(await violations(page, ['color-contrast']), `${name}, on a desktop, dark`).toEqual([]);
  await present(page, DESKTOP, 'light');
  expect.soft(await violations(page), `${name}, on a desktop`).toEqual([]);
  await present(page, NARROW, 'light');
  const cutOff = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(cutOff, `${name}: pixels that stand out at ${NARROW.width} wide`).toBe(0);
}

async function prepare(person: Person): Promise<void> {
  await person.context.addInitScript({ path: AXE });
  await person.reload();
}

/** Goes to a screen and looks at it. */
async function show(person: Person, fragment: string, title: string | RegExp): Promise<void> {
  await person.go(fragment);
  await expect(person.page.getByRole('heading', { level: 1, name: title })).toBeAttached();
  await look(person, fragment);
}

test.describe('no screen is hard to see, to reach or to understand for anybody', () => {
  test.beforeEach(() => test.setTimeout(180_000));

  test('wallet', async ({ tracker: _, createPerson }) => {
    const ada = await createPerson('ada');
    await prepare(ada);
    const { page } = ada;
    await show(ada, '#/', 'Your wallet is ready');
    await page.getByRole('button', { name: 'Get test coins' }).click();
    await expect(page.getByText('Your test coins are here.').first()).toBeVisible();
    await look(ada, 'test coins');
    await page.getByRole('button', { name: 'Get test coins' }).click();
    await expect(page.getByText('This wallet has had its test coins')).toBeVisible();
    await look(ada, 'test coins twice');
    await show(ada, '#/receive', 'Receive');
    await show(ada, '#/activity', 'Activity');
    await page.locator('.line').first().click();
    await expect(page.getByRole('heading', { level: 1, name: 'Payment received' })).toBeVisible();
    await page.getByText('Technical details').click();
    await look(ada, 'transaction');
    await show(ada, '#/nowhere', 'There is nothing here');
  });

  test('payments', async ({ tracker: _, createPerson }) => {
    const ada = await createPerson('ada');
    const bob = await createPerson('bob');
    const to = await bob.address();
    await bob.close();
    await prepare(ada);
    const { page } = ada;
    await page.getByRole('button', { name: 'Get test coins' }).click();
    await expect(page.getByText('Your test coins are here.').first()).toBeVisible();
    await show(ada, '#/pay', 'Send');
    await page.getByLabel('Send to').fill('nobody');
    await page.getByLabel('Amount').fill('1,5');
    await page.getByRole('button', { name: 'Review payment' }).click();
    await look(ada, 'pay with mistakes');
    await ada.review(to, '12.345678', 'A note');
    await look(ada, 'review');
    const { link } = await ada.pay(to, '1');
    await look(ada, 'proof');
    await ada.startAccepting('hello');
    await look(ada, 'accept with a mistake');
    await ada.startAccepting(link);
    await expect(ada.acceptance('This payment is for somebody else')).toBeVisible();
    await ada.startAccepting(`magnet:?xt=urn:btih:${'a'.repeat(40)}`);
    await expect(ada.acceptance('Looking for someone who has this payment')).toBeVisible();
    await look(ada, 'acceptances');
    await ada.go(`#/accept?xt=urn:btih:${'a'.repeat(40)}&x.ttx=${'b'.repeat(64)}&x.net=${'c'.repeat(40)}:${'d'.repeat(64)}`);
    await expect(page.getByText('This payment belongs to a network you have not joined')).toBeVisible();
    await look(ada, 'accept on another network');
  });

  test('networks and settings', async ({ tracker: _, createPerson }) => {
    const ada = await createPerson('ada');
    await prepare(ada);
    const { page } = ada;
    await show(ada, '#/network', 'Network');
    await page.getByRole('link', { name: 'Leave Devnet' }).click();
    await look(ada, 'leave');
    await show(ada, '#/network/connect', 'Connect directly');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Show a code' }).click();
    await expect(page.getByRole('heading', { name: 'Read its answer here' })).toBeVisible();
    await page.getByText('The code as text').click();
    await look(ada, 'a pairing code');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await show(ada, '#/network/join', 'Join a network');
    await ada.go('#/network/found');
    await page.getByText('Rules of the network').click();
    await page.getByRole('button', { name: 'Found network' }).click();
    await look(ada, 'found with mistakes');
    await ada.go('#/');
    await ada.found('Friends');
    await look(ada, 'invite');
    await show(ada, '#/', 'Wallet');
    await show(ada, '#/settings', 'Settings');
    await show(ada, '#/settings/words', 'Your 12 words');
    await ada.words();
    await look(ada, 'words');
    await ada.go('#/settings/words/check');
    await page.getByRole('button', { name: 'Confirm backup' }).click();
    await look(ada, 'check with mistakes');
    await show(ada, '#/settings/restore', 'Restore from words');
    await show(ada, '#/settings/about', 'About TorrentTX');
  });

  test('money spent twice', async ({ tracker: _, createPerson }) => {
    const ada = await createPerson('ada');
    const genesis = genesisOf(await ada.found('Friends'));
    const self = await signerOf(await ada.words());
    await prepare(ada);
    const { page } = ada;
    const [kept, lost] = [5_000_000n, 6_000_000n].map((units) => fileOf(sign(self, genesis.locator, self.address, units)));
    if (kept === undefined || lost === undefined) throw new Error('two payments');
    await ada.startAccepting(magnetOf(kept, genesis));
    await expect(ada.acceptance('Payment accepted')).toBeVisible();
    await ada.startAccepting(magnetOf(lost, genesis));
    await expect(ada.acceptance('This money was already spent elsewhere')).toBeVisible();
    await look(ada, 'acceptances of money spent twice');
    await show(ada, '#/', 'Wallet');
    await show(ada, `#/network/fork/${lost.txid}`, 'Money spent twice');
    await page.getByRole('link', { name: 'Follow the other side' }).click();
    await expect(page.getByText('Your balance then')).toBeVisible();
    await look(ada, 'follow');
    await page.getByRole('button', { name: 'Follow this side' }).click();
    await expect(page.getByText('You chose the side that counts here')).toBeVisible();
    await look(ada, 'followed');
    await show(ada, `#/activity/${kept.txid}`, 'Payment to yourself');
    await expect(page.getByText('you chose to follow the other side')).toBeVisible();
  });
});

/** Presses Tab until the focus is on what has this name, as somebody without a mouse does. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const label = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement ? element.labels?.[0] : undefined;
      return (label ?? element)?.textContent ?? '';
    });
    if (name.test(focused)) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}

test('a payment can be made with the keyboard alone', async ({ tracker: _, createPerson }) => {
  const bob = await createPerson('bob');
  const to = await bob.address();
  const ada = await createPerson('ada');
  const { page } = ada;
  await expect(page.getByRole('heading', { name: 'Your wallet is ready' })).toBeVisible();
  await tabTo(page, /^Skip to the content$/);
  await page.keyboard.press('Enter');
  await tabTo(page, /^Get test coins$/);
  await page.keyboard.press('Enter');
  await expect(page.getByText('Your test coins are here.').first()).toBeVisible();
  await tabTo(page, /^Send$/);
  await page.keyboard.press('Enter');
  // A new screen is read out from its title.
  await expect(page.getByRole('heading', { name: 'Send', level: 1 })).toBeFocused();
  await tabTo(page, /^Send to$/);
  await page.keyboard.type(to);
  await tabTo(page, /^Amount$/);
  await page.keyboard.type('2.5');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Is this right?' })).toBeFocused();
  // Alone nothing is confirmed, and test coins come from somebody else.
  await tabTo(page, /^Send 2\.5 TTX now$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Hand over the payment' })).toBeFocused();
  await tabTo(page, /^Copy payment link$/);
});
