/** The first visit: how much is fetched, and how long until the address shows on a slow device. */
import { join } from 'node:path';
import { buildDirectory } from '../e2e/environment.ts';
import { test } from '../e2e/fixtures.ts';
import { openBrowser } from '../e2e/person.ts';
import { measureBundle, sum } from '../scripts/budget.mjs';
import { type Sent, serve } from '../scripts/serve.mjs';
import { ROOT } from '../scripts/setup.mjs';
import { createCpuQuota } from './cpu-quota.mjs';
import { waitForRest } from './processes.mjs';
import { median, RUNS, report } from './report.ts';

const DIRECTORY = join(ROOT, buildDirectory.get());
/** A quarter of a core of this machine stands for a cheap phone. */
const SHARE = 0.25;

/** Notes when an address first stands on the page, in milliseconds since the navigation began. */
const watchForAddress = () => {
  // The address of a first visit, whichever network it begins in.
  const seen = /\b[a-z]{1,16}1(?:\s*[02-9ac-hj-np-z]){58}/;
  const look = () => {
    if (!seen.test(document.body?.textContent ?? '')) return;
    observer.disconnect();
    // Once it is drawn, not once it is in the document.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => Object.assign(window, { addressMs: performance.now(), addressAtMs: Date.now() })),
    );
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true, characterData: true });
};

interface Visit {
  /** Since the navigation began. */
  readonly addressMs: number;
  /** Unix milliseconds. */
  readonly addressAtMs: number;
}

async function visit(directory: string, url: string, slow: (share: number) => Promise<void>): Promise<Visit> {
  const context = await openBrowser(directory);
  try {
    await context.addInitScript(watchForAddress);
    const page = await context.newPage();
    // A new profile keeps the browser busy for seconds; who opens a link has it running.
    await waitForRest();
    await slow(SHARE);
    await page.goto(url, { waitUntil: 'commit' });
    await page.waitForFunction(() => 'addressMs' in window);
    return await page.evaluate(() => {
      const { addressMs, addressAtMs } = window as unknown as Visit;
      return { addressMs, addressAtMs };
    });
  } finally {
    await slow(1);
    await context.close();
  }
}

test('bytes', async ({ tracker: _ }, info) => {
  const all: (Sent & { readonly atMs: number })[] = [];
  const server = await serve({ directory: DIRECTORY, sent: (one) => all.push({ ...one, atMs: Date.now() }) });
  const { addressAtMs } = await visit(info.outputPath('profile'), server.url, async () => undefined);
  // Once the address shows, the rest of the app is fetched for offline use.
  const sent = all.filter(({ atMs }) => atMs <= addressAtMs);
  await server.close();
  const bundle = await measureBundle(DIRECTORY);
  const ofWorker = new Set(bundle.worker.map(({ file }) => file));
  const total = (kind: 'bytes' | 'plainBytes', worker: boolean) =>
    sent.filter(({ path }) => ofWorker.has(path) === worker).reduce((bytes, one) => bytes + one[kind], 0);
  await report(
    'bytes',
    {
      'bytes.page': total('bytes', false),
      'bytes.pageRaw': total('plainBytes', false),
      'bytes.worker': sum(bundle.worker, 'brotli'),
      'bytes.workerRaw': sum(bundle.worker, 'raw'),
      'bytes.workerUntilAddress': total('bytes', true),
    },
    'page: counted at the server until the address showed; worker: all that it ever loads',
  );
});

test('start', async ({ tracker: _ }, info) => {
  const server = await serve({ directory: DIRECTORY });
  const quota = await createCpuQuota();
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    // What is started inside stays inside; this process, which also serves the files, goes out again.
    await quota.enter();
    const visiting = visit(info.outputPath(`profile-${run}`), server.url, async (share) => {
      await quota.leave();
      await quota.limit(share);
    });
    times.push((await visiting).addressMs);
  }
  await server.close();
  await quota.remove();
  await report('start', { 'start.addressMs': Math.round(median(times)) }, `a quarter of a core (${quota.kind}), ${RUNS} runs`);
});
