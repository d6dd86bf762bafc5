/** The app, and on the same origin a page that fills the app's database with a kept economy before the app is opened. */
import { cp, link, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, TestInfo } from '@playwright/test';
import { build } from 'vite';
import { buildDirectory, trackerPort } from '../e2e/environment.ts';
import { serve } from '../scripts/serve.mjs';
import { ROOT } from '../scripts/setup.mjs';
import { locator } from '../src/core/id.ts';
import { magnetLink } from '../src/core/link.ts';
import { decodeTransaction } from '../src/core/transaction.ts';
import { type EconomyFacts, keepEconomy, unpackEconomy } from './economy-file.ts';
import type { OpenBench } from './open/worker.ts';

export interface EconomySite {
  readonly url: string;
  readonly facts: EconomyFacts;
  readonly genesis: Uint8Array;
  /** Invites to the economy's network, the genesis inside. */
  readonly invitation: string;
  /** Fills the database of a browser that has never opened the app. */
  fill<T>(context: BrowserContext, work: (bench: Pick<OpenBench, 'fill' | 'plant'>, economy: string) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What a page must be sent with, and its workers as well, to be cross-origin isolated. */
const ISOLATION = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' } as const;

/** Serves the production build with an economy of `count` transactions beside it. */
export async function serveEconomy(info: TestInfo, count: number, { isIsolated = false } = {}): Promise<EconomySite> {
  const { file, facts } = await keepEconomy(count);
  const directory = info.outputPath('site');
  await cp(join(ROOT, buildDirectory.get()), directory, { recursive: true });
  await build({
    configFile: false,
    root: join(ROOT, 'bench/open'),
    base: './',
    logLevel: 'warn',
    worker: { format: 'es' },
    build: { outDir: join(directory, 'fill'), emptyOutDir: true, modulePreload: false, target: 'es2022' },
  });
  await link(file, join(directory, 'fill/economy.bin'));
  const [genesis = new Uint8Array()] = unpackEconomy(await readFile(file));
  const { infohash, txid } = decodeTransaction(genesis);
  const network = locator(infohash, txid);
  const server = await serve({ directory, base: '/torrent-tx/', headers: isIsolated ? ISOLATION : {} });
  return {
    url: server.url,
    facts,
    genesis,
    invitation: magnetLink({ locator: network, network, trackers: [`ws://localhost:${trackerPort.get()}`] }, genesis),
    fill: async (context, work) => {
      const page = await context.newPage();
      await page.goto(`${server.url}fill/index.html`);
      await page.waitForFunction(() => 'bench' in window);
      const call = <T>(name: 'fill' | 'plant', values: readonly unknown[]): Promise<T> =>
        page.evaluate(
          ([method, given]) =>
            (window as unknown as { bench: Record<string, (...values: readonly unknown[]) => Promise<T>> }).bench[method]?.(
              ...given,
            ) as Promise<T>,
          [name, values] as const,
        );
      const done = await work(
        { fill: (...values) => call('fill', values), plant: (...values) => call('plant', values) },
        '/torrent-tx/fill/economy.bin',
      );
      await page.close();
      return done;
    },
    close: server.close,
  };
}
