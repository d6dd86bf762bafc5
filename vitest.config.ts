import { defineConfig } from 'vitest/config';
import { wasm } from './scripts/wasm.mjs';

export default defineConfig({
  plugins: [wasm()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.mjs'],
    environment: 'node',
    restoreMocks: true,
    // What hangs is told from what is slow on a busy machine.
    testTimeout: 60_000,
  },
});
