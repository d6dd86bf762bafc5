/**
 * Draws the PNG icons from public/icon.svg with a browser: `node scripts/make-icons.mjs`. Run it after changing the SVG; the
 * results are the only binaries in the tree besides screenshots.
 * CHROMIUM names the browser; without it an installed Chromium or Playwright's own is used.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';

const PUBLIC = new URL('../public/', import.meta.url);

/**
 * `ground` fills the corners that the SVG leaves round: Apple and maskable icons are cut by the system. `scale` keeps the drawing
 * inside the safe zone of a maskable icon, a circle of 80 % (W3C Web App Manifest, purpose).
 */
const ICONS = [
  { file: 'icon-192.png', size: 192, ground: false, scale: 1 },
  { file: 'icon-512.png', size: 512, ground: false, scale: 1 },
  { file: 'icon-maskable-512.png', size: 512, ground: true, scale: 0.8 },
  { file: 'apple-touch-icon.png', size: 180, ground: true, scale: 1 },
];

const executablePath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path));
const svg = await readFile(new URL('icon.svg', PUBLIC), 'utf8');
const ground = /<rect[^>]*fill="([^"]+)"/.exec(svg)?.[1] ?? '#000';
const browser = await chromium.launch({
  ...(executablePath === undefined ? {} : { executablePath }),
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  for (const icon of ICONS) {
    const page = await browser.newPage({ viewport: { width: icon.size, height: icon.size } });
    const side = icon.size * icon.scale;
    await page.setContent(
      `<style>html,body{margin:0;background:${icon.ground ? ground : 'transparent'}}
       body{display:grid;place-items:center;height:100vh}svg{width:${side}px;height:${side}px;display:block}</style>${svg}`,
    );
    await page.screenshot({ path: fileURLToPath(new URL(icon.file, PUBLIC)), omitBackground: !icon.ground });
    await page.close();
    console.log(icon.file);
  }
} finally {
  await browser.close();
}
