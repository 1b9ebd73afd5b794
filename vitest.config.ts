import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Each file may start a mongod and more of its own, and waits for them half of its time: three keep two cores busy.
    maxWorkers: 3,
    // They end what hangs and measure nothing: some tests start several programs, on machines that have other work.
    testTimeout: 120_000,
    // The first one may have to load MongoDB.
    hookTimeout: 120_000,
  },
});
