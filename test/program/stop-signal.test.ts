import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MODULE = fileURLToPath(new URL('../../program/stop-signal.ts', import.meta.url));
/** Says that it runs, and ends by itself as soon as it is told to. Its clock stands still: all signals are echoes of the first. */
const PROGRAM = `
  performance.now = () => 0;
  import { stopSignal } from ${JSON.stringify(MODULE)};
  const waiting = setInterval(() => {}, 60_000);
  stopSignal(7).addEventListener('abort', () => clearInterval(waiting));
  process.stdout.write('runs');`;

test('echoes of a signal do not kill a program that is ending', async () => {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', PROGRAM],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  // Node's own way out takes milliseconds: some of these come in the middle of it.
  while (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGINT');
    await setImmediate();
  }
  expect(await ended).toEqual([0, null]);
});
