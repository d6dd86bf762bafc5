import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkLayers, checkModule } from './layers.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FIXTURE = fileURLToPath(new URL('./fixtures/layers', import.meta.url));

describe('the project', () => {
  test('keeps to its layers', async () => {
    expect((await checkLayers(ROOT)).violations).toEqual([]);
  });

  test('is read in full: the checker counts as many modules as git knows', async () => {
    const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'src', 'workers'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const modules = new Set(listed.split('\n').filter((file) => /\.tsx?$/.test(file) && !/\.(test|contract)\.tsx?$|\.d\.ts$/.test(file)));
    const { files, imports } = await checkLayers(ROOT);
    expect(files).toBeGreaterThan(20);
    expect(files).toBe(modules.size);
    expect(imports).toBeGreaterThan(files);
  });
});

test('a tree that breaks every rule is flagged for each, and for nothing else', async () => {
  const { files, violations } = await checkLayers(FIXTURE);
  expect(files).toBe(9);
  expect(violations.map(({ file, what }) => `${file}: ${what}`).sort()).toEqual([
    'src/core/clock.ts: core imports idb',
    'src/core/clock.ts: core imports storage/store.ts',
    'src/core/clock.ts: core uses Date',
    'src/core/promise.ts: core uses async',
    'src/node/accept.ts: node imports net/webtorrent.ts',
    'src/node/accept.ts: node imports storage/idb.ts',
    'src/node/ledger/pool.ts: node/ledger imports node/accept.ts',
    'src/storage/disk.ts: storage imports node/accept.ts',
    'src/ui/screen.tsx: ui imports comlink',
    'src/ui/screen.tsx: ui imports core/transaction.ts',
    'src/ui/screen.tsx: ui imports net/webtorrent.ts',
    'src/util/twice.ts: util is not a layer',
    'workers/node.worker.ts: workers imports ui/screen.tsx',
  ]);
});

test.each([
  ['core', "import { x } from 'node:fs';", 'core imports node:fs'],
  ['core', "import x from '../../workers/a.ts';", 'core imports workers/a.ts'],
  ['api', "export * from '../net/swarm.ts';", 'api imports net/swarm.ts'],
  ['net', "const a = await import('../storage/idb.ts');", 'net imports storage/idb.ts'],
  ['net', "import 'idb';", 'net imports idb'],
  ['client', "import { a } from '../node/node.ts';", 'client imports node/node.ts'],
  ['core', 'const a = Math.random();', 'core uses Math.random'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a module
  ['core', 'const a = `${Date.now()}`;', 'core uses Date'],
])('%s: %s', (layer, source, what) => {
  expect(checkModule(`src/${layer}/a.ts`, source)).toEqual([{ file: `src/${layer}/a.ts`, what }]);
});
