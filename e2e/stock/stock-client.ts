/** BitTorrent clients that know nothing of TorrentTX: WebTorrent as it is published, in a page and in Node. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listenLoopback } from '../../scripts/loopback.mjs';
import { ROOT } from '../../scripts/setup.mjs';
import { openBrowser } from '../person.ts';
import type { Download } from './commands.mjs';

/** A WebTorrent client, and what makes its WebRTC connections. */
export type StockKind = 'page' | 'roamhq' | 'werift';

export interface StockClient {
  /** Downloads what a magnet names, and seeds it from then on. */
  leech(magnet: string): Promise<Download>;
  /** Seeds a folder on disk, in Node only. @returns its infohash */
  seedFolder(path: string, trackers: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a client that keeps what it needs below `directory`. */
export async function startStockClient(kind: StockKind, directory: string): Promise<StockClient> {
  await mkdir(directory, { recursive: true });
  return kind === 'page' ? startPage(directory) : startProcess(kind, directory);
}

const START_MS = 20_000;

/** What {@link startProcess}' child sends. */
type Message =
  | { readonly ready: boolean }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };

function firstMessage(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`WebTorrent did not start in Node within ${START_MS / 1000} s`)), START_MS);
    child.once('exit', (code) => reject(new Error(`WebTorrent in Node ended with ${code}`)));
    child.once('message', (message: Message) => {
      clearTimeout(timer);
      if ('ready' in message && message.ready) resolve();
      else reject(new Error('WebTorrent finds no WebRTC in Node'));
    });
  });
}

async function startProcess(kind: 'roamhq' | 'werift', directory: string): Promise<StockClient> {
  const child = fork(fileURLToPath(new URL('./peer.mjs', import.meta.url)), [directory], {
    execArgv: ['--import', new URL('./register.mjs', import.meta.url).href],
    env: { ...process.env, TTX_E2E_WEBRTC: kind },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await firstMessage(child);
  let asked = 0;
  const ask = (name: string, ...values: unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      const id = ++asked;
      const fail = (code: number | null) => reject(new Error(`WebTorrent in Node ended with ${code} during ${name}`));
      const listen = (message: Message) => {
        if ('ready' in message || message.id !== id) return;
        child.off('message', listen);
        child.off('exit', fail);
        if ('error' in message) reject(new Error(message.error));
        else resolve(message.value);
      };
      child.on('message', listen);
      child.once('exit', fail);
      child.send({ id, name, values });
    });
  return {
    leech: (magnet) => ask('leech', magnet) as Promise<Download>,
    seedFolder: (path, trackers) => ask('seedFolder', path, trackers) as Promise<string>,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Blank but for WebTorrent's prebuilt bundle. */
const PAGE = `<!doctype html><title>A stock client</title><link rel="icon" href="data:,">
<script type="module">
  import WebTorrent from './webtorrent.min.js';
  import { commandsOf } from './commands.mjs';
  window.commands = commandsOf(new WebTorrent(), {});
</script>`;

async function startPage(directory: string): Promise<StockClient> {
  const files = new Map<string, { readonly type: string; readonly body: string | Buffer }>([
    ['/', { type: 'text/html', body: PAGE }],
    ['/webtorrent.min.js', { type: 'text/javascript', body: await readFile(join(ROOT, 'node_modules/webtorrent/dist/webtorrent.min.js')) }],
    ['/commands.mjs', { type: 'text/javascript', body: await readFile(new URL('./commands.mjs', import.meta.url)) }],
  ]);
  const server = await listenLoopback(0, (http) => {
    http.on('request', (request, response) => {
      const file = files.get(request.url ?? '/');
      response.writeHead(file === undefined ? 404 : 200, { 'content-type': file?.type ?? 'text/plain' }).end(file?.body);
    });
  });
  const context = await openBrowser(join(directory, 'profile'));
  const page = await context.newPage();
  await page.goto(`http://localhost:${server.port}/`);
  await page.waitForFunction(() => 'commands' in window, undefined, { timeout: START_MS });
  return {
    leech: (magnet) =>
      page.evaluate((link) => (window as unknown as { commands: Pick<StockClient, 'leech'> }).commands.leech(link), magnet),
    seedFolder: () => Promise.reject(new Error('a page has no folders')),
    stop: async () => {
      await context.close();
      await server.close();
    },
  };
}
