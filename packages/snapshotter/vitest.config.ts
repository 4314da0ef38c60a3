import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { name: 'snapshotter', include: ['test/**/*.test.ts'] } });
