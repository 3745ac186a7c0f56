import { defineConfig } from 'vitest/config';

/** Tests that start nothing, leave nothing behind in their process and replace no module. */
const plain = ['test/{app,config,core,model}/**/*.test.ts'];

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts'],
          // The last two need a cluster, or minutes of their own: `npm run test:cluster`, `npm run test:crashes`.
          exclude: [...plain, 'test/**/*.cluster.test.ts', 'test/**/*.crash.test.ts'],
        },
      },
      // Half of their time went into loading the same modules anew for each of two hundred files. Tests that start many processes
      // stay apart from each other: what a process that has grown forks begins slowly.
      { extends: true, test: { name: 'together', include: plain, isolate: false } },
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Much of the time is waiting for pods and processes, so twice the usual two cores.
    maxWorkers: 4,
    setupFiles: ['test/harness/fixed-seed.ts'],
    reporters: ['default'],
  },
});
