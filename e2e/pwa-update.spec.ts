import { rename } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, keptFiles, scriptOf, test, waitUntilKept } from './deployment.ts';
import { showScreen } from './screen.ts';
import { expectAnswer, leads, stallWork } from './tab-roles.ts';

const notice = (page: Page) => page.getByText('A new version is ready');
const load = (page: Page) => page.getByRole('button', { name: 'Load the new version' });

/** What the browser does by itself at the next visit, or the app once an hour. */
async function look(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await (await navigator.serviceWorker.getRegistration())?.update();
  });
}

/** A mark that a page loses when it loads again. */
const mark = (page: Page) => page.evaluate(() => Object.assign(window, { marked: true }));
const isMarked = (page: Page) => page.evaluate(() => 'marked' in window);

/** Statuses of the files of a build, as this page gets them. */
const fetchAll = (page: Page, urls: readonly string[]) =>
  page.evaluate((all) => Promise.all(all.map(async (url) => (await fetch(url)).status)), urls);

test('a new version is offered, waits while work goes on, and is loaded when agreed to', async ({
  tracker: _,
  deployment,
  nextBuild,
  createPerson,
}) => {
  const ada = await createPerson('ada');
  const { page } = ada;
  await waitUntilKept(page);
  const address = await ada.address();
  const before = await scriptOf(page);
  await ada.go('#/');
  await mark(page);

  await deployment.deploy(nextBuild);
  await look(page);
  await expect(notice(page)).toBeVisible();

  // Nothing moves under the fingers of somebody who is in the middle of something.
  await ada.go('#/network/found');
  await page.getByLabel('Name', { exact: true }).fill('Friends');
  await expect(notice(page)).toHaveCount(0);
  await stallWork(page);
  await page.getByRole('button', { name: 'Found network' }).click();
  await expect(page.getByText(/tries so far/)).toBeVisible();
  await ada.go('#/');
  await expect(page.getByText('It can be loaded when the work that is going on has ended.')).toBeVisible();
  // It says that it is disabled; a click all the same does nothing.
  await load(page).click({ force: true });
  await ada.go('#/network/found');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText(/tries so far/)).toHaveCount(0);
  expect(await isMarked(page)).toBe(true);
  expect(await scriptOf(page)).toBe(before);

  await ada.go('#/');
  await expect(page.getByText('Loading it takes a moment')).toBeVisible();
  await load(page).click();
  await expect.poll(() => scriptOf(page)).not.toBe(before);
  expect(await isMarked(page)).toBe(false);
  expect(await ada.address()).toBe(address);
  await ada.go('#/');
  await expect(notice(page)).toHaveCount(0);
});

test('tabs of an old version keep working when its files have vanished, whatever another tab has agreed to', async ({
  tracker: _,
  deployment,
  nextBuild,
  createPerson,
  pageErrors,
}) => {
  const ada = await createPerson('ada');
  const old = ada.page;
  await waitUntilKept(old);
  const before = await scriptOf(old);
  const files = Object.values(await keptFiles(old)).flat();
  expect(files.filter((url) => url.includes('/assets/')).length).toBeGreaterThan(4);
  await mark(old);

  await deployment.deploy(nextBuild);
  const inAssets = files.filter((url) => url.includes('/assets/'));
  const atHost = await Promise.all(inAssets.map(async (url) => (await fetch(url)).status));
  expect(new Set(atHost)).toEqual(new Set([404]));
  await look(old);
  await expect(notice(old)).toBeVisible();
  // The node's worker starts another one for this, whose file is no longer at the host.
  await ada.found('Friends');

  // A tab that is opened now is of the old version as well: two versions never run side by side unasked.
  await ada.open();
  const second = ada.page;
  expect(await scriptOf(second)).toBe(before);
  await ada.go('#/settings/about');
  await expect(second.getByRole('heading', { name: 'About TorrentTX' })).toBeVisible();
  await ada.go('#/');
  await load(second).click();
  await expect.poll(() => scriptOf(second)).not.toBe(before);
  // What pages and nodes say to each other is the same in both, so the new page is content with the old one's node.
  await expectAnswer(second, 5_000);
  expect([leads(old), leads(second)]).toEqual([true, false]);

  expect(await isMarked(old)).toBe(true);
  expect(new Set(await fetchAll(old, files))).toEqual(new Set([200]));
  await showScreen(old, '#/');
  await expect(old.getByText('This tab runs an older version')).toBeVisible();
  await load(old).click();
  await expect.poll(() => scriptOf(old)).not.toBe(before);

  // Once no old tab is left, neither is anything of its version.
  await old.close();
  await second.close();
  await ada.open();
  await expect.poll(async () => Object.keys(await keptFiles(ada.page)).length).toBe(1);
  expect(Object.values(await keptFiles(ada.page)).flat()).not.toContain(inAssets[0]);
  expect(pageErrors).toEqual([]);
});

