/**
 * Writes the vectors in src/core/vectors/ that a second implementation can make (scripts/vectors/oracle.mjs): deterministic, so a run
 * without a change of rules changes no file. `node scripts/make-vectors.mjs`
 */
import { writeFileSync } from 'node:fs';
import { makeVectorFiles } from './vectors/files.mjs';

for (const [file, text] of makeVectorFiles()) writeFileSync(new URL(`../src/core/vectors/${file}`, import.meta.url), text);
