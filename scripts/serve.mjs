/** A static file server for the production build: right types, compressed, immutable where a name holds a hash. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { CSP_HEADER } from './csp.mjs';
import { listenLoopback } from './loopback.mjs';

const compress = promisify(brotliCompress);

/** @type {Readonly<Record<string, string>>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};
const COMPRESSED = new Set(['.html', '.js', '.css', '.json', '.webmanifest', '.svg', '.txt', '.wasm']);
/** Vite puts a hash of the content into the name of whatever it writes to assets/. */
const IMMUTABLE = /(^|\/)assets\/[^/]+-[\w-]{8}\.\w+$/;

/**
 * @typedef {object} Asset
 * @property {Buffer} plain
 * @property {Buffer | undefined} brotli
 * @property {Record<string, string>} headers
 */

/** @param {Buffer} bytes @returns {Promise<Buffer>} */
export const brotli = (bytes) =>
  compress(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });

/** @param {string} directory @param {string} base @param {Readonly<Record<string, string>>} more @returns {Promise<Map<string, Asset>>} */
async function readAssets(directory, base, more) {
  /** @type {Map<string, Asset>} */
  const assets = new Map();
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  await Promise.all(
    files.map(async (entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = relative(directory, file).split(sep).join('/');
      const extension = extname(path);
      const plain = await readFile(file);
      const asset = {
        plain,
        brotli: COMPRESSED.has(extension) ? await brotli(plain) : undefined,
        headers: {
          'content-type': TYPES[extension] ?? 'application/octet-stream',
          'cache-control': IMMUTABLE.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
          etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
          'x-content-type-options': 'nosniff',
          'content-security-policy': CSP_HEADER,
          vary: 'accept-encoding',
          ...more,
        },
      };
      assets.set(base + path, asset);
      if (path === 'index.html') assets.set(base, asset);
    }),
  );
  return assets;
}

/**
 * A file that was sent.
 * @typedef {object} Sent
 * @property {string} path below the base
 * @property {number} bytes of the body, compressed if it was
 * @property {number} plainBytes
 */

/**
 * Reads `directory` into memory and serves it. Only what was read is ever served, so no path leads out of it.
 * @param {object} options
 * @param {string} options.directory
 * @param {number} [options.port] any free one by default
 * @param {string} [options.base] path that the app is served under, with a slash at both ends
 * @param {(sent: Sent) => void} [options.sent] is told of each body
 * @param {Readonly<Record<string, string>>} [options.headers] beside the usual ones
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serve({ directory, port = 0, base = '/', sent = () => undefined, headers = {} }) {
  const assets = await readAssets(directory, base, headers);
  const loopback = await listenLoopback(port, (server) => {
    server.on('request', (request, response) => {
      const path = (request.url ?? '/').split(/[?#]/, 1)[0] ?? '/';
      const asset = assets.get(path);
      if (asset === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) {
        response.writeHead(asset === undefined ? 404 : 405, { 'content-type': 'text/plain' }).end();
        return;
      }
      if (request.headers['if-none-match'] === asset.headers.etag) {
        response.writeHead(304, asset.headers).end();
        return;
      }
      const encoded = asset.brotli !== undefined && /\bbr\b/.test(String(request.headers['accept-encoding'] ?? ''));
      const body = encoded && asset.brotli !== undefined ? asset.brotli : asset.plain;
      response.writeHead(200, { ...asset.headers, ...(encoded ? { 'content-encoding': 'br' } : {}), 'content-length': body.length });
      response.end(request.method === 'HEAD' ? undefined : body);
      if (request.method === 'GET')
        sent({ path: path.slice(base.length) || 'index.html', bytes: body.length, plainBytes: asset.plain.length });
    });
  });
  return { url: `http://localhost:${loopback.port}${base}`, close: loopback.close };
}
