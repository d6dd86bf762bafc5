/** From bytes in memory to transactions on the disk, against one verification and one write after the other. */
import { expect } from '@playwright/test';
import { test } from '../e2e/fixtures.ts';
import { findDescendants } from './processes.mjs';
import { listThreads, median, RUNS, report } from './report.ts';
import { withSpeedBench } from './speed-page.ts';
import { ThreadTimes } from './threads.mjs';

const TRANSACTIONS = 100_000;
const NAIVE = 1_000;
/** Payments accepted one by one. */
const SINGLE = 100;

/** Processor time that this run's browser has used, in seconds. */
const cpuSeconds = async () => (await findDescendants()).reduce((sum, { ticks }) => sum + ticks / 100, 0);

// biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are needed from the pattern
test('pipeline', async ({}, info) => {
  test.setTimeout(900_000);
  await withSpeedBench(info, TRANSACTIONS, async (bench, facts) => {
    const runs = [];
    const threads = new Map<string, number>();
    for (let run = 0; run < RUNS; run++) {
      const naivePerSec = await bench.naive(NAIVE);
      const times = new ThreadTimes(() => true);
      await times.look();
      const before = await cpuSeconds();
      const { txPerSec, ...end } = await bench.pipeline();
      const cpuUs = ((await cpuSeconds()) - before) * (1e6 / TRANSACTIONS);
      await times.look();
      for (const [kind, us] of times.list()) threads.set(kind, (threads.get(kind) ?? 0) + us / TRANSACTIONS / RUNS);
      // Fast and wrong is no figure: what must be refused is refused, and the money is all there.
      expect(end).toEqual(facts);
      runs.push({ txPerSec, naivePerSec, cpuUs });
    }
    const { at1k, atAll } = await bench.accept(SINGLE);
    await report(
      'pipeline',
      {
        'accept.ms.at1k': Number(at1k.toFixed(2)),
        'accept.ms.at100k': Number(atAll.toFixed(2)),
        'accept.ratio100kTo1k': Number((atAll / at1k).toFixed(2)),
        'pipeline.txPerSec': Math.round(median(runs.map(({ txPerSec }) => txPerSec))),
        'pipeline.naiveTxPerSec': Math.round(median(runs.map(({ naivePerSec }) => naivePerSec))),
        'pipeline.cpuUsPerTx': Math.round(median(runs.map(({ cpuUs }) => cpuUs))),
        'pipeline.ratioToNaive': Number(median(runs.map(({ txPerSec, naivePerSec }) => txPerSec / naivePerSec)).toFixed(1)),
      },
      `medians of ${RUNS}: ${TRANSACTIONS.toLocaleString('en-GB')} transactions with hostile files among them, 256 at a time from 24 sides; the naive way on the first ${NAIVE.toLocaleString('en-GB')}; processor time of the whole browser; accept: medians of ${SINGLE} single payments, each on disk before the next, both nodes in turns; processor time a transaction:${listThreads(threads)}`,
    );
  });
});
