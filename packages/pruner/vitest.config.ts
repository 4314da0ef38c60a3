import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { name: 'pruner', include: ['test/**/*.test.ts'] } });
