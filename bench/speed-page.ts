/** A browser with a page whose worker measures what a node computes. */
import { link } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestInfo } from '@playwright/test';
import type { Remote } from 'comlink';
import { build } from 'vite';
import { openBrowser } from '../e2e/person.ts';
import { serve } from '../scripts/serve.mjs';
import { ROOT } from '../scripts/setup.mjs';
import { wasm } from '../scripts/wasm.mjs';
import { type EconomyFacts, keepEconomy } from './economy-file.ts';
import type { SpeedBench } from './speed/worker.ts';

/** Builds the page, opens it under the app's own policy, and loads an economy of `count` transactions into its worker. */
export async function withSpeedBench(
  info: TestInfo,
  count: number,
  measure: (bench: SpeedBench, facts: EconomyFacts) => Promise<void>,
): Promise<void> {
  const { file, facts } = await keepEconomy(count);
  const directory = info.outputPath('page');
  await build({
    configFile: false,
    root: join(ROOT, 'bench/speed'),
    logLevel: 'warn',
    worker: { format: 'es', plugins: () => [wasm()] },
    build: { outDir: directory, emptyOutDir: true, modulePreload: false, target: 'es2022' },
  });
  await link(file, join(directory, 'economy.bin'));
  const server = await serve({ directory });
  const context = await openBrowser(info.outputPath('profile'));
  try {
    const page = await context.newPage();
    await page.goto(server.url);
    const call = <T>(name: string, values: readonly unknown[]): Promise<T> =>
      page.evaluate(
        ([method, given]) => {
          const { bench } = window as unknown as { bench: Remote<Record<string, (...values: unknown[]) => Promise<unknown>>> };
          const work = bench[method];
          if (work === undefined) throw new Error(`there is no ${method}`);
          return work(...given) as Promise<T>;
        },
        [name, values] as const,
      );
    const bench: SpeedBench = {
      load: (...values) => call('load', values),
      verify: (...values) => call('verify', values),
      work: (...values) => call('work', values),
      abort: () => call('abort', []),
      pipeline: () => call('pipeline', []),
      accept: (...values) => call('accept', values),
      naive: (...values) => call('naive', values),
    };
    await bench.load('/economy.bin');
    await measure(bench, facts);
  } finally {
    await context.close();
    await server.close();
  }
}
