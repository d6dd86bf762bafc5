/**
 * `npm run bench [-- part…] [--runs=n] [--json] [--times-may-exceed]`: figures against their budgets. Parts: see PARTS and SLOW.
 * Fails when one is missed; with `--times-may-exceed`, for machines of unknown speed, only when a size is.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { main, ROOT, runPackage, SetupError, setUp } from '../scripts/setup.mjs';

const DIRECTORY = join(ROOT, '.cache/bench');
const PARTS = ['bytes', 'start', 'accept', 'open', 'verify', 'work', 'pipeline', 'sync', 'node', 'memory'];
/** Take minutes each: run by name only. */
const SLOW = ['sync100k', 'memory100k'];
/** Most that a figure may be. @type {Readonly<Record<string, number>>} */
const BUDGETS = {
  'bytes.page': 60_000,
  'bytes.worker': 130_000,
  'bytes.workerInAll': 180_000,
  'start.addressMs': 1_000,
  'accept.coldMs': 3_000,
  'accept.connectedMs': 300,
  'accept.ratio100kTo1k': 1.5,
  'open.ms.at100k': 1_000,
  'work.abortMs': 20,
  'sync.differences.roundTrips': 6,
  'sync.differences.bytes': 65_536,
  'page.longestTaskMs': 50,
  'node.ttxPeers': 12,
  'node.connections': 40,
  'node.swarms': 40,
  'worker.mb.at100k': 250,
};
/** Least that a figure may be. @type {Readonly<Record<string, number>>} */
const TARGETS = {
  'verify.ratioToNoble': 10,
  'work.ratioToNoble': 50,
  'work.ratioToPlainJs': 3,
  'pipeline.txPerSec': 20_000,
  'pipeline.ratioToNaive': 20,
  'sync.txPerSec.100k': 10_000,
};

await main(async () => {
  const asked = process.argv.slice(2);
  const json = asked.includes('--json');
  const runs = asked.find((one) => one.startsWith('--runs='))?.slice('--runs='.length) ?? '5';
  const parts = asked.filter((one) => !one.startsWith('--'));
  const unknown = parts.find((part) => !PARTS.includes(part) && !SLOW.includes(part));
  if (unknown !== undefined)
    throw new SetupError(`There is no part "${unknown}". Parts: ${PARTS.join(', ')}; slow ones: ${SLOW.join(', ')}`);
  await setUp();
  const { ensureBrowser } = await import('../scripts/browser.mjs');
  await rm(DIRECTORY, { recursive: true, force: true });
  const chosen = parts.length === 0 ? PARTS : parts;
  const { code, output } = await runPackage(
    '@playwright/test/cli.js',
    ['test', '-c', 'bench/playwright.config.ts', '-g', `(${chosen.join('|')})$`],
    { env: { CHROME_PATH: await ensureBrowser(), TTX_BENCH_DIRECTORY: DIRECTORY, TTX_BENCH_RUNS: runs }, quiet: true },
  );
  if (code !== 0) throw new SetupError(`The benchmark failed.\n${output}`);
  /** @type {Record<string, number>} */
  const figures = {};
  /** @type {string[]} */
  const remarks = [];
  for (const part of chosen) {
    const result = JSON.parse(await readFile(join(DIRECTORY, `${part}.json`), 'utf8'));
    Object.assign(figures, result.figures);
    remarks.push(`${part}: ${result.remark}`);
  }
  /** @param {string} name @param {number} value */
  const isMissed = (name, value) =>
    value > (BUDGETS[name] ?? Number.POSITIVE_INFINITY) || value < (TARGETS[name] ?? Number.NEGATIVE_INFINITY);
  const missed = Object.entries(figures).filter(([name, value]) => isMissed(name, value));
  if (json) console.log(JSON.stringify(figures, undefined, 2));
  else {
    for (const [name, value] of Object.entries(figures)) {
      const limit = BUDGETS[name] ?? TARGETS[name];
      const bound = BUDGETS[name] === undefined ? 'at least' : 'at most ';
      const verdict =
        limit === undefined ? '' : `  ${bound} ${limit.toLocaleString('en-GB').padStart(8)}  ${isMissed(name, value) ? 'MISSED' : 'met'}`;
      console.log(`  ${name.padEnd(26)}${value.toLocaleString('en-GB').padStart(10)}${verdict}`);
    }
    for (const remark of remarks) console.log(`  ${remark}`);
  }
  const failing = asked.includes('--times-may-exceed') ? missed.filter(([name]) => name.startsWith('bytes.')) : missed;
  if (failing.length > 0) process.exitCode = 1;
});
