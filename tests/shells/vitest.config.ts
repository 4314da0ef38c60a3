import { defineConfig } from 'vitest/config';

// Needs zsh and fish on the PATH, and so is no part of `pnpm test`: `.ci/run` installs them where they are missing.
export default defineConfig({
  test: { name: 'shells', include: ['tests/shells/**/*.test.ts'], testTimeout: 60_000 },
});
