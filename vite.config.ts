import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { CSP } from './scripts/csp.mjs';
import { firstLoad } from './scripts/first-load.mjs';
import { pwa } from './scripts/pwa.mjs';
import { wasm } from './scripts/wasm.mjs';

/** A JSON array of URLs from the environment, as code; `undefined` where it is not set. */
function deployed(name: string, schemes: RegExp): string {
  const text = process.env[name];
  if (text === undefined) return 'undefined';
  const urls: unknown = JSON.parse(text);
  const valid = Array.isArray(urls) && urls.every((url) => typeof url === 'string' && schemes.test(url));
  if (!valid) throw new Error(`${name} must be a JSON array of URLs that match ${schemes}, but is: ${text}`);
  return JSON.stringify(urls);
}

/** What pages and nodes say to each other. Tabs of two versions share a node only where this is the same text in both. */
const CONTRACT = [
  ...['node', 'state', 'fork', 'transfer', 'tab'].map((name) => `api/${name}`),
  ...['attachment', 'network', 'error'].map((name) => `core/${name}`),
].map((path) => readFileSync(new URL(`./src/${path}.ts`, import.meta.url)));

/** Writes the policy into index.html, in place of the one that serves development: static hosts can't be relied on to send headers. */
const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: (html) => ({
    html: html.replace(/\s*<meta http-equiv="Content-Security-Policy"[^>]*>/, ''),
    tags: [{ tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: CSP }, injectTo: 'head-prepend' }],
  }),
};

/** Modules that packages name under `browser: false`: empty there, but Vite's development server makes them `undefined`, and WebTorrent reads from one at once. */
const EMPTY = '\0empty';
const NOT_IN_BROWSERS: Readonly<Record<string, readonly string[]>> = {
  webtorrent: [
    './lib/conn-pool.js',
    './conn-pool.js',
    './utp.cjs',
    './lib/utp.cjs',
    '@silentbot1/nat-api',
    'bittorrent-dht',
    'load-ip-set',
    'ut_pex',
    'net',
    'os',
    'fs',
    'crypto',
    'http',
  ],
  'torrent-discovery': ['bittorrent-dht', 'bittorrent-lsd'],
};
const emptyForBrowsers: Plugin = {
  name: 'empty-for-browsers',
  apply: 'serve',
  resolveId: (id, importer = '') => {
    const from = Object.keys(NOT_IN_BROWSERS).find((name) => importer.replaceAll('\\', '/').includes(`/node_modules/${name}/`));
    return from !== undefined && NOT_IN_BROWSERS[from]?.includes(id) ? EMPTY : undefined;
  },
  load: (id) => (id === EMPTY ? 'export default {}; export const Client = undefined;' : undefined),
};

export default defineConfig({
  // Relative, so that dist/ works from any sub-path.
  base: './',
  appType: 'mpa',
  define: {
    // WebSocket trackers; none means that the app offers public ones.
    __TRACKERS__: deployed('TTX_TRACKERS', /^wss?:\/\//),
    // STUN servers; not set means public ones, none means none.
    __STUN__: deployed('TTX_STUN', /^stuns?:/),
    __CONTRACT__: JSON.stringify(`contract-${createHash('sha256').update(Buffer.concat(CONTRACT)).digest('hex').slice(0, 16)}`),
    // What WebTorrent and its streams expect of a bundler.
    global: 'globalThis',
    'process.browser': 'true',
  },
  resolve: {
    alias: [
      { find: /^path$/, replacement: 'path-browserify' },
      { find: /^bencode$/, replacement: fileURLToPath(new URL('./src/net/bencode-shim.ts', import.meta.url)) },
      // Its browser version deletes the origin's OPFS directory `chunks` when it is imported; we bring our own stores.
      { find: /^fs-chunk-store$/, replacement: 'memory-chunk-store' },
      { find: /^torrent-discovery$/, replacement: fileURLToPath(new URL('./src/net/no-discovery.ts', import.meta.url)) },
    ],
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [contentSecurityPolicy, emptyForBrowsers, wasm(), pwa(), firstLoad()],
  worker: { format: 'es', plugins: () => [wasm()] },
  optimizeDeps: { rolldownOptions: { plugins: [emptyForBrowsers] } },
  build: {
    target: 'es2022',
    cssTarget: ['chrome116', 'firefox124', 'safari17.4'],
    modulePreload: { polyfill: false },
    // Nothing inline: the policy forbids data: scripts and styles.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { host: 'localhost', port: 5173 },
});