test('a new version whose node speaks otherwise takes over from old tabs, which say so on each screen and come along when they are told to', async ({
  tracker: _,
  deployment,
  incompatibleBuild,
  createPerson,
}) => {
  const ada = await createPerson('ada');
  const old = ada.page;
  await waitUntilKept(old);
  const before = await scriptOf(old);
  await ada.found('Friends');
  const to = await ada.address();
  await ada.go('#/pay');
  await old.getByLabel('Send to').fill(to);
  await old.getByLabel('Amount').fill('3');
  await mark(old);
  await ada.open();
  const second = ada.page;
  await deployment.deploy(incompatibleBuild);
  await look(second);
  await load(second).click();
  await expect.poll(() => scriptOf(second)).not.toBe(before);
  await expect.poll(() => [leads(old), leads(second)], { timeout: 5_000 }).toEqual([false, true]);
  await ada.pay(to, '7', 'by the new version');

  // Nothing that was being typed has gone, and nothing is sent the wrong way.
  await expect(old.getByText('nothing can be sent from here')).toBeVisible();
  await expect(old.getByLabel('Amount')).toHaveValue('3');
  expect(await isMarked(old)).toBe(true);
  await old.bringToFront();
  expect([leads(old), leads(second)]).toEqual([false, true]);
  await load(old).click();
  await expect.poll(() => scriptOf(old)).not.toBe(before);
  await expectAnswer(old, 5_000);
  await showScreen(old, '#/activity');
  await expect(old.getByText('by the new version')).toBeVisible();
  await expect(old.getByText('nothing can be sent from here')).toHaveCount(0);
});

test('where nothing is kept, a tab whose files have vanished says that a part is missing, and finds it in the new version', async ({
  tracker: _,
  deployment,
  nextBuild,
  createPerson,
  pageErrors,
}) => {
  const ada = await createPerson('ada', {
    initScript: () => Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined }),
  });
  const { page } = ada;
  const address = await ada.address();
  await expect(page.getByText('Test network', { exact: true })).toBeVisible();
  await ada.go('#/network/found');
  await page.getByLabel('Name', { exact: true }).fill('Friends');
  await deployment.deploy(nextBuild);
  await page.getByRole('button', { name: 'Found network' }).click();
  await expect(page.getByText('A part of the app could not be loaded')).toBeVisible();
  // Still what was typed, and still the wallet.
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Friends');
  expect(await ada.address()).toBe(address);
  await ada.reload();
  await ada.found('Friends');
  const isOfVanishedFile = ({ text }: { readonly text: string }) => text.startsWith('Failed to load resource');
  pageErrors.splice(0, Infinity, ...pageErrors.filter((error) => !isOfVanishedFile(error)));
});

test('a version that is only half uploaded is left alone, and taken when it is whole', { tag: '@once' }, async ({
  tracker: _,
  deployment,
  nextBuild,
  createPerson,
  pageErrors,
}) => {
  const ada = await createPerson('ada');
  await waitUntilKept(ada.page);
  const files = async () => Object.values(await keptFiles(ada.page)).flat();
  const kept = await files();
  await rename(`${nextBuild}/icon-192.png`, `${nextBuild}/later.png`);
  await deployment.deploy(nextBuild);
  await look(ada.page).catch(() => undefined);
  await expect.poll(() => ada.page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.installing ?? null)).toBeNull();
  expect(await files()).toEqual(kept);
  await ada.reload();
  expect(await notice(ada.page).count()).toBe(0);
  pageErrors.length = 0;

  await rename(`${nextBuild}/later.png`, `${nextBuild}/icon-192.png`);
  await deployment.deploy(nextBuild);
  await look(ada.page);
  await expect(notice(ada.page)).toBeVisible();
});
