import { join } from 'node:path';
import type { BrowserContext, CDPSession, Page } from '@playwright/test';
import { MANIFEST } from '../scripts/pwa.mjs';
import { addressOf, parseAddress } from '../src/core/address.ts';
import { publicKeyFromBytes } from '../src/core/id.ts';
import { expect, test, waitUntilKept } from './deployment.ts';
import { openBrowser, Person } from './person.ts';

/** A payment that nobody has. */
const MAGNET = `magnet:?xt=urn:btih:${'a'.repeat(40)}&dn=tx&x.ttx=${'b'.repeat(64)}`;
const LOOKING = 'Looking for someone who has this payment';

/** Installing tells the desktop of the app: in these tests a desktop in the test's own folder. */
const homeIn = (directory: string) => ({
  env: { HOME: directory, XDG_DATA_HOME: join(directory, 'data'), XDG_CONFIG_HOME: join(directory, 'config') },
});

async function browserSession(context: BrowserContext): Promise<CDPSession> {
  const browser = context.browser();
  if (browser === null) throw new Error('this context has no browser to talk to');
  return browser.newBrowserCDPSession();
}

/** Installs the app as the person's click on the browser's own question does. @returns its id */
async function install(context: BrowserContext, page: Page): Promise<string> {
  const { appId } = await (await context.newCDPSession(page)).send('Page.getAppId');
  if (appId === undefined) throw new Error('the page has no app');
  await (await browserSession(context)).send('PWA.install', { manifestId: appId, installUrlOrBundleUrl: page.url() });
  return appId;
}

test('the app can be installed, and every picture that its manifest names is what it says', async ({ deployment, createPerson }) => {
  const { context, page } = await createPerson('ada');
  await waitUntilKept(page);
  const session = await context.newCDPSession(page);
  expect((await session.send('Page.getInstallabilityErrors')).installabilityErrors).toEqual([]);
  const { url, errors, data = '' } = await session.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  const manifest: typeof MANIFEST = JSON.parse(data);
  expect(manifest).toEqual(MANIFEST);
  await expect(page.locator('head > link[rel="icon"]')).toHaveAttribute('href', './icon.svg');
  for (const { src, sizes = '' } of [...(manifest.icons ?? []), ...(manifest.screenshots ?? [])]) {
    const size = await page.evaluate(async (picture) => {
      const { width, height } = await createImageBitmap(await (await fetch(picture)).blob());
      return `${width}x${height}`;
    }, new URL(src, url).href);
    expect(size, src).toBe(sizes);
  }
  for (const shortcut of manifest.shortcuts ?? []) {
    await page.goto(new URL(shortcut.url, deployment.url).href);
    await expect(page.getByRole('heading', { name: new RegExp(shortcut.name) })).toBeVisible();
  }
});

test('the app offers to install itself where the browser does, after the first money only in a word that can be sent away', async ({
  tracker: _,
  createPerson,
}) => {
  const ada = await createPerson('ada');
  await ada.go('#/settings');
  await expect(ada.page.getByRole('button', { name: 'Install TorrentTX' })).toBeVisible();
  const hint = ada.page.getByText('Keep the wallet at hand');
  await ada.found('Friends');
  await ada.go('#/');
  await expect(hint).toBeVisible();
  await ada.page.getByRole('button', { name: 'Not now' }).click();
  await expect(hint).toHaveCount(0);
  await ada.reload();
  await ada.go('#/settings');
  await expect(ada.page.getByRole('button', { name: 'Install TorrentTX' })).toBeVisible();
  await ada.go('#/');
  await expect(ada.page.getByRole('region', { name: 'Balance' })).toBeVisible();
  await expect(hint).toHaveCount(0);
});

test('where the browser offers nothing, Settings says how it is done by hand, and what becomes of the wallet', async ({ createPerson }) => {
  const ada = await createPerson('ada', {
    fragment: '#/settings',
    initScript: () => {
      const userAgent =
        'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/604.1';
      Object.defineProperty(Navigator.prototype, 'userAgent', { get: () => userAgent });
      window.addEventListener('beforeinstallprompt', (event) => event.stopImmediatePropagation());
    },
  });
  await expect(ada.page.getByText('choose “Add to Home Screen”')).toBeVisible();
  await expect(ada.page.getByText('The installed app keeps a wallet of its own')).toBeVisible();
  await waitUntilKept(ada.page);
  await expect(ada.page.getByRole('button', { name: 'Install TorrentTX' })).toHaveCount(0);
});

test('files and links that the system opens with the installed app come to the window that is open', async ({
  deployment,
  size,
  tracker: _,
}, info) => {
  const context = await openBrowser(info.outputPath('profile'), { size, ...homeIn(info.outputPath('home')) });
  const ada = new Person('ada', context, deployment.url, { taps: size.isTouch });
  await ada.open();
  await ada.found('Friends');
  const { hrp } = parseAddress(await ada.address());
  await ada.pay(addressOf(publicKeyFromBytes(new Uint8Array(32).fill(7)), hrp), '3', 'for lunch');
  const saving = ada.page.waitForEvent('download');
  await ada.page.getByRole('button', { name: 'Save as a file' }).click();
  const file = info.outputPath('payment.torrent');
  await (await saving).saveAs(file);
  await waitUntilKept(ada.page);
  const manifestId = await install(context, ada.page);
  const system = await browserSession(context);
  const pages = context.pages().length;

  await ada.go('#/settings');
  await system.send('PWA.launchFilesInApp', { manifestId, files: [file] });
  await expect(ada.acceptance('This payment is for somebody else')).toBeVisible();

  await ada.go('#/settings');
  await system.send('PWA.launch', { manifestId, url: `${deployment.url}#/open?link=${encodeURIComponent(MAGNET)}` });
  await expect(ada.acceptance(LOOKING)).toBeVisible();

  await system.send('PWA.launch', { manifestId, url: `${deployment.url}#/pay` });
  await expect(ada.page.getByLabel('Send to')).toBeVisible();
  expect(context.pages().length).toBe(pages);
  await context.close();
});

