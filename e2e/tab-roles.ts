/** Which of a person's tabs runs the node, and how quickly a tab answers. */
import { expect, type Page } from '@playwright/test';
import type { Person } from './person.ts';
import { showScreen } from './screen.ts';

/** Whether the node runs in this tab. */
export const leads = (page: Page): boolean => page.workers().some((worker) => worker.url().includes('node.worker'));

/** Opens a second tab of the same person. */
export async function openSecondTab(person: Person): Promise<{ readonly first: Page; readonly second: Page }> {
  const first = person.page;
  // The way from tab to tab is the service worker, which is there once the app has been fetched.
  await first.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await person.open();
  return { first, second: person.page };
}

/** Asks the node something by looking at a screen that only it can fill. */
export async function expectAnswer(page: Page, timeout: number): Promise<void> {
  const answer = page.getByRole('button', { name: 'Copy invitation link' });
  // What was answered before does not count.
  await showScreen(page, '#/');
  await expect(answer).toHaveCount(0);
  await showScreen(page, '#/network/invite');
  await expect(answer).toBeVisible({ timeout });
  await showScreen(page, '#/');
}

/** Work that the node in this tab begins from now on never ends: by luck, the most that can be asked for is done in seconds. */
export async function stallWork(leader: Page): Promise<void> {
  const worker = leader.workers().find((one) => one.url().includes('node.worker'));
  if (worker === undefined) throw new Error('no node runs in this tab');
  await worker.evaluate(() => {
    class Idle extends EventTarget {
      postMessage(): void {}
      terminate(): void {}
    }
    Object.assign(globalThis, { Worker: Idle });
  });
}

/** What became of a write of a node. */
type Written = 'written' | 'refused';

/** Has the node of this tab tell the person's other tabs what becomes of each write that it begins from now on. */
export async function tellOfWrites(leader: Page): Promise<void> {
  const worker = leader.workers().find((one) => one.url().includes('node.worker'));
  if (worker === undefined) throw new Error('no node runs in this tab');
  await worker.evaluate(() => {
    const channel = new BroadcastChannel('writes');
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...values: Parameters<IDBDatabase['transaction']>) {
      const begun = Reflect.apply(transaction, this, values) as IDBTransaction;
      const begunAtMs = Date.now();
      const tell = (outcome: 'written' | 'refused') => channel.postMessage({ outcome, begunAtMs });
      if (values[1] === 'readwrite') {
        begun.addEventListener('complete', () => tell('written'));
        begun.addEventListener('abort', () => tell('refused'));
      }
      return begun;
    };
  });
}

/** Those of them that are begun after this was called, as another tab hears of them. */
export async function writesHeardBy(page: Page): Promise<() => Promise<readonly Written[]>> {
  await page.evaluate((sinceMs) => {
    const writes: Written[] = [];
    Object.assign(window, { writes });
    new BroadcastChannel('writes').onmessage = ({ data: { outcome, begunAtMs } }) => {
      if (begunAtMs > sinceMs) writes.push(outcome);
    };
  }, Date.now());
  return () => page.evaluate(() => (window as unknown as { writes: Written[] }).writes);
}

/**
 * Opens something else in front of a person's tab and stops all that runs in it, as phones do after a while. The browser must be one
 * with real tabs: a page that is visible is never frozen. Brought to the front it goes on.
 */
export async function freezeTab({ context, page }: Person): Promise<void> {
  await page.evaluate(() => {
    document.addEventListener('freeze', () => Object.assign(window, { wasFrozen: true }));
  });
  await context.newPage();
  await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe('hidden');
  const devTools = await context.newCDPSession(page);
  await devTools.send('Page.setWebLifecycleState', { state: 'frozen' });
  await expect.poll(() => page.evaluate(() => 'wasFrozen' in window)).toBe(true);
}
