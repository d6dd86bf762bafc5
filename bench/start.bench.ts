/** The first visit: how much is fetched, and how long until the address shows on a slow device. */
import { join } from 'node:path';
import { buildDirectory } from '../e2e/environment.ts';
import { test } from '../e2e/fixtures.ts';
import { openBrowser } from '../e2e/person.ts';
import { measureBundle, sum } from '../scripts/budget.mjs';
import { type Sent, serve } from '../scripts/serve.mjs';
import { ROOT } from '../scripts/setup.mjs';
import { createCpuQuota } from './cpu-quota.mjs';
import { findDescendants, waitForRest } from './processes.mjs';
import { median, RUNS, report } from './report.ts';

/** Known once the global set-up has run, not when this file is read. */
const builtDirectory = () => join(ROOT, buildDirectory.get());
/** A quarter of a core of this machine stands for a cheap phone. */
const SHARE = 0.25;

/** Puts a promise of when an address was first presented on the page into the window. */
const watchForAddress = () => {
  // The address of a first visit, whichever network it begins in.
  const seen = /\b[a-z]{1,16}1(?:\s*[02-9ac-hj-np-z]){58}/;
  const holds = (element: Element) => seen.test(element.textContent ?? '');
  const presentedMs = new Promise<number>((resolve) => {
    // Element Timing: when the frame with the marked text was on the screen.
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) resolve((entry as PerformanceEntry & { readonly renderTime: number }).renderTime);
    }).observe({ type: 'element', buffered: true });
    const mutations = new MutationObserver(() => {
      let holder: Element | undefined = document.body !== null && holds(document.body) ? document.body : undefined;
      if (holder === undefined) return;
      for (let inner: Element | undefined = holder; inner !== undefined; inner = [...inner.children].find(holds)) holder = inner;
      for (const element of [holder, ...holder.querySelectorAll('*')]) element.setAttribute('elementtiming', 'address');
      mutations.disconnect();
    });
    mutations.observe(document, { childList: true, subtree: true, characterData: true });
  });
  Object.assign(window, { address: presentedMs.then((addressMs) => ({ addressMs, addressAtMs: performance.timeOrigin + addressMs })) });
};

interface Seen {
  /** Since the navigation began. */
  readonly addressMs: number;
  /** Unix milliseconds. */
  readonly addressAtMs: number;
}

interface Visit extends Seen {
  /** Processor time of the whole browser until then. */
  readonly cpuMs: number;
}

/** Ticks of the kernel's clock. */
const TICK_MS = 10;

async function browserCpuMs(): Promise<number> {
  return (await findDescendants()).reduce((sum, { ticks }) => sum + ticks * TICK_MS, 0);
}

async function visit(directory: string, url: string, slow: (share: number) => Promise<void>): Promise<Visit> {
  const context = await openBrowser(directory);
  try {
    await context.addInitScript(watchForAddress);
    const page = await context.newPage();
    // A new profile keeps the browser busy for seconds; who opens a link has it running.
    await waitForRest();
    await slow(SHARE);
    const beforeMs = await browserCpuMs();
    await page.goto(url, { waitUntil: 'commit' });
    // Asking in turns, as Playwright's waiting does, would keep the page drawing and be measured with it.
    const seen = await page.evaluate(() => (window as unknown as { address: Promise<Seen> }).address);
    return { ...seen, cpuMs: (await browserCpuMs()) - beforeMs };
  } finally {
    await slow(1);
    await context.close();
  }
}

test('bytes', async ({ tracker: _ }, info) => {
  const all: (Sent & { readonly atMs: number })[] = [];
  const server = await serve({ directory: builtDirectory(), sent: (one) => all.push({ ...one, atMs: Date.now() }) });
  const { addressAtMs } = await visit(info.outputPath('profile'), server.url, async () => undefined);
  // Once the address shows, the rest of the app is fetched for offline use.
  const sent = all.filter(({ atMs }) => atMs <= addressAtMs);
  await server.close();
  const bundle = await measureBundle(builtDirectory());
  const ofWorker = new Set(bundle['worker in all'].map(({ file }) => file));
  const total = (kind: 'bytes' | 'plainBytes', worker: boolean) =>
    sent.filter(({ path }) => ofWorker.has(path) === worker).reduce((bytes, one) => bytes + one[kind], 0);
  await report(
    'bytes',
    {
      'bytes.page': total('bytes', false),
      'bytes.pageRaw': total('plainBytes', false),
      'bytes.worker': total('bytes', true),
      'bytes.workerRaw': total('plainBytes', true),
      'bytes.workerInAll': sum(bundle['worker in all'], 'brotli'),
    },
    'page, worker: counted at the server until the address showed; in all: with what the worker loads when a network is opened',
  );
});

test('start', async ({ tracker: _ }, info) => {
  const server = await serve({ directory: builtDirectory() });
  const quota = await createCpuQuota();
  const visits: Visit[] = [];
  for (let run = 0; run < RUNS; run++) {
    // What is started inside stays inside; this process, which also serves the files, goes out again.
    await quota.enter();
    const visiting = visit(info.outputPath(`profile-${run}`), server.url, async (share) => {
      await quota.leave();
      await quota.limit(share);
    });
    visits.push(await visiting);
  }
  await server.close();
  await quota.remove();
  const middle = (figure: 'addressMs' | 'cpuMs') => Math.round(median(visits.map((one) => one[figure])));
  await report(
    'start',
    { 'start.addressMs': middle('addressMs'), 'start.cpuMs': middle('cpuMs') },
    `a quarter of a core (${quota.kind}), ${RUNS} runs; cpu: of the whole browser until the address showed`,
  );
});
