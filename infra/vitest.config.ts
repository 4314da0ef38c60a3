import { defineConfig } from 'vitest/config';

// Loading CDK takes longer than any test, and a synthesis is the same for all: one worker, shared by all files.
// The timeouts only catch what hangs, on however busy a machine.
export default defineConfig({
  test: {
    name: 'infra',
    include: ['test/**/*.test.ts'],
    isolate: false,
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
