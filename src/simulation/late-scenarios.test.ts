import { expect, test } from 'vitest';
import { runLateBranches } from './late-branch-scenario.ts';
import { runNewcomers } from './newcomer-scenario.ts';
import { runPartition } from './partition-scenario.ts';

test('a double spend across a partition of 10 minutes ends in a fork that every node is shown, and no other payment is lost', async () => {
  const run = { nodes: 10, seed: 1, partitionMs: 600_000, doubleSpends: 1, honestPerSecond: 0.05 };
  const { forks, honest, paid, kept, failures } = await runPartition(run);
  expect(failures).toEqual([]);
  expect(forks).toEqual([expect.objectContaining({ confirmed: 10, moved: 0, shown: 10, silent: 0 })]);
  expect(forks[0]?.shownMs).toBeLessThan(1_200_000);
  expect(paid).toBeGreaterThan(20);
  expect(kept).toBe(paid);
  expect(honest.confirmedIn20s).toBe(honest.seen);
});

test('a branch that comes half a minute late, with 100 times the votes, moves nobody, and everybody has it on record', async () => {
  const run = { nodes: 12, seed: 1, agesMs: [30_000], branch: 5, voteRate: 100, honestPerSecond: 0.2 };
  const { outcomes, honest, failures } = await runLateBranches(run);
  expect(failures).toEqual([]);
  expect(outcomes).toEqual([{ ageMs: 30_000, moved: 0, unconfirmed: 0, unrecorded: 0 }]);
  expect(honest.confirmedIn20s).toBe(honest.seen);
  expect(honest.seen).toBeGreaterThan(0);
});

test('a newcomer with three of eight peers hostile ends with the honest network, one with five does not, and neither is told that it is safe', async () => {
  const run = { nodes: 24, seed: 1, hostile: 8, hostilePeers: [3, 5], branch: 5, voteRate: 100 };
  const { outcomes, moved, failures } = await runNewcomers(run);
  expect(failures).toEqual([]);
  expect(outcomes).toEqual([
    { hostilePeers: 3, isHonestSide: true, isDeceived: false, isShown: true },
    { hostilePeers: 5, isHonestSide: false, isDeceived: false, isShown: true },
  ]);
  expect(moved).toBe(0);
});
