/** The edge cases of ed25519 in this browser: one verdict for every node, and a faster verifier that errs on one side only. */
import { join } from 'node:path';
import { build } from 'vite';
import { serve } from '../scripts/serve.mjs';
import { ROOT } from '../scripts/setup.mjs';
import { ed25519Vectors } from '../src/core/vectors/ed25519.ts';
import type { VectorVerdicts } from './ed25519/page.ts';
import { expect, test } from './fixtures.ts';
import { openBrowser } from './person.ts';

const namesOf = (verdicts: readonly VectorVerdicts[], isMeant: (verdict: VectorVerdicts, index: number) => boolean) =>
  ed25519Vectors.filter((_, index) => verdicts[index] !== undefined && isMeant(verdicts[index], index)).map(({ name }) => name);

// biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are needed from the pattern
test('every vector has the verdict that it has in Node, and what WebCrypto accepts is valid', async ({}, info) => {
  const directory = info.outputPath('page');
  await build({
    configFile: false,
    root: join(ROOT, 'e2e/ed25519'),
    logLevel: 'warn',
    build: { outDir: directory, emptyOutDir: true, modulePreload: false, target: 'es2022' },
  });
  const server = await serve({ directory });
  const context = await openBrowser(info.outputPath('profile'));
  const page = await context.newPage();
  try {
    await page.goto(server.url);
    const verdicts = await page.evaluate(() => (window as unknown as { judge(): Promise<VectorVerdicts[]> }).judge());
    expect(verdicts).toHaveLength(926);
    const verdictOf = ({ isAdmissible, noble }: VectorVerdicts) => (!isAdmissible ? 'key' : noble ? 'valid' : 'signature');
    expect(namesOf(verdicts, (verdict, index) => verdictOf(verdict) !== ed25519Vectors[index]?.verdict)).toEqual([]);
    expect(namesOf(verdicts, ({ native, noble }) => native && !noble)).toEqual([]);
    // Neither side of the comparison is empty: WebCrypto accepts many, and fewer than the rule does.
    expect(namesOf(verdicts, ({ native }) => native).length).toBeGreaterThan(50);
    expect(namesOf(verdicts, ({ native, noble }) => noble && !native).length).toBeGreaterThan(0);
  } finally {
    await context.close();
    await server.close();
  }
});
