/** Tries for work a second and worker, against plain JavaScript and against the sha256 of @noble/hashes. */
import { test } from '../e2e/fixtures.ts';
import { median, RUNS, report } from './report.ts';
import { withSpeedBench } from './speed-page.ts';

const ABORTS = 20;

// biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are needed from the pattern
test('work', async ({}, info) => {
  await withSpeedBench(info, 10_000, async (bench) => {
    const rates = [];
    for (let run = 0; run <= RUNS; run++) rates.push(await bench.work(500));
    rates.shift();
    const aborts: number[] = [];
    for (let run = 0; run < ABORTS; run++) aborts.push(await bench.abort());
    const workers = rates[0]?.workers ?? 1;
    await report(
      'work',
      {
        'work.triesPerSec': Math.round(median(rates.map(({ ours }) => ours / workers))),
        'work.plainTriesPerSec': Math.round(median(rates.map(({ plain }) => plain))),
        'work.nobleTriesPerSec': Math.round(median(rates.map(({ naive }) => naive))),
        'work.ratioToNoble': Number(median(rates.map(({ ours, naive }) => ours / workers / naive)).toFixed(1)),
        'work.ratioToPlainJs': Number(median(rates.map(({ ours, plain }) => ours / workers / plain)).toFixed(2)),
        'work.abortMs': Math.ceil(Math.max(...aborts)),
      },
      `medians of ${RUNS} for each of ${workers} workers, in slices as the app asks for them; the longest of ${ABORTS} aborts`,
    );
  });
});
