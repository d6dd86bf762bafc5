import type { FullConfig } from '@playwright/test';
import { build } from '../scripts/build.mjs';
import { findFreePort } from '../scripts/free-port.mjs';
import { buildDirectory, trackerPort } from './environment.ts';

/** Builds the app for each worker, with a tracker on a port of this run: each test starts its own tracker there. */
export default async function globalSetup({ workers }: FullConfig): Promise<void> {
  for (let worker = 0; worker < workers; worker++) {
    const port = await findFreePort();
    // Inherited by the workers, which start after this.
    trackerPort.set(worker, String(port));
    const directory = `.cache/e2e/${worker}`;
    buildDirectory.set(worker, directory);
    await build({ directory, trackers: [`ws://localhost:${port}`] });
  }
}
