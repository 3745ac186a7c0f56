import { defineConfig } from 'vitest/config';

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  test: {
    root: new URL('../../..', import.meta.url).pathname,
    include: ['test/**/*.crash.test.ts'],
    setupFiles: ['test/harness/fixed-seed.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Each file plays many worlds at once: a third beside them, on two cores, leaves the stand-in no time to answer.
    maxWorkers: 2,
    reporters: ['default'],
  },
});
