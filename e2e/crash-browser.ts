/** A browser that can be killed: a process of its own, with a profile that outlives it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { findBrowser } from '../scripts/browser.mjs';
import { FLAGS, PERMISSIONS } from '../scripts/chromium.mjs';
import type { Size } from './size.ts';

/** A running browser. */
export interface MortalBrowser {
  readonly context: BrowserContext;
  /** Ends all its processes at once, as when the power goes or the system is out of memory: nothing is flushed, nobody is told. */
  kill(): Promise<void>;
  /** Ends it as its owner does. */
  close(): Promise<void>;
}

/** How long a browser may take to say where it can be reached, in milliseconds. */
const START_MS = 20_000;

/** The DevTools address that the browser prints when it is ready. */
function devToolsOf(browser: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => reject(new Error(`the browser did not start: ${output}`)), START_MS);
    browser.stderr?.on('data', (chunk) => {
      output += chunk;
      const address = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    });
    browser.once('exit', (code) => reject(new Error(`the browser ended with ${code}: ${output}`)));
  });
}

/** Gives new pages a size; the window itself can't be as small as a phone. */
async function resize(page: Page, { viewport, isTouch }: Size): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('Emulation.setDeviceMetricsOverride', { ...viewport, deviceScaleFactor: 0, mobile: isTouch });
  await devTools.send('Emulation.setTouchEmulationEnabled', { enabled: isTouch });
}

/**
 * Starts a browser with the profile in `directory`. Its tabs are in one window, as a person's are: only one of them is visible, and the
 * others are slowed down and can be frozen. In the browsers that Playwright starts, all are visible.
 */
export async function startMortalBrowser(directory: string, size: Size): Promise<MortalBrowser> {
  const program = (await findBrowser()) ?? chromium.executablePath();
  const args = ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${directory}`, ...FLAGS];
  // A process group of its own: renderers, storage and network processes die with it.
  const browser = spawn(program, [...args, 'about:blank'], { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => browser.once('exit', () => resolve()));
  const end = async () => {
    try {
      if (browser.pid !== undefined) process.kill(-browser.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
    await ended;
  };
  try {
    const connection = await chromium.connectOverCDP(await devToolsOf(browser), { noDefaults: true });
    const [context] = connection.contexts();
    if (context === undefined) throw new Error('the browser has no context');
    await context.grantPermissions(PERMISSIONS);
    context.on('page', (page) => resize(page, size).catch(() => undefined));
    return {
      context,
      kill: async () => {
        await end();
        await connection.close().catch(() => undefined);
      },
      close: async () => {
        const devTools = await connection.newBrowserCDPSession();
        await devTools.send('Browser.close').catch(() => undefined);
        await ended;
        await connection.close().catch(() => undefined);
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}
