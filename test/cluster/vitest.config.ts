import { defineConfig } from 'vitest/config';

/** They stop parts of the cluster, which nobody else may need meanwhile. */
const breaking = ['test/cluster/lost-pods.cluster.test.ts'];

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    projects: [
      {
        extends: true,
        test: {
          name: 'beside each other',
          include: ['test/**/*.cluster.test.ts'],
          exclude: breaking,
          // Each has namespaces of its own; they wait more than they compute.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: breaking,
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    globalSetup: ['test/cluster/needs-cluster.ts'],
    setupFiles: ['test/harness/fixed-seed.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default'],
  },
});
