import { defineConfig } from 'vitest/config';

// Whole worlds take seconds on a busy machine; nothing here is timed.
export default defineConfig({
  test: { name: 'simulation', setupFiles: ['../../tests/support/same-cases.ts'], testTimeout: 60_000 },
});
