import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const pathOf = (module: string) =>
  JSON.stringify(fileURLToPath(new URL(`../../program/${module}`, import.meta.url)));

/** Runs a program whose parts these are, and tells it to stop once it says that it runs. */
async function stopped(start: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const program = `
    import { Command } from 'commander';
    import { runProgram } from ${pathOf('run.ts')};
    await runProgram(
      {
        command: new Command('sworn test'),
        load: async () => ({ listen: { host: '127.0.0.1', port: 0 }, stateDirectory: '', logLevel: 'info' }),
        start: ${start},
        explain: () => undefined,
      },
      [],
    );`;
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = once(child, 'exit');
  const stderr = text(child.stderr);
  const stdout = text(child.stdout);
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  const [code] = await ended;
  return { code, stdout: await stdout, stderr: await stderr };
}

/** Keeps the process alive, as a listener would, until it is told to stop. */
const RUNS = `const alive = setInterval(() => {}, 60_000); process.stdout.write('runs\\n');`;

test('a program that fails while it stops says so', async () => {
  const { code, stderr } = await stopped(`async () => {
    ${RUNS}
    return { close: async () => { clearInterval(alive); throw new Error('the spool cannot be closed'); } };
  }`);
  expect([code, stderr]).toEqual([1, expect.stringContaining('sworn test: the spool cannot be closed\n')]);
});

test('a program says that it stops and why, and when it has drained', async () => {
  const { code, stdout } = await stopped(`async (_settings, { logger }) => {
    ${RUNS}
    return { close: async () => { clearInterval(alive); logger.info({ event: 'close' }, 'closes'); } };
  }`);
  const [, ...lines] = stdout.trim().split('\n');
  expect([code, lines.map((line) => JSON.parse(line))]).toEqual([
    0,
    [
      expect.objectContaining({ name: 'sworn-test', event: 'stopping', signal: 'SIGTERM' }),
      expect.objectContaining({ event: 'close' }),
      expect.objectContaining({ event: 'stopped' }),
    ],
  ]);
});

test('a start that the signal ends is no failure', async () => {
  const { code, stdout, stderr } = await stopped(`async (_settings, { signal }) => {
    ${RUNS}
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    clearInterval(alive);
    signal.throwIfAborted();
  }`);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('"event":"stopped"');
});
