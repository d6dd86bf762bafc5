/** A static host that the app is deployed to, again and again. */
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Page } from '@playwright/test';
import { serve } from '../scripts/serve.mjs';
import { ROOT } from '../scripts/setup.mjs';
import { buildDirectory } from './environment.ts';
import { test as base } from './fixtures.ts';

/** The host. Its URL stays the same. */
export interface Deployment {
  readonly url: string;
  /** Uploads a build in place of the one before, of which nothing is left. */
  deploy(directory: string): Promise<void>;
  /** Nobody answers any more. */
  stop(): Promise<void>;
}

interface Fixtures {
  readonly deployment: Deployment;
  /** A build of the same app in which every file of assets/ has another name. */
  readonly nextBuild: string;
  /** The same, and what its pages and nodes say to each other is not what those of the build before say. */
  readonly incompatibleBuild: string;
}

/** In the code of each build; another one means that tabs of the two builds do not share a node. */
const CONTRACT = /contract-[0-9a-f]{16}/g;

const HASHED = /^(?<name>.+)-(?<hash>[\w-]{8})\.(?<extension>\w+)$/;

/** Copies a build and renames what has a hash in its name, wherever it is named. @param contract of the copy, if it is another one */
async function rename(from: string, to: string, contract?: string): Promise<void> {
  const nextNames = new Map<string, string>();
  for (const file of await readdir(join(from, 'assets'))) {
    const { name = '', hash = '', extension = '' } = HASHED.exec(file)?.groups ?? {};
    if (hash === '') throw new Error(`assets/${file} has no hash in its name`);
    nextNames.set(file, `${name}-${[...hash].reverse().join('')}.${extension}`);
  }
  let contracts = 0;
  const replaceContract = (found: string) => {
    contracts++;
    return contract ?? found;
  };
  const withNextNames = (text: string) =>
    [...nextNames].reduce((result, [file, next]) => result.replaceAll(file, next), text).replace(CONTRACT, replaceContract);
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = relative(from, join(entry.parentPath, entry.name));
    const target = join(to, withNextNames(path));
    await mkdir(dirname(target), { recursive: true });
    if (/\.(html|js|css)$/.test(path)) await writeFile(target, withNextNames(await readFile(join(from, path), 'utf8')));
    else await copyFile(join(from, path), target);
  }
  if (contracts === 0) throw new Error('the build names no contract');
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are needed from the pattern
  deployment: async ({}, use) => {
    let host = await serve({ directory: join(ROOT, buildDirectory.get()), base: '/torrent-tx/' });
    const { url } = host;
    let running = true;
    const stop = async () => {
      if (running) await host.close();
      running = false;
    };
    await use({
      url,
      stop,
      deploy: async (directory) => {
        await stop();
        host = await serve({ directory, base: '/torrent-tx/', port: Number(new URL(url).port) });
        running = true;
      },
    });
    await stop();
  },

  // biome-ignore lint/correctness/noEmptyPattern: as above
  nextBuild: async ({}, use, info) => {
    const directory = info.outputPath('next-build');
    await rename(join(ROOT, buildDirectory.get()), directory);
    await use(directory);
  },

  // biome-ignore lint/correctness/noEmptyPattern: as above
  incompatibleBuild: async ({}, use, info) => {
    const directory = info.outputPath('incompatible-build');
    await rename(join(ROOT, buildDirectory.get()), directory, 'contract-0123456789abcdef');
    await use(directory);
  },

  appUrl: ({ deployment }, use) => use(deployment.url),
});

/** Waits until the service worker keeps the whole app and serves this tab. */
export async function waitUntilKept(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
}

/** The page's own script: another name is another build. */
export const scriptOf = (page: Page): Promise<string | null> => page.locator('link[rel="modulepreload"]').first().getAttribute('href');

/** All that is kept of builds: URLs by the name of their cache. */
export const keptFiles = (page: Page): Promise<Readonly<Record<string, string[]>>> =>
  page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith('ttx-app '));
    const entries = names.map(async (name) => [name, (await (await caches.open(name)).keys()).map(({ url }) => url)] as const);
    return Object.fromEntries(await Promise.all(entries));
  });

export { expect } from './fixtures.ts';
