/**
 * The bundle budget, read off the build's module graph: how many bytes a browser fetches until the wallet's address shows (the page:
 * index.html with all that it loads; the worker: its entry with all that it imports), and how many the worker loads in all, with what
 * it imports once a network is opened, WebTorrent, and the workers that compute.
 */
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { brotli } from './serve.mjs';

/** Brotli bytes. */
export const BUDGET_BYTES = { page: 60_000, worker: 130_000, 'worker in all': 180_000 };

/** @typedef {{ file: string, raw: number, brotli: number }} Size */

const IN_HTML = /<(?:script|link)\b[^>]*?\b(?:src|href)="(?<file>\.\/[^"]+\.(?:js|css))"/g;
const STATIC = /\b(?:import|from)\s*["'](?<file>\.{1,2}\/[^"']+)["']/g;
const DYNAMIC = /\bimport\(\s*["'`](?<file>\.{1,2}\/[^"'`]+)["'`]\s*\)/g;
const WORKER = /\bnew URL\(\s*["'`](?<file>[^"'`]+\.js)["'`]/g;

/** @param {string} directory @param {string} from @param {RegExp} pattern @returns {Promise<string[]>} files that `from` names, relative to the directory */
async function filesIn(directory, from, pattern) {
  const text = await readFile(join(directory, from), 'utf8');
  return [...text.matchAll(pattern)].map(({ groups }) => {
    const file = groups?.file ?? '';
    return posix.normalize(file.startsWith('/') ? file.slice(1) : posix.join(posix.dirname(from), file));
  });
}

/** All files reached from `start`. @param {string} directory @param {readonly string[]} start @param {readonly RegExp[]} patterns @returns {Promise<string[]>} */
async function reach(directory, start, patterns) {
  const found = new Set(start);
  for (const file of found) {
    if (!file.endsWith('.js')) continue;
    for (const pattern of patterns) for (const next of await filesIn(directory, file, pattern)) found.add(next);
  }
  return [...found];
}

/** @param {string} directory @param {readonly string[]} files @returns {Promise<Size[]>} */
const sizesOf = (directory, files) =>
  Promise.all(
    files.map(async (file) => {
      const bytes = await readFile(join(directory, file));
      return { file, raw: bytes.length, brotli: (await brotli(bytes)).length };
    }),
  );

/** @param {readonly Size[]} sizes @param {'raw' | 'brotli'} kind @returns {number} */
export const sum = (sizes, kind) => sizes.reduce((total, size) => total + size[kind], 0);

/**
 * Measures a build.
 * @param {string} directory
 * @returns {Promise<Record<keyof typeof BUDGET_BYTES, Size[]>>}
 */
export async function measureBundle(directory) {
  const page = await reach(directory, ['index.html', ...(await filesIn(directory, 'index.html', IN_HTML))], [STATIC]);
  const entries = (await Promise.all(page.filter((file) => file.endsWith('.js')).map((file) => filesIn(directory, file, WORKER)))).flat();
  if (entries.length === 0) throw new Error('no worker was found in the build: the budget would be met by measuring nothing');
  const worker = await reach(directory, entries, [STATIC]);
  const all = await reach(directory, entries, [STATIC, DYNAMIC, WORKER]);
  return { page: await sizesOf(directory, page), worker: await sizesOf(directory, worker), 'worker in all': await sizesOf(directory, all) };
}
