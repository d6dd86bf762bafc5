import { build } from '../scripts/build.mjs';
import { findFreePort } from '../scripts/free-port.mjs';
import { buildDirectory, trackerPort } from './environment.ts';

/** Builds the app once, with a tracker on a port of this run: each test starts its own tracker there. */
export default async function globalSetup(): Promise<void> {
  const port = await findFreePort();
  // Inherited by the workers, which start after this.
  trackerPort.set(String(port));
  buildDirectory.set('.cache/e2e');
  await build({ directory: buildDirectory.get(), trackers: [`ws://localhost:${port}`] });
}
