import { defineConfig } from 'vitest/config';

// The commands bundle, synthesize and simulate days: seconds of real work each, with nothing that waits on a clock.
export default defineConfig({
  test: {
    name: 'tests',
    include: ['{contract,pipeline}/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
