import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const CANARY = 'zebra-4711';
const CLOSE = new URL('../../../program/memory/close.ts', import.meta.url);

/** Runs these words in a process that has closed its memory. */
function run(words: string) {
  const begin = `import { closeMemory } from '${CLOSE}'; closeMemory('sworn test', console.error);`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', `${begin}\n${words}`],
    { encoding: 'utf8' },
  );
  return { status, output: stdout + stderr };
}

const FAULT = `Object.assign(new Error('${CANARY}'), { body: '${CANARY}', code: '${CANARY}' })`;

test.each([
  ['uncaught_exception', `setImmediate(() => { throw ${FAULT}; })`],
  ['uncaught_exception', `throw ${FAULT}`],
  ['unhandled_rejection', `Promise.reject(${FAULT}); setInterval(() => {}, 1000)`],
  ['unhandled_rejection', `Promise.reject('${CANARY}'); setInterval(() => {}, 1000)`],
])('%s: ends with 1, and says nothing of the error but what it is', (event, words) => {
  const { status, output } = run(words);
  expect(status).toBe(1);
  expect(JSON.parse(output)).toMatchObject({ level: 60, name: 'sworn test', event });
  expect(output).not.toContain(CANARY);
});

test.skipIf(process.platform !== 'linux')(
  'a core dump would have no memory, and nothing is warned of',
  () => {
    const { status, output } = run(
      `console.log((await import('node:fs')).readFileSync('/proc/self/coredump_filter', 'utf8').trim())`,
    );
    expect([status, output]).toEqual([0, '00000000\n']);
  },
);

test('no debugger opens at SIGUSR1', () => {
  // Node opens it on a thread of its own, within milliseconds.
  const { status, output } = run(`
    const { url } = await import('node:inspector');
    process.kill(process.pid, 'SIGUSR1');
    for (let turn = 0; turn < 30 && url() === undefined; turn++) await new Promise((done) => setTimeout(done, 10));
    console.log(url());
  `);
  expect([status, output]).toEqual([0, 'undefined\n']);
});
