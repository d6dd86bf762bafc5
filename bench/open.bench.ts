/** Opening the app with 100,000 transactions on its disk, and how fast they got there. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { build } from 'vite';
import { test } from '../e2e/fixtures.ts';
import { openBrowser } from '../e2e/person.ts';
import { serve } from '../scripts/serve.mjs';
import { ROOT } from '../scripts/setup.mjs';
import { keepEconomy } from './economy-file.ts';
import type { OpenBench } from './open/worker.ts';
import { median, RUNS, report } from './report.ts';

interface BenchWindow {
  readonly bench: OpenBench;
}

const TRANSACTIONS = 100_000;
/** Enough for commits to be joined, few enough to be repeated. */
const SOME = 25_600;

// biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are needed from the pattern
test('open', async ({}, info) => {
  test.setTimeout(900_000);
  const { file, facts } = await keepEconomy(TRANSACTIONS);
  const directory = info.outputPath('page');
  await build({
    configFile: false,
    root: join(ROOT, 'bench/open'),
    logLevel: 'warn',
    worker: { format: 'es' },
    build: { outDir: directory, emptyOutDir: true, modulePreload: false, target: 'es2022' },
  });
  await copyFile(file, join(directory, 'economy.bin'));
  const server = await serve({ directory });
  const profile = info.outputPath('profile');
  /** A browser of its own each time: what the last one had in memory is gone. */
  const visit = async <T>(work: (bench: OpenBench) => Promise<T>): Promise<T> => {
    const context = await openBrowser(profile);
    try {
      const page = await context.newPage();
      await page.goto(server.url);
      return await work({
        fill: (...values) => page.evaluate((given) => (window as unknown as BenchWindow).bench.fill(...given), values),
        open: () => page.evaluate(() => (window as unknown as BenchWindow).bench.open()),
        plant: (...values) => page.evaluate((given) => (window as unknown as BenchWindow).bench.plant(...given), values),
      });
    } finally {
      await context.close();
    }
  };

  const rate = async (batch: number, most: number) => {
    const { commitMs, transactions, ...sizes } = await visit((bench) => bench.fill('/economy.bin', batch, most));
    return { perSec: transactions / (commitMs / 1_000), transactions, ...sizes };
  };
  const small = await rate(256, SOME);
  const large = await rate(1_000, Number.MAX_SAFE_INTEGER);
  const openings = [];
  for (let run = 0; run < RUNS; run++) openings.push(await visit((bench) => bench.open()));
  await server.close();

  for (const [run, opening] of openings.entries()) {
    // Each opening adds the payment that it makes, and a rival that it knows to be one.
    expect(opening).toMatchObject({ spend: 'accepted', doubleSpend: 'conflicted', transactions: facts.accepted + run + 1 });
  }
  expect(large.transactions).toBeGreaterThanOrEqual(facts.accepted + facts.conflicted);
  await report(
    'open',
    {
      'open.ms.at100k': Math.round(median(openings.map(({ balanceMs }) => balanceMs))),
      'open.spentMs.at100k': Math.round(median(openings.map(({ spentMs }) => spentMs))),
      'open.entryBytes': Math.round(large.entryBytes / large.transactions),
      'open.fileBytes': Math.round(large.fileBytes / large.transactions),
      'commit.txPerSec.256': Math.round(small.perSec),
      'commit.txPerSec.1000': Math.round(large.perSec),
    },
    `medians of ${RUNS} browsers, ${facts.accepted.toLocaleString('en-GB')} transactions: until the balance is known, and until a payment has been made and a double spend refused; commits: IndexedDB alone`,
  );
});
