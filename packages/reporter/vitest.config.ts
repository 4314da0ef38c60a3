import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { name: 'reporter', include: ['test/**/*.test.ts'] } });
