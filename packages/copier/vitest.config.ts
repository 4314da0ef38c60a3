import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { name: 'copier', include: ['test/**/*.test.ts'] } });
