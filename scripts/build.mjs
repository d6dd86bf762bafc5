/** Builds the app for use on this computer: as for production, but nobody outside is asked anything. */
import { runPackage, SetupError } from './setup.mjs';

/**
 * @param {object} options
 * @param {string} options.directory where to, relative to the repository
 * @param {readonly string[]} options.trackers that the app starts with; none means that it offers public ones
 * @throws {SetupError} with the output of the build
 */
export async function build({ directory, trackers }) {
  const { code, output } = await runPackage('vite/bin/vite.js', ['build', '--outDir', directory, '--emptyOutDir', '--logLevel', 'warn'], {
    env: { TTX_TRACKERS: JSON.stringify(trackers), TTX_STUN: '[]' },
    quiet: true,
  });
  if (code !== 0) throw new SetupError(`The build failed.\n${output}`);
}
