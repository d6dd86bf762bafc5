/** Coming to the same state: what it costs to find ten differences among 100,000 transactions, and how fast somebody new gets all. */
import { expect } from '@playwright/test';
import { test } from '../e2e/fixtures.ts';
import { catchUp } from './catch-up.ts';
import { type Differences, findDifferences } from './differences.ts';
import { median, RUNS, report } from './report.ts';

const TRANSACTIONS = 100_000;
const EACH = 5;
const CATCH_UP = 10_000;

test('sync', async ({ tracker: _ }, info) => {
  test.setTimeout(600_000);
  const runs: Differences[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await findDifferences(TRANSACTIONS, EACH));
  const middle = (of: (run: Differences) => number) => median(runs.map(of));
  expect(new Set(runs.flatMap(({ roots }) => roots)).size).toBe(1);
  const { txPerSec, longestTaskMs, cpuUsPerTx, threads } = await catchUp(info, CATCH_UP, RUNS);
  await report(
    'sync',
    {
      'sync.txPerSec.10k': Math.round(median(txPerSec)),
      'sync.cpuUsPerTx.10k': Math.round(median(cpuUsPerTx)),
      'page.longestTaskMs': Math.round(longestTaskMs),
      'sync.differences.roundTrips': middle(({ roundTrips }) => roundTrips),
      'sync.differences.bytes': middle(({ bytes }) => bytes),
      'sync.rootsCpuMs.at100k': Math.round(middle(({ rootsMs }) => rootsMs)),
      'sync.longestRootsTurnMs.at100k': Math.round(middle(({ longestTurnMs }) => longestTurnMs)),
    },
    `${2 * EACH} differences among ${TRANSACTIONS}, half on either side: known to both ${middle(({ elapsedMs }) => elapsedMs)} ms after meeting, at 50 ms one way; ` +
      `one transaction more costs ${middle(({ oneMoreMs }) => oneMoreMs).toFixed(2)} ms of CPU (in Node); medians of ${RUNS} catching up: between two pages of the production build, from connected to the same roots, processor time of both; before that once beside a liar, its tasks traced; processor time a transaction:${threads}`,
  );
});

test('sync100k', async ({ tracker: _ }, info) => {
  test.setTimeout(1_800_000);
  const { txPerSec, longestTaskMs, cpuUsPerTx, threads } = await catchUp(info, TRANSACTIONS, RUNS);
  await report(
    'sync100k',
    {
      'sync.txPerSec.100k': Math.round(median(txPerSec)),
      'sync.cpuUsPerTx.100k': Math.round(median(cpuUsPerTx)),
      'page.longestTaskMs': Math.round(longestTaskMs),
    },
    `medians of ${RUNS}, as sync does it with ${CATCH_UP.toLocaleString('en-GB')}; processor time a transaction:${threads}`,
  );
});
