import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeVectorFiles } from './files.mjs';

test.each(makeVectorFiles())('%s is what the second implementation makes', (file, text) => {
  expect(readFileSync(new URL(`../../src/core/vectors/${file}`, import.meta.url), 'utf8') === text).toBe(true);
});
