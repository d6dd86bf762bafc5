/** `npm run test:crash`: kills browsers at 50 random points. TTX_CRASH_SEED and TTX_CRASH_KILLS choose others. */
import { ensureBrowser } from './browser.mjs';
import { main, runPackage, setUp } from './setup.mjs';

await main(async () => {
  await setUp();
  const { TTX_CRASH_KILLS = '50', TTX_CRASH_SEED = String(Math.floor(Math.random() * 2 ** 32)) } = process.env;
  const env = { CHROME_PATH: await ensureBrowser(), TTX_CRASH_KILLS, TTX_CRASH_SEED };
  const { code } = await runPackage('@playwright/test/cli.js', ['test', 'e2e/crash.spec.ts', '--project=desktop'], { env });
  process.exitCode = code;
});
