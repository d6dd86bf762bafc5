/** Makes the pictures of the README and of the app's manifest: `node scripts/make-screenshots.mjs`. */
import { main, runPackage, SetupError, setUp } from './setup.mjs';

await main(async () => {
  await setUp();
  const { ensureBrowser } = await import('./browser.mjs');
  const { code } = await runPackage('@playwright/test/cli.js', ['test', '-c', 'e2e/screenshots.config.ts'], {
    env: { CHROME_PATH: await ensureBrowser() },
  });
  if (code !== 0) throw new SetupError('The screenshots could not be made: see above.');
});
