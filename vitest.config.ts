import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Each file may start a mongod and more of its own; two at a time is what two cores bear.
    maxWorkers: 2,
    testTimeout: 30_000,
    // The first one may have to load MongoDB.
    hookTimeout: 120_000,
  },
});
