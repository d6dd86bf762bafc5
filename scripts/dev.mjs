/** `npm run dev`: Vite's development server and a tracker. */
import { main, portFrom, runPackage, SetupError, setUp } from './setup.mjs';

await main(async () => {
  const trackerPort = portFrom('TRACKER_PORT', 8000);
  await setUp();
  const { PortInUse } = await import('./loopback.mjs');
  const { startTracker } = await import('./tracker.mjs');
  const tracker = await startTracker({ port: trackerPort }).catch((error) => {
    if (!(error instanceof PortInUse)) throw error;
    throw new SetupError(`Port ${trackerPort} is in use. Choose another one: TRACKER_PORT=${trackerPort + 1} npm run dev`);
  });
  // Ctrl+C reaches Vite as well; it ends first, then the tracker.
  process.on('SIGINT', () => undefined);
  console.log(`Tracker  ${tracker.url}`);
  const env = { TTX_TRACKERS: JSON.stringify([tracker.url]), TTX_STUN: '[]' };
  const { code } = await runPackage('vite/bin/vite.js', process.argv.slice(2), { env });
  await tracker.stop();
  process.exitCode = code;
});
