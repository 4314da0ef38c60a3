import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'core',
    include: ['test/**/*.test.ts'],
    setupFiles: ['../../tests/support/same-cases.ts'],
    // Properties over thousands of vaults: seconds each on a busy machine.
    testTimeout: 60_000,
  },
});
