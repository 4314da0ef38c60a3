import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { name: 'reconciler', include: ['test/**/*.test.ts'] } });
