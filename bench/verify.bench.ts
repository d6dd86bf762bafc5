/** Signatures checked a second, against @noble/ed25519 one by one. */
import { expect } from '@playwright/test';
import { test } from '../e2e/fixtures.ts';
import { median, RUNS, report } from './report.ts';
import { withSpeedBench } from './speed-page.ts';

// biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are needed from the pattern
test('verify', async ({}, info) => {
  await withSpeedBench(info, 10_000, async (bench) => {
    const rates = [];
    // The first run compiles the code and does not count.
    for (let run = 0; run <= RUNS; run++) rates.push(await bench.verify(8_000, 500));
    rates.shift();
    expect(rates.every(({ isTrusted }) => isTrusted)).toBe(true);
    await report(
      'verify',
      {
        'verify.perSec': Math.round(median(rates.map(({ ours }) => ours))),
        'verify.perThreadPerSec': Math.round(median(rates.map(({ perThread }) => perThread))),
        'verify.ratioPerThread': Number(median(rates.map(({ perThread, naive }) => perThread / naive)).toFixed(1)),
        'verify.noblePerSec': Math.round(median(rates.map(({ naive }) => naive))),
        'verify.ratioToNoble': Number(median(rates.map(({ ours, naive }) => ours / naive)).toFixed(1)),
      },
      `medians of ${RUNS}, 8,000 signatures with forged ones among them in all shards, then 500 by noble and 500 by WebCrypto in one thread`,
    );
  });
});
