/** How many peers, connections and swarms a full page keeps while more than it wants are willing, and plain clients leech from it. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from '@playwright/test';
import { trackerPort } from '../e2e/environment.ts';
import { test } from '../e2e/fixtures.ts';
import { openBrowser, Person } from '../e2e/person.ts';
import { serveEconomy } from './economy-site.ts';
import { report } from './report.ts';
import { watchedIn, watchStates } from './watched-states.ts';

const TRANSACTIONS = 10_000;
const NODES = 32;
const LEECHERS = 12;
/** With everybody there, so that connections are tried, refused and replaced. */
const WATCHED_MS = 30_000;

interface Counted {
  readonly connections: { readonly made: number; readonly most: number };
}

/** Runs in the page before the app does: counts every connection from its construction until it is closed. */
function countConnections(): void {
  const connections = { made: 0, live: 0, most: 0 };
  Object.assign(window, { connections });
  window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct(target, values) {
      const made: RTCPeerConnection = Reflect.construct(target, values);
      connections.made++;
      connections.live++;
      connections.most = Math.max(connections.most, connections.live);
      let isOpen = true;
      const end = () => {
        if (isOpen) connections.live--;
        isOpen = false;
      };
      const close = made.close.bind(made);
      made.close = () => {
        close();
        end();
      };
      return made;
    },
  });
}

/** A process that answers one question after another. */
function startCrowdProcess() {
  const child = fork(fileURLToPath(new URL('./crowd-process.mjs', import.meta.url)), {
    execArgv: ['--import', fileURLToPath(new URL('../e2e/stock/register.mjs', import.meta.url))],
    env: { ...process.env, TTX_E2E_WEBRTC: 'roamhq' },
  });
  const ask = <T>(name: string, ...values: unknown[]) =>
    new Promise<T>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the crowd ended with ${code}`)));
      child.once('message', (answer: { value: T } | { error: string }) =>
        'error' in answer ? reject(new Error(answer.error)) : resolve(answer.value),
      );
      child.send({ name, values });
    });
  return { ask, stop: () => child.kill('SIGKILL') };
}

test('node', async ({ tracker: _ }, info) => {
  test.setTimeout(240_000);
  const site = await serveEconomy(info, TRANSACTIONS);
  const tracker = `ws://localhost:${trackerPort.get()}`;
  const context = await openBrowser(info.outputPath('profile'));
  await site.fill(context, (bench, economy) => bench.fill(economy, 1_000, Number.MAX_SAFE_INTEGER));
  await context.addInitScript(watchStates, site.facts.accepted);
  await context.addInitScript(countConnections);
  const ada = new Person('ada', context, site.url, { taps: false });
  await ada.open();
  await ada.join(site.invitation);
  await expect.poll(async () => (await watchedIn(ada.page)).transactions, { timeout: 60_000 }).toBe(site.facts.accepted);

  const crowd = startCrowdProcess();
  const plain = startCrowdProcess();
  await crowd.ask('join', Buffer.from(site.genesis).toString('base64'), tracker, NODES);
  await expect.poll(async () => (await watchedIn(ada.page)).mostPeers, { timeout: 60_000 }).toBeGreaterThanOrEqual(6);
  const { swarms } = await watchedIn(ada.page);
  const magnets = Array.from({ length: LEECHERS }, (_value, n) => `magnet:?xt=urn:btih:${swarms[n % swarms.length]}&tr=${tracker}`);
  const [leeched] = await Promise.all([
    plain.ask<number>('leech', magnets, info.outputPath('leeched')),
    new Promise((resolve) => setTimeout(resolve, WATCHED_MS)),
  ]);
  const { mostPeers, mostSwarms } = await watchedIn(ada.page);
  const { made, most } = await ada.page.evaluate(() => (window as unknown as Counted).connections);
  crowd.stop();
  plain.stop();
  await context.close();
  await site.close();
  await report(
    'node',
    {
      'node.ttxPeers': mostPeers,
      'node.connections': most,
      'node.swarms': mostSwarms,
      'node.connectionsMade': made,
      'node.leeched': leeched,
    },
    `most at any moment, of a full page with ${TRANSACTIONS.toLocaleString('en-GB')} transactions among ${NODES} willing nodes and ${LEECHERS} plain clients that leech from it`,
  );
});
