/**
 * `npm test`: everything that must hold, from a fresh clone. Stages run one after the other, all of them, whatever fails.
 * The last line is `<n> passed, <n> failed`. Names of stages as arguments run only those: `npm test -- types unit`.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { main, ROOT, runPackage, SetupError, setUp } from './setup.mjs';

/** Machine-readable results and builds. */
const CACHE = '.cache/test';
/** Zones are compiled each with the library that its code runs on. */
const ZONES = ['src/core', 'workers', 'src/ui', 'scripts', 'e2e'];

/** @typedef {{ passed: number, failed: number }} Count */
/** @typedef {{ name: string, run: () => Promise<Count> }} Stage */

/** One check that passes or fails as a whole. @param {boolean} passed @returns {Count} */
const once = (passed) => ({ passed: passed ? 1 : 0, failed: passed ? 0 : 1 });
/** @param {readonly Count[]} counts @returns {Count} */
const add = (counts) => counts.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed }), { passed: 0, failed: 0 });

/** A runner that dies without a report has failed, and a report without tests is no success either. @param {number} code @param {Count} count @returns {Count} */
const orFailed = (code, count) =>
  code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count.passed + count.failed === 0 ? once(false) : count;

/** @param {string} file @returns {Promise<any>} */
async function readReport(file) {
  try {
    return JSON.parse(await readFile(join(ROOT, file), 'utf8'));
  } catch {
    return undefined;
  }
}

/** @type {readonly Stage[]} */
const STAGES = [
  {
    name: 'format and lint',
    run: async () => once((await runPackage('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.'])).code === 0),
  },
  {
    name: 'types',
    run: async () => {
      /** @type {Count[]} */
      const counts = [];
      for (const zone of ZONES) counts.push(once((await runPackage('typescript/bin/tsc', ['-p', zone])).code === 0));
      return add(counts);
    },
  },
  {
    name: 'unit',
    run: async () => {
      const file = `${CACHE}/unit.json`;
      const { code } = await runPackage('vitest/vitest.mjs', ['run', '--reporter=dot', '--reporter=json', `--outputFile.json=${file}`]);
      const report = await readReport(file);
      return orFailed(code, { passed: report?.numPassedTests ?? 0, failed: report?.numFailedTests ?? 0 });
    },
  },
  {
    name: 'build',
    run: async () => {
      const { build } = await import('./build.mjs');
      await build({ directory: `${CACHE}/dist`, trackers: [] });
      return once(true);
    },
  },
  {
    name: 'budget',
    run: async () => {
      const { BUDGET_BYTES, measureBundle, sum } = await import('./budget.mjs');
      const bundle = await measureBundle(join(ROOT, CACHE, 'dist'));
      return add(
        /** @type {const} */ (['page', 'worker', 'worker in all']).map((part) => {
          const bytes = sum(bundle[part], 'brotli');
          console.log(
            `  ${part}: ${(bytes / 1000).toFixed(1)} kB brotli of ${BUDGET_BYTES[part] / 1000} kB, in ${bundle[part].length} files`,
          );
          return once(bytes <= BUDGET_BYTES[part]);
        }),
      );
    },
  },
  {
    name: 'e2e',
    run: async () => {
      const { ensureBrowser } = await import('./browser.mjs');
      const file = `${CACHE}/e2e.json`;
      const { code } = await runPackage('@playwright/test/cli.js', ['test'], {
        env: { CHROME_PATH: await ensureBrowser(), PLAYWRIGHT_JSON_OUTPUT_NAME: join(ROOT, file) },
      });
      const stats = (await readReport(file))?.stats;
      return orFailed(code, { passed: stats?.expected ?? 0, failed: (stats?.unexpected ?? 0) + (stats?.flaky ?? 0) });
    },
  },
  {
    name: 'bench',
    // A light run: sizes must hold on every machine, times are printed and depend on it. What takes 100,000 transactions takes minutes.
    run: async () => {
      const parts = ['bytes', 'start', 'accept', 'verify', 'work'];
      return once((await runPackage('../bench/bench.mjs', [...parts, '--runs=1', '--times-may-exceed'])).code === 0);
    },
  },
];

/** @param {Stage} stage @returns {Promise<Count>} */
async function runStage({ name, run }) {
  const startedAtMs = performance.now();
  console.log(`\n── ${name}`);
  /** @type {Count} */
  let count;
  try {
    count = await run();
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error);
    count = once(false);
  }
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  console.log(`── ${name}: ${count.passed} passed, ${count.failed} failed in ${seconds} s`);
  return count;
}

await main(async () => {
  const chosen = process.argv.slice(2);
  const unknown = chosen.find((name) => !STAGES.some((stage) => stage.name === name));
  if (unknown !== undefined) throw new SetupError(`There is no stage "${unknown}". Stages: ${STAGES.map(({ name }) => name).join(', ')}`);
  await setUp();
  await rm(join(ROOT, CACHE), { recursive: true, force: true });
  await mkdir(join(ROOT, CACHE), { recursive: true });
  /** @type {Count[]} */
  const counts = [];
  for (const stage of STAGES) if (chosen.length === 0 || chosen.includes(stage.name)) counts.push(await runStage(stage));
  const { passed, failed } = add(counts);
  process.exitCode = failed === 0 ? 0 : 1;
  console.log(`\n${passed} passed, ${failed} failed`);
});
