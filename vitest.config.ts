import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** They start programs, and wait: what is quick fills the workers to the end. */
const FIRST = ['/test/crash/', '/test/e2e/', '/test/control-plane/', '/test/'];

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rankOf = ({ moduleId }: TestSpecification) => FIRST.findIndex((part) => moduleId.includes(part));
    return sorted.sort((one, other) => rankOf(one) - rankOf(other));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/env/suite.ts'],
    setupFiles: ['test/env/left-behind.ts'],
    sequence: { sequencer: SlowFirst },
    // The files that a worker runs share its process: it loads and compiles the product once, not a hundred times. A test
    // that changes what belongs to the process puts it back (left-behind.ts).
    isolate: false,
    // Some files start programs and wait for them half of their time: three keep two cores busy.
    maxWorkers: 3,
    // They end what hangs and measure nothing: some tests start several programs, on machines that have other work.
    testTimeout: 120_000,
    // The first one may have to load MongoDB.
    hookTimeout: 120_000,
    // As for a test: what is waited for comes, or the test has failed. The second that vitest gives is none of a busy machine.
    expect: { poll: { timeout: 60_000 } },
  },
});
