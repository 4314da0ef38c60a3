import { defineConfig } from 'vitest/config';

// Needs the AWS CLI on the PATH, and so is no part of `pnpm test`: `.ci/run` installs the CLI where it is missing.
export default defineConfig({
  test: {
    name: 'aws-cli',
    include: ['tests/aws-cli/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
