/** From pasting a magnet to "accepted", over a real tracker and WebRTC on this computer. */
import { expect, type Page } from '@playwright/test';
import { test } from '../e2e/fixtures.ts';
import { infohashIn } from '../e2e/person.ts';
import { median, RUNS, report } from './report.ts';

/** Pastes with Ctrl+V and measures in the page until the card says how it ended. */
async function measure(page: Page, text: string): Promise<number> {
  await page.bringToFront();
  await page.evaluate((clip) => navigator.clipboard.writeText(clip), text);
  await page.evaluate((infohash) => {
    const times: { pastedMs?: number; acceptedMs?: number } = {};
    Object.assign(window, { times });
    window.addEventListener('paste', () => (times.pastedMs = performance.now()), { capture: true, once: true });
    const observer = new MutationObserver(() => {
      const cards = [...document.querySelectorAll('article[aria-label="Payment being accepted"]')];
      const title = cards.find((card) => card.textContent.includes(infohash))?.querySelector('h2')?.textContent ?? '';
      if (times.pastedMs === undefined || !/^Payment (accepted|received)$/.test(title)) return;
      times.acceptedMs = performance.now();
      observer.disconnect();
    });
    observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  }, infohashIn(text));
  await page.keyboard.press('Control+v');
  const handle = await page.waitForFunction(() => {
    const { times } = window as unknown as { times: { pastedMs?: number; acceptedMs?: number } };
    return times.acceptedMs !== undefined && times.pastedMs !== undefined ? times.acceptedMs - times.pastedMs : undefined;
  });
  return (await handle.jsonValue()) ?? Number.NaN;
}

test('accept', async ({ tracker: _, createPerson }) => {
  const ada = await createPerson('ada');
  const invitation = await ada.found('Friends');
  const bob = await createPerson('bob');
  await bob.join(invitation);
  const to = await bob.address();
  const cold: number[] = [];
  const connected: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    await bob.closeTab();
    const { magnet } = await ada.pay(to, String(run + 1));
    await bob.open();
    await expect(bob.page.getByRole('region', { name: 'Balance' })).toBeVisible();
    // Without the file inside, so that it has to come from the payer.
    cold.push(await measure(bob.page, magnet.replace(/&x\.tx=[\w-]+/, '')));

    await bob.go('#/');
    await expect(bob.page.getByText('Up to date with the devices connected now')).toBeVisible();
    const next = await ada.pay(to, `0.${run + 1}`);
    connected.push(await measure(bob.page, next.magnet));
  }
  await report(
    'accept',
    { 'accept.coldMs': Math.round(median(cold)), 'accept.connectedMs': Math.round(median(connected)) },
    `medians of ${RUNS}, pasted with Ctrl+V; cold: a tab just opened, the file not in the magnet`,
  );
});
