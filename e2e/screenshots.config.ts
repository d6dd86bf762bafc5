import { defineConfig } from '@playwright/test';

/** `node scripts/make-screenshots.mjs` */
export default defineConfig({
  testDir: '.',
  testMatch: 'make-screenshots.ts',
  outputDir: '../test-results/screenshots',
  globalSetup: './global-setup.ts',
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: 'line',
});
