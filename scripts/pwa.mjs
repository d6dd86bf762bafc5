/** What makes the build installable: the app's manifest, and the list of files that its service worker keeps for starting offline. */
import { VitePWA } from 'vite-plugin-pwa';
import { GROUND } from './first-load.mjs';

/**
 * Web App Manifest (W3C), with what Chromium adds to it. Every URL is relative to the manifest, so that the app works from any folder; but
 * `id` is relative to the origin, as storage is: two copies on one origin are one wallet, and so one app. What is opened stands in the
 * fragment, or is posted to the service worker, so that no server sees it.
 * @type {Partial<import('vite-plugin-pwa').ManifestOptions>}
 */
export const MANIFEST = {
  id: 'torrenttx',
  name: 'TorrentTX',
  short_name: 'TorrentTX',
  description: 'A wallet for TorrentTX, the currency whose transactions are torrents. It runs in your browser and nowhere else.',
  lang: 'en',
  dir: 'ltr',
  start_url: './',
  scope: './',
  display: 'standalone',
  theme_color: GROUND.light,
  background_color: GROUND.light,
  categories: ['finance', 'utilities'],
  icons: [
    { src: 'icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
    { src: 'icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
    { src: 'icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
  ],
  screenshots: [
    {
      src: 'screenshots/wallet.png',
      sizes: '1100x720',
      type: 'image/png',
      form_factor: 'wide',
      label: 'The wallet and its latest payments',
    },
    {
      src: 'screenshots/accept-phone.png',
      sizes: '390x800',
      type: 'image/png',
      form_factor: 'narrow',
      label: 'A payment that was accepted',
    },
  ],
  shortcuts: [
    { name: 'Send', url: './#/pay' },
    { name: 'Receive', url: './#/receive' },
    { name: 'Accept', description: 'Accept a payment', url: './#/accept' },
  ],
  file_handlers: [{ action: './#/accept', accept: { 'application/x-bittorrent': ['.torrent'], 'application/json': ['.json'] } }],
  protocol_handlers: [
    { protocol: 'web+ttx', url: './#/open?link=%s' },
    { protocol: 'magnet', url: './#/open?link=%s' },
  ],
  share_target: {
    action: './share',
    method: 'POST',
    enctype: 'multipart/form-data',
    params: {
      title: 'title',
      text: 'text',
      url: 'url',
      files: [{ name: 'file', accept: ['application/x-bittorrent', '.torrent', 'application/json', '.json'] }],
    },
  },
  launch_handler: { client_mode: ['focus-existing', 'auto'] },
};

/** Pictures for the shop window are of no use offline; the plugin adds the manifest itself. */
const NOT_KEPT = ['screenshots/**', '**/*.map', 'manifest.webmanifest'];

/** Vite's plugins for it. */
export const pwa = () =>
  VitePWA({
    strategies: 'injectManifest',
    srcDir: 'workers',
    filename: 'service-worker.ts',
    injectRegister: false,
    manifest: MANIFEST,
    // The list of files is made of what is in the build, and icons are.
    includeManifestIcons: false,
    injectManifest: {
      // A classic script: not every browser has module service workers.
      rollupFormat: 'iife',
      globPatterns: ['**/*'],
      globIgnores: NOT_KEPT,
      dontCacheBustURLsMatching: /(^|\/)assets\/[^/]+-[\w-]{8}\.\w+$/,
      // Whatever was forgotten to be split must still start offline.
      maximumFileSizeToCacheInBytes: 10_000_000,
      manifestTransforms: [
        (entries) => ({
          // Some hosts redirect index.html to its folder, and a navigation may not be answered with what was redirected.
          manifest: entries.map((entry) => (entry.url === 'index.html' ? { ...entry, url: './' } : entry)),
          warnings: [],
        }),
      ],
    },
  });
