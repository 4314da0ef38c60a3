import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'lambda-kit',
    include: ['test/**/*.test.ts'],
    setupFiles: ['../../tests/support/same-cases.ts'],
  },
});
