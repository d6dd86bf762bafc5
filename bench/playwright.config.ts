import { defineConfig } from '@playwright/test';

/** Benchmarks are driven like the end-to-end tests: real browsers, the production build, a tracker. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.bench.ts',
  outputDir: '../test-results/bench',
  globalSetup: '../e2e/global-setup.ts',
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 300_000,
  expect: { timeout: 30_000 },
  reporter: 'dot',
});
