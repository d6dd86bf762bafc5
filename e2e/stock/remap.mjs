/**
 * WebTorrent takes WebRTC from `webrtc-polyfill`, whose native library is compiled by an install script, and install scripts are
 * off. Everything else of WebTorrent stays as it is published.
 */

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, next) {
  if (specifier !== 'webrtc-polyfill') return next(specifier, context);
  return { url: new URL(`./webrtc-${process.env.TTX_E2E_WEBRTC}.mjs`, import.meta.url).href, shortCircuit: true };
}
