import { expect, test } from 'vitest';
import { simulate } from './consensus.ts';
import { run } from './consensus-model.ts';
import { simulateNodes } from './consensus-nodes.ts';
import { runRace } from './race.ts';

/** Runs of a small part of the table in docs/consensus.md. */
const plan = { nodes: 60, scale: 0.004, firstSeed: 7, rules: /** @type {const} */ ('contest') };

test('rivals at once and rivals around settling end on one side, and nobody is cheated', { timeout: 120_000 }, () => {
  /** @type {import('./consensus.ts').Row[]} */
  const rows = [];
  const groups = simulate({ ...plan, only: 'at once' }, (row) => rows.push(row));
  const late = simulate({ ...plan, only: 'later, votes' }, (row) => rows.push(row));
  for (const row of [groups.get('race'), late.get('edge')]) {
    expect(row?.oneSide.share).toBe(1);
    expect(row?.cheatedPayees).toBe(0);
  }
  expect(groups.get('race')?.agreeMs.p99).toBeLessThan(10_000);
  expect(rows.every(({ cheatedPayeesAmongHonest }) => cheatedPayeesAmongHonest === 0)).toBe(true);
});

test('real nodes: rivals at once, votes bought, and a partition of 5 s end on one side', { timeout: 300_000 }, async () => {
  const small = { nodes: 20, scale: 0.002, firstSeed: 5, rules: /** @type {const} */ ('contest') };
  for (const only of ['two rivals at once', 'used to balance', 'partition of 5 s']) {
    /** @type {import('./consensus.ts').Row[]} */
    const rows = [];
    await simulateNodes({ ...small, only }, (row) => rows.push(row));
    expect(rows.map(({ oneSide, cheatedPayees, reversals }) => [oneSide.share, cheatedPayees, reversals])).toEqual([[1, 0, 0]]);
  }
});

test('the same seed gives the same figures', () => {
  const scenario = {
    nodes: 40,
    seed: 3,
    releases: [
      { atMs: 0, coins: 1 },
      { atMs: 300, coins: 1 },
    ],
  };
  expect(run(scenario)).toEqual(run(scenario));
});

test('first seen alone would not do: with a minority that never moves the model sees a split', { timeout: 60_000 }, () => {
  const never = { isBeaten: () => false, leads: () => true };
  const releases = [1, 2].map(() => ({ atMs: 0, coins: 1 }));
  expect(run({ nodes: 60, seed: 1, releases, rules: never }).end).toBe('split');
});

test('twelve real nodes race and settle on one side', { timeout: 120_000 }, async () => {
  const { sides, agreeMs, stages, cheated } = await runRace(12, 4, 0);
  expect([sides, cheated]).toEqual([1, 0]);
  expect(agreeMs).toBeLessThan(10_000);
  expect(new Set(stages)).toEqual(new Set(['confirmed']));
});
