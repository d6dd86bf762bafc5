/** `npm start`: from a fresh clone to a running app. Only modules without packages are imported before the set-up. */
import { join } from 'node:path';
import { main, portFrom, ROOT, SetupError, setUp } from './setup.mjs';

/** Apart from dist/, which is for deployment and knows nothing of this computer's tracker. */
const DIRECTORY = '.cache/start';

await main(async () => {
  const port = portFrom('PORT', 4173);
  const trackerPort = portFrom('TRACKER_PORT', 8000);
  await setUp();
  const { PortInUse } = await import('./loopback.mjs');
  const { startTracker } = await import('./tracker.mjs');
  const { serve } = await import('./serve.mjs');
  const { build } = await import('./build.mjs');

  /** @param {string} name @param {number} busy @returns {(error: unknown) => never} */
  const explain = (name, busy) => (error) => {
    if (!(error instanceof PortInUse)) throw error;
    throw new SetupError(`Port ${busy} is in use by another program. Choose another one: ${name}=${busy + 1} npm start`);
  };
  const tracker = await startTracker({ port: trackerPort }).catch(explain('TRACKER_PORT', trackerPort));
  try {
    console.log('Building …');
    await build({ directory: DIRECTORY, trackers: [tracker.url] });
    const server = await serve({ directory: join(ROOT, DIRECTORY), port }).catch(explain('PORT', port));
    console.log(`
TorrentTX is running.

  App      ${server.url}
  Tracker  ${tracker.url}  (introduces browsers to each other)

What to do next
  1. Open the app: a wallet is made for you.
  2. Network → Found a network. Then copy its invitation.
  3. Open the invitation in another browser, or in a private window: that is another person with another wallet.
  4. Pay from the first to the address of the second, and paste the magnet link there.

Ctrl+C ends both.
`);
    const stop = async () => {
      await Promise.all([server.close(), tracker.stop()]);
      process.exit(0);
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  } catch (error) {
    await tracker.stop();
    throw error;
  }
});
