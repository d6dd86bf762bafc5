/**
 * `node bench/cones.mjs [count…]`: prints the table of docs/light.md; see cones.ts.
 * `node bench/cones.mjs fetch [count] [share]`: what one payment costs a light node; see light.ts.
 */
import { runnerImport } from 'vite';
import { ROOT } from '../scripts/setup.mjs';

const options = { root: ROOT, configFile: /** @type {const} */ (false), logLevel: /** @type {const} */ ('error') };
const [what, count = '10000', share = '0.5'] = process.argv.slice(2);
if (what === 'fetch') {
  /** @type {{ module: typeof import('./light.ts') }} */
  const { module } = await runnerImport('/bench/light.ts', options);
  await module.fetchLight(Number(count), Number(share));
} else await runnerImport('/bench/cones.ts', options);
