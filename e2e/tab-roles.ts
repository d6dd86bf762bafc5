/** Which of a person's tabs runs the node, and how quickly a tab answers. */
import { expect, type Page } from '@playwright/test';
import type { Person } from './person.ts';

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
  await page.evaluate(() => {
    window.location.hash = '#/network/invite';
  });
  await expect(page.getByRole('button', { name: 'Copy invitation link' })).toBeVisible({ timeout });
  await page.evaluate(() => {
    window.location.hash = '#/';
  });
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
