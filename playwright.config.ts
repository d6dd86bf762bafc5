import { defineConfig } from '@playwright/test';
import type { SizeOption } from './e2e/fixtures.ts';
import { DESKTOP, PHONE } from './e2e/size.ts';

/** What is tried with fingers on a small screen as well. The others look at no screen, or look at it in sizes of their own. */
const ON_A_PHONE = [
  'payment',
  'attachment',
  'pwa-*',
  'proof-file',
  'scan',
  'stock',
  'tabs*',
  'devnet',
  'crash',
  'lifecycle',
  'pairing',
  'spend-warnings',
];

export default defineConfig<SizeOption>({
  testDir: 'e2e',
  outputDir: 'test-results',
  globalSetup: './e2e/global-setup.ts',
  // A test runs two or three whole browsers, and waits most of the time, for one another or for a payment to be confirmed.
  workers: 2,
  fullyParallel: false,
  // A flaky test is a bug.
  retries: 0,
  forbidOnly: process.env.CI !== undefined,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME === undefined ? 'list' : [['list'], ['json']],
  projects: [
    { name: DESKTOP.name, use: { size: DESKTOP } },
    {
      name: PHONE.name,
      use: { size: PHONE },
      testMatch: ON_A_PHONE.map((name) => `${name}.spec.ts`),
      // Variants that look at no screen of their own.
      grepInvert: /@once/,
    },
  ],
});
