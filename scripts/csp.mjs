/**
 * The Content Security Policy of the production build: everything comes from where the app came from, except connections to
 * trackers. It is written into index.html by the build; a host that can set headers sends it as well, with
 * `frame-ancestors 'none'`, which only a header can say, and which also covers the workers.
 */

import { START_HASH, STYLE_HASH } from './first-load.mjs';

/** @type {Readonly<Record<string, string>>} */
const DIRECTIVES = {
  'default-src': "'none'",
  // WebAssembly searches for work several times as fast as JavaScript; it may compute, but not load or evaluate scripts.
  'script-src': `'self' 'wasm-unsafe-eval' ${START_HASH}`,
  'worker-src': "'self'",
  'style-src': `'self' ${STYLE_HASH}`,
  'img-src': "'self' data: blob:",
  'font-src': "'self'",
  'manifest-src': "'self'",
  // Trackers are WebSockets of the person's choice. No https: a torrent's web seeds are never fetched.
  'connect-src': "'self' wss: ws:",
  'base-uri': "'none'",
  'form-action': "'none'",
};

/** For the meta element. */
export const CSP = Object.entries(DIRECTIVES)
  .map(([name, sources]) => `${name} ${sources}`)
  .join('; ');

/** For the response header. */
export const CSP_HEADER = `${CSP}; frame-ancestors 'none'`;
