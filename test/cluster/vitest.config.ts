import { defineConfig } from 'vitest/config';

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/**/*.cluster.test.ts'],
    globalSetup: ['test/cluster/needs-cluster.ts'],
    setupFiles: ['test/harness/fixed-seed.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Some of them stop parts of the cluster, so never two files at once.
    fileParallelism: false,
    maxWorkers: 1,
    reporters: ['default'],
  },
});
