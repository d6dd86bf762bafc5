import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listenLoopback, PortInUse } from './loopback.mjs';
import { serve } from './serve.mjs';

/** @type {string} */
let directory;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'serve-'));
  await mkdir(join(directory, 'site/assets'), { recursive: true });
  await writeFile(join(directory, 'secret.txt'), 'secret');
  await writeFile(join(directory, 'site/index.html'), '<!doctype html>');
  await writeFile(join(directory, 'site/assets/index-Bil23KRe.js'), 'export const a = 1;'.repeat(100));
  await writeFile(join(directory, 'site/assets/plain.js'), 'export {};');
  await writeFile(join(directory, 'site/icon.png'), Buffer.from([137, 80, 78, 71]));
  server = await serve({ directory: join(directory, 'site'), base: '/some/where/' });
});

afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

/** As it is written, where fetch would tidy the path. @param {string} path @param {Record<string, string>} [headers] @param {string} [method] */
function get(path, headers = {}, method = 'GET') {
  return new Promise((resolve, reject) => {
    const { port } = new URL(server.url);
    request({ host: '127.0.0.1', port, path, headers, method }, async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
    })
      .on('error', reject)
      .end();
  });
}

test('serves the folder under its base', async () => {
  const { status, headers, body } = await get('/some/where/?query#hash');
  expect([status, headers['content-type'], body.toString()]).toEqual([200, 'text/html; charset=utf-8', '<!doctype html>']);
  expect((await get('/some/where/icon.png')).headers['content-type']).toBe('image/png');
  expect((await get('/')).status).toBe(404);
});

test('only names with a hash are immutable', async () => {
  expect((await get('/some/where/assets/index-Bil23KRe.js')).headers['cache-control']).toContain('immutable');
  expect((await get('/some/where/assets/plain.js')).headers['cache-control']).toBe('no-cache');
  expect((await get('/some/where/')).headers['cache-control']).toBe('no-cache');
});

test('compresses for whoever understands brotli', async () => {
  const plain = await get('/some/where/assets/index-Bil23KRe.js');
  const small = await get('/some/where/assets/index-Bil23KRe.js', { 'accept-encoding': 'gzip, br' });
  expect(small.headers['content-encoding']).toBe('br');
  expect(small.body.length).toBeLessThan(plain.body.length / 10);
  expect(brotliDecompressSync(small.body)).toEqual(plain.body);
});

test('answers 304 to whoever has it already', async () => {
  const { headers } = await get('/some/where/');
  expect((await get('/some/where/', { 'if-none-match': headers.etag })).status).toBe(304);
});

test.each([
  '/some/where/../secret.txt',
  '/some/where/..%2fsecret.txt',
  '/some/where/assets/../../../secret.txt',
  '/some/where//etc/passwd',
  '/some/where/assets',
])('serves nothing else: %s', async (path) => {
  expect((await get(path)).status).toBe(404);
});

test('takes no other methods', async () => {
  expect((await get('/some/where/', {}, 'POST')).status).toBe(405);
  const head = await get('/some/where/', {}, 'HEAD');
  expect([head.status, head.body.length]).toEqual([200, 0]);
});

test('sends the policy', async () => {
  const policy = (await get('/some/where/')).headers['content-security-policy'];
  expect(policy).toMatch(/script-src 'self' 'wasm-unsafe-eval' 'sha256-[^';]+';/);
  expect(policy).toContain("frame-ancestors 'none'");
});

test('a busy port is named', async () => {
  const taken = await listenLoopback(0, () => undefined);
  await expect(serve({ directory: join(directory, 'site'), port: taken.port })).rejects.toSatisfy(
    (error) => error instanceof PortInUse && error.port === taken.port,
  );
  await taken.close();
});
