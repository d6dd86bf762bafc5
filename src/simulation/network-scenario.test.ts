import { expect, test } from 'vitest';
import { runNetwork } from './network-scenario.ts';

test('news is everywhere in seconds, and halves that were parted agree again', { timeout: 120_000 }, async () => {
  const result = await runNetwork({ nodes: 12, seed: 1, payments: 4, hostile: 0 });
  expect(result.spreadMs.p99).toBeLessThan(3_000);
  expect(result.healMs).toBeLessThan(60_000);
  expect(result.churnSpreadMs.p99).toBeLessThan(3_000);
  expect(result.churnHealMs).toBeLessThan(60_000);
  expect(result.failures).toBe(0);
});

test('with 30 % hostile peers all honest nodes end with one root, and the hostile ones are gone', { timeout: 180_000 }, async () => {
  const result = await runNetwork({ nodes: 12, seed: 2, payments: 4, hostile: 0.3, patienceMs: 1_800_000 });
  expect(result.spreadMs.p99).toBeLessThan(5_000);
  // Agreed after the partition, or it would be infinite.
  expect(result.healMs).toBeLessThan(60_000);
  expect(result.churnHealMs).toBeLessThan(60_000);
  expect(result.hostilePeersPerNode).toBe(0);
  expect(result.failures).toBe(0);
});
