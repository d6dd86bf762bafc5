/** What browsers do to an app that is left open: no network, frozen, its database closed, deleted or full. */
import type { CDPSession } from '@playwright/test';
import { waitUntilKept } from './deployment.ts';
import { expect, test } from './fixtures.ts';
import type { Person } from './person.ts';
import { freezeTab } from './tab-roles.ts';

const TTX = 1_000_000n;

const devToolsOf = (person: Person): Promise<CDPSession> => person.context.newCDPSession(person.page);

/** The dot in the corner says how many are connected. */
const connection = (person: Person) => person.page.locator('.connection .hint');

/** Sends and does not wait for more than the tap. */
async function tapSend(person: Person, to: string, amount: string, note: string): Promise<void> {
  await person.review(to, amount, note);
  await person.page.getByRole('button', { name: /^Send .* TTX( now)?$/ }).click();
}

test('offline is said in a quiet line; online again, money that was sent meanwhile arrives at once', async ({ tracker, createFriends }) => {
  const { ada, bob } = await createFriends();
  const to = await bob.address();
  // What is still being fetched would fail, and say so.
  await waitUntilKept(bob.page);
  await ada.closeTab();
  await tracker.stop();
  await bob.context.setOffline(true);
  await expect(bob.page.getByText('You are offline.')).toBeVisible();
  await expect(connection(bob)).toHaveText('You are offline');
  await tracker.start();
  await ada.open();
  await ada.pay(to, '5');
  // With its usual retries it would have found the tracker by now.
  expect(await bob.balance()).toBe(0n);
  await expect(connection(bob)).toHaveText('You are offline');
  const startedAtMs = Date.now();
  await bob.context.setOffline(false);
  await bob.expectBalance(5n * TTX);
  expect(Date.now() - startedAtMs).toBeLessThan(6_000);
  await expect(bob.page.getByText('You are offline.')).toHaveCount(0);
});

test('a page that was frozen finds a tracker that was restarted meanwhile at once', async ({ tracker, createFriends }) => {
  const { ada, bob } = await createFriends({ bob: { isOneWindow: true } });
  const to = await bob.address();
  await ada.closeTab();
  await freezeTab(bob);
  await tracker.stop();
  await tracker.start();
  await ada.open();
  await ada.pay(to, '5');
  await bob.page.bringToFront();
  const startedAtMs = Date.now();
  await bob.expectBalance(5n * TTX);
  expect(Date.now() - startedAtMs).toBeLessThan(6_000);
});

/** Closes every database under the app, as an upgrade in another tab or a lost connection does; the data stays. */
async function closeDatabases(person: Person): Promise<void> {
  await person.page.evaluate(async () => {
    for (const { name = '' } of await indexedDB.databases()) {
      await new Promise<void>((resolve, reject) => {
        const request = indexedDB.open(name, 99);
        request.onupgradeneeded = () => request.transaction?.abort();
        request.onerror = () => resolve();
        request.onsuccess = () => reject(new Error('not aborted'));
      });
    }
  });
}

test('databases that are closed under the app are opened again, and nobody notices', async ({ createFriends }) => {
  const { ada, bob } = await createFriends();
  await Promise.all([closeDatabases(ada), closeDatabases(bob)]);
  const { magnet } = await ada.pay(await bob.address(), '5');
  await Promise.all([closeDatabases(ada), closeDatabases(bob)]);
  await bob.accept(magnet);
  await bob.expectBalance(5n * TTX);
  for (const person of [ada, bob]) await expect(person.page.getByRole('alert')).toHaveCount(0);
  const left = await ada.balance();
  await Promise.all([ada.reload(), bob.reload()]);
  await bob.expectBalance(5n * TTX);
  await ada.expectBalance(left);
});

test('site data deleted under the open app: it says so, puts the wallet back, and fetches the rest from others', async ({
  appUrl,
  createFriends,
}) => {
  const { ada, bob } = await createFriends();
  const to = await bob.address();
  await bob.accept((await ada.pay(to, '5')).magnet);
  const words = await bob.words();
  const devTools = await devToolsOf(bob);
  await devTools.send('Storage.clearDataForOrigin', { origin: new URL(appUrl).origin, storageTypes: 'indexeddb' });
  await expect(bob.page.getByText('The browser deleted what this app had stored')).toBeVisible();
  await bob.expectBalance(5n * TTX);
  await bob.reload();
  await bob.expectBalance(5n * TTX);
  expect(await bob.words()).toEqual(words);
  expect(await bob.address()).toBe(to);
});

/** Writes a little to a database of its own. Runs in the page. @returns the name of the error */
async function write(): Promise<string | undefined> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('probe', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('probe');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  try {
    return await new Promise((resolve) => {
      const tx = db.transaction('probe', 'readwrite');
      tx.oncomplete = () => resolve(undefined);
      tx.onabort = () => resolve(tx.error?.name ?? 'aborted');
      tx.objectStore('probe').put(new Uint8Array(100), 'probe');
    });
  } finally {
    db.close();
  }
}

test('a full disk is said, nothing is lost, and everything goes on when there is room', async ({ appUrl, createFriends }) => {
  test.setTimeout(180_000);
  const { ada, bob } = await createFriends();
  const to = await bob.address();
  const before = await ada.balance();
  const { origin } = new URL(appUrl);
  /** What fits is reckoned anew every half minute: filled up when a write of the test's own fails. */
  const fill = async (person: Person) => {
    const devTools = await devToolsOf(person);
    await devTools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
    await expect.poll(() => person.page.evaluate(write), { timeout: 60_000, intervals: [1_000] }).toBe('QuotaExceededError');
    return () => devTools.send('Storage.overrideQuotaForOrigin', { origin });
  };
  const [makeRoomForAda, makeRoomForBob] = await Promise.all([fill(ada), fill(bob)]);
  await tapSend(ada, to, '5', 'on a full disk');
  await expect(ada.page.getByText('This device is out of storage').first()).toBeVisible();
  expect(await ada.balance()).toBe(before);
  await makeRoomForAda();
  await ada.pay(to, '5', 'with room again');
  await expect(ada.page.getByText('This device is out of storage')).toHaveCount(0);
  await expect(bob.page.getByText('This device is out of storage').first()).toBeVisible();
  expect(await bob.balance()).toBe(0n);
  await makeRoomForBob();
  await bob.expectBalance(5n * TTX);
  await expect(bob.page.getByText('This device is out of storage')).toHaveCount(0);
});
