import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { appendTallies, figuresOfFindings, findingsOf, formatFinding, readTallies } from './consensus-late.ts';

/** @type {import('./consensus-late.ts').Tally} */
const one = { key: 'partition10min', name: 'parted', counts: { forkShown: [3, 4] }, times: { known: [1_000, Number.POSITIVE_INFINITY] } };
const other = { ...one, counts: { forkShown: /** @type {const} */ ([4, 4]) }, times: { known: [2_000] } };

test('what networks add to a row is added up, by way of logs that were cut short too', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tallies-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'log');
  appendFileSync(path, '{"name":"a line of other scenarios","results":[]}\n');
  appendTallies(path, [one, other]);
  appendFileSync(path, '{"key":"partition10min","na');
  expect(readTallies([path])).toEqual([one, other]);
  const [row, ...more] = findingsOf(readTallies([path]));
  expect(more).toEqual([]);
  expect(row).toMatchObject({ key: 'partition10min', shares: [{ of: 'forkShown', runs: 8, share: 7 / 8 }] });
  expect(row?.times).toEqual([{ of: 'known', p50: 2_000, p99: Number.POSITIVE_INFINITY }]);
});

test('rows are told by name with their interval', () => {
  const findings = findingsOf([one, other]);
  const figures = figuresOfFindings(findings);
  expect(figures['consensus.partition10min.forkShownShare']).toBe(7 / 8);
  expect(figures['consensus.partition10min.forkShownShare.low']).toBeCloseTo(0.529, 3);
  expect(figures['consensus.partition10min.forkShownShare.high']).toBeCloseTo(0.978, 3);
  expect(findings.map(formatFinding).join()).toContain('87.5 % (52.9–97.8) of 8');
});
