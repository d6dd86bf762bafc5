/** Finds a Chromium for the tests and the benchmarks; installs one where there is none. */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { run, runPackage, SetupError } from './setup.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'microsoft-edge'];
const PLACES = [
  '/usr/bin',
  '/usr/local/bin',
  '/snap/bin',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];
/** Debian's package is 300 MB with what it needs; a slow mirror should fail rather than hang a test run. */
const INSTALL_MS = 600_000;

/** @param {string} file @returns {Promise<boolean>} */
const isProgram = (file) =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

/** @returns {Promise<string | undefined>} */
async function findInstalled() {
  const chosen = process.env.CHROME_PATH;
  if (chosen) {
    if (await isProgram(chosen)) return chosen;
    throw new SetupError(`CHROME_PATH is "${chosen}", but there is no program there.`);
  }
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...PLACES.filter((place) => place.endsWith('bin'))];
  const candidates = [
    ...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))),
    ...PLACES.filter((place) => !place.endsWith('bin')),
  ];
  for (const candidate of candidates) if (await isProgram(candidate)) return candidate;
  return undefined;
}

/** Playwright's own download, if it is there. @returns {Promise<string | undefined>} */
async function findPlaywright() {
  const { chromium } = await import('@playwright/test');
  const path = chromium.executablePath();
  return path !== '' && (await isProgram(path)) ? path : undefined;
}

/** The browser to use. @returns {Promise<string | undefined>} path of the program; CHROME_PATH wins */
export const findBrowser = async () => (await findInstalled()) ?? (await findPlaywright());

/**
 * The browser to use, installed if there is none: Debian's package where we are root, else Playwright's download.
 * @returns {Promise<string>}
 * @throws {SetupError}
 */
export async function ensureBrowser() {
  const found = await findBrowser();
  if (found !== undefined) return found;
  if (process.platform === 'linux' && process.getuid?.() === 0 && (await isProgram('/usr/bin/apt-get'))) {
    console.log('Installing Chromium (apt-get install chromium) …');
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-q'], { env, timeoutMs: INSTALL_MS, quiet: true });
    await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'chromium'], { env, timeoutMs: INSTALL_MS, quiet: true });
    const installed = await findInstalled();
    if (installed !== undefined) return installed;
  }
  console.log('Installing Chromium (playwright install chromium) …');
  await runPackage('@playwright/test/cli.js', ['install', 'chromium'], { timeoutMs: INSTALL_MS });
  const downloaded = await findPlaywright();
  if (downloaded !== undefined) return downloaded;
  throw new SetupError('The tests need Chrome or Chromium: install one, or set CHROME_PATH to its program.');
}