test('links of its schemes open the screen that they are for', async ({ tracker: _, createPerson }) => {
  const ada = await createPerson('ada');
  await ada.found('Friends');
  await ada.open(`#/open?link=${encodeURIComponent(MAGNET)}`);
  await expect(ada.acceptance(LOOKING)).toBeVisible();
  await ada.open(`#/open?link=${encodeURIComponent('web+ttx:join?xt=urn:btih:cut-off')}`);
  await expect(ada.page.getByText('This payment link is damaged')).toBeVisible();
  // In an open tab too.
  await ada.go(`#/open?link=${encodeURIComponent(MAGNET.replace('magnet:', 'web+ttx:accept'))}`);
  await expect(ada.acceptance(LOOKING)).toBeVisible();
  await expect(ada.page).toHaveURL(/#\/accept\?xt=/);
});

test('links of its schemes on other pages open with the app, without installing it, once the person has agreed', async ({
  tracker: _,
  createPerson,
}) => {
  const ada = await createPerson('ada');
  await ada.found('Friends');
  const session = await ada.context.newCDPSession(ada.page);
  // The person's answer to the browser's question.
  await session.send('Page.setRPHRegistrationMode', { mode: 'autoAccept' });
  await ada.go('#/settings');
  await ada.page.getByRole('button', { name: 'Open such links with this app' }).click();
  await expect(ada.page.getByText('The browser asks now, or has done it.').first()).toBeVisible();
  for (const link of [MAGNET, MAGNET.replace('magnet:', 'web+ttx:accept')]) {
    const chat = await ada.context.newPage();
    await chat.setContent(`<a href="${link.replaceAll('&', '&amp;')}">For lunch</a>`);
    // A browser that knows no handler yet does nothing at all.
    await expect(async () => {
      await chat.getByText('For lunch').click();
      await expect(chat.getByRole('heading', { name: LOOKING })).toBeVisible({ timeout: 5_000 });
    }).toPass();
    await expect(chat).toHaveURL(/#\/accept\?xt=/);
  }
});

test('what is shared to the app opens in it, and no server sees it', async ({ deployment, tracker: _, createPerson }) => {
  const ada = await createPerson('ada');
  await ada.found('Friends');
  await waitUntilKept(ada.page);
  // The system posts a form; a page of another origin can do the same.
  const share = async (fields: Readonly<Record<string, string>>, file?: Buffer) => {
    const page = await ada.context.newPage();
    const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
    await page.setContent(
      `<form method="post" enctype="multipart/form-data" action="${deployment.url}share">${inputs.join('')}<input type="file" name="file"><button>share</button></form>`,
    );
    if (file !== undefined) {
      await page.locator('input[type=file]').setInputFiles({ name: 'payment.torrent', mimeType: 'application/x-bittorrent', buffer: file });
    }
    await page.getByRole('button', { name: 'share' }).click();
    return page;
  };
  const link = `For lunch: https://wallet.example/#/accept?${MAGNET.slice('magnet:?'.length)}`.replaceAll('&', '&amp;');
  const text = await share({ title: 'Lunch', text: link });
  await expect(text.getByRole('heading', { name: LOOKING })).toBeVisible();
  await expect(text).toHaveURL(/#\/accept\?xt=/);
  const file = await share({}, Buffer.from('d4:infoe'));
  await expect(file.getByText('This file is not a payment')).toBeVisible();
  // The server knows no such address: had it been asked, this would be its answer.
  expect((await fetch(`${deployment.url}share`, { method: 'POST' })).status).toBe(404);
});

test('over plain http in a local network the app says why it cannot run', async ({ deployment, size }, info) => {
  const context = await openBrowser(info.outputPath('profile'), { size, args: ['--host-resolver-rules=MAP wallet.test 127.0.0.1'] });
  const page = await context.newPage();
  await page.goto(deployment.url.replace('localhost', 'wallet.test'));
  await expect(page.getByRole('heading', { name: 'TorrentTX cannot run here' })).toBeVisible();
  await expect(page.getByText('opened over an unprotected connection')).toBeVisible();
  await context.close();
});

test('whose browser gets no app reads why, after a while, and at once where scripts are off', async ({ deployment, size }, info) => {
  const context = await openBrowser(info.outputPath('profile'), { size });
  const page = await context.newPage();
  const words = page.getByText('this browser is too old for the wallet');
  await page.route('**/assets/index-*.js', (route) => route.abort());
  await page.goto(deployment.url);
  await expect(words).toBeAttached();
  await expect(words).toBeHidden();
  await expect(words).toBeVisible({ timeout: 10_000 });
  await (await context.newCDPSession(page)).send('Emulation.setScriptExecutionDisabled', { value: true });
  await page.reload();
  await expect(words).toBeVisible({ timeout: 1_000 });
  await context.close();
});
