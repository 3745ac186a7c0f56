import { defineConfig } from 'vitest/config';

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They need a cluster, or minutes of their own: `npm run test:cluster`, `npm run test:crashes`.
    exclude: ['test/**/*.cluster.test.ts', 'test/**/*.crash.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Much of the time is waiting for pods and processes, so twice the usual two cores.
    maxWorkers: 4,
    setupFiles: ['test/harness/fixed-seed.ts'],
    reporters: ['default'],
  },
});
