/** Runs {@link startCrowd} and stock WebTorrent clients, as many as its parent asks for. Needs e2e/stock/register.mjs. */
import { createRequire } from 'node:module';
import SimplePeer from '@thaunknown/simple-peer/lite.js';
import { runnerImport } from 'vite';
import WebTorrent from 'webtorrent';
import { commandsOf } from '../e2e/stock/commands.mjs';
import { ROOT } from '../scripts/setup.mjs';

/** Of WebTorrent's tracker client. @type {any} */
const WebSocket = createRequire(import.meta.url)('ws');

/** @type {Record<string, (...values: any[]) => Promise<unknown>>} */
const commands = {
  /** @param {string} genesis base64 @param {string} tracker @param {number} count */
  async join(genesis, tracker, count) {
    /** @type {{ module: typeof import('./crowd.ts') }} */
    const { module } = await runnerImport('/bench/crowd.ts', { root: ROOT, configFile: false, logLevel: 'error' });
    await module.startCrowd(new Uint8Array(Buffer.from(genesis, 'base64')), tracker, count, {
      connect: (url) => new WebSocket(url),
      modules: { WebTorrent, SimplePeer },
    });
  },
  /** A client each. @param {readonly string[]} magnets @param {string} path */
  async leech(magnets, path) {
    const leeching = magnets.map(async (magnet, n) => {
      const local = { dht: false, lsd: false, natUpnp: false, natPmp: false, utp: false };
      const client = new WebTorrent({ ...local, tracker: { rtcConfig: { iceServers: [] } } });
      return (await commandsOf(client, { path: `${path}/${n}` }).leech(magnet)).infohash;
    });
    return (await Promise.allSettled(leeching)).filter(({ status }) => status === 'fulfilled').length;
  },
};

process.on('message', async (/** @type {{ name: string, values: unknown[] }} */ { name, values }) => {
  try {
    process.send?.({ value: await commands[name]?.(...values) });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
// Whoever started this is gone.
process.on('disconnect', () => process.exit());
