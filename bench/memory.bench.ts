/** Memory of the node's worker, after collection, as the browser measures it for a cross-origin-isolated page. */
import { expect, type TestInfo } from '@playwright/test';
import { test } from '../e2e/fixtures.ts';
import { openBrowser, Person } from '../e2e/person.ts';
import { serveEconomy } from './economy-site.ts';
import { report } from './report.ts';
import { watchedIn, watchStates } from './watched-states.ts';

/** Of performance.measureUserAgentSpecificMemory (WICG Measure Memory API); TypeScript's library does not know it. */
interface MemoryMeasurement {
  readonly breakdown: readonly { readonly bytes: number; readonly attribution: readonly { readonly scope: string }[] }[];
}

/** In MB of a million bytes. The browser collects before it measures; ArrayBuffers are included. */
async function measure(info: TestInfo, count: number): Promise<{ readonly worker: number; readonly page: number }> {
  const site = await serveEconomy(info, count, { isIsolated: true });
  const context = await openBrowser(info.outputPath('profile'));
  await site.fill(context, (bench, economy) => bench.fill(economy, 1_000, Number.MAX_SAFE_INTEGER));
  await context.addInitScript(watchStates, site.facts.accepted);
  const ada = new Person('ada', context, site.url, { taps: false });
  await ada.open();
  await ada.join(site.invitation);
  await expect.poll(async () => (await watchedIn(ada.page)).transactions, { timeout: 120_000 }).toBe(site.facts.accepted);
  const { breakdown } = await ada.page.evaluate(async () => {
    if (!crossOriginIsolated) throw new Error('the page is not isolated');
    const api = performance as unknown as { measureUserAgentSpecificMemory(): Promise<MemoryMeasurement> };
    return api.measureUserAgentSpecificMemory();
  });
  await context.close();
  await site.close();
  const sum = (scope: string) =>
    breakdown.filter(({ attribution }) => attribution.some((one) => one.scope === scope)).reduce((bytes, one) => bytes + one.bytes, 0) /
    1e6;
  return { worker: sum('DedicatedWorkerGlobalScope'), page: sum('Window') };
}

for (const [part, name, count] of [
  ['memory', 'at10k', 10_000],
  ['memory100k', 'at100k', 100_000],
] as const) {
  test(part, async ({ tracker: _ }, info) => {
    test.setTimeout(600_000);
    const { worker, page } = await measure(info, count);
    expect(worker).toBeGreaterThan(0);
    await report(
      part,
      { [`worker.mb.${name}`]: Number(worker.toFixed(1)), [`page.mb.${name}`]: Number(page.toFixed(1)) },
      `measureUserAgentSpecificMemory, ${count.toLocaleString('en-GB')} transactions, opened from the disk; one measurement, after collection`,
    );
  });
}
