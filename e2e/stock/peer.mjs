/** A stock WebTorrent client in a process of its own, which does what its parent asks. Downloads go to the folder that is its argument. */
import WebTorrent from 'webtorrent';
import { commandsOf } from './commands.mjs';

// The tests stay on this computer: no DHT, no router, no STUN server.
const client = new WebTorrent({
  dht: false,
  lsd: false,
  natUpnp: false,
  natPmp: false,
  utp: false,
  tracker: { rtcConfig: { iceServers: [] } },
});
// What comes from another process is unknown; StockClient (stock-client.ts) says what goes with which command.
const commands = /** @type {Record<string, (...values: unknown[]) => Promise<unknown>>} */ (commandsOf(client, { path: process.argv[2] }));

process.on('message', async (/** @type {{ id: number, name: string, values: unknown[] }} */ { id, name, values }) => {
  try {
    process.send?.({ id, value: await commands[name]?.(...values) });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
client.on('error', (error) => {
  throw error;
});
// Whoever started this is gone.
process.on('disconnect', () => process.exit());
process.send?.({ ready: WebTorrent.WEBRTC_SUPPORT });
