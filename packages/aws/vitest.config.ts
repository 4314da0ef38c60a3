import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { name: 'aws', include: ['test/**/*.test.ts'], setupFiles: ['../../tests/support/same-cases.ts'] },
});
