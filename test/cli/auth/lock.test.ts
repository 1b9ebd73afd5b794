import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from '../../../cli/auth/lock.ts';

const LOCK = new URL('../../../cli/auth/lock.ts', import.meta.url).href;
const ROUNDS = 8;

let directory: string;
let lock: string;
let counter: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sworn-lock-'));
  lock = join(directory, 'credentials.json.lock');
  counter = join(directory, 'counter');
  writeFileSync(counter, '0');
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

/** A process of its own, with `withLock` and the paths at hand. */
function start(script: string): ChildProcess {
  const head = `
    import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
    import { setTimeout as work } from 'node:timers/promises';
    import { withLock } from ${JSON.stringify(LOCK)};
    const [lock, counter] = ${JSON.stringify([lock, counter])};
  `;
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', `${head}${script}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.push(child);
  return child;
}

test('however old a lock looks, what it guards is done by one process at a time', async () => {
  // Each reads the counter, works for longer than others take to try again, and writes what it read and one more.
  const script = `
    for (let round = 0; round < ${ROUNDS}; round += 1) {
      await withLock(lock, async () => {
        utimesSync(lock, 0, 0);
        const read = Number(readFileSync(counter, 'utf8'));
        await work(100);
        writeFileSync(counter, String(read + 1));
      });
    }
  `;
  const ends = [start(script), start(script)].map((child) => once(child, 'exit'));
  expect(await Promise.all(ends)).toEqual([
    [0, null],
    [0, null],
  ]);
  expect(readFileSync(counter, 'utf8')).toBe(String(2 * ROUNDS));
});

test('the lock of a process that was killed is free', async () => {
  const holder = start(`await withLock(lock, async () => { console.log('held'); await work(1e9); });`);
  expect(String(await once(holder.stdout as NodeJS.ReadableStream, 'data'))).toContain('held');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  // A file that is no older than its holder's last sign of life.
  utimesSync(lock, new Date(), new Date());
  expect(await withLock(lock, async () => 'done')).toBe('done');
});

test('what cannot be locked is said, with what to do', async () => {
  writeFileSync(lock, 'something else that stands here');
  const failure = withLock(lock, async () => 'done');
  await expect(failure).rejects.toMatchObject({
    message: `cannot lock ${lock}`,
    hint: expect.stringContaining('remove it'),
  });
  await expect(withLock(directory, async () => 'done')).rejects.toThrow(`cannot lock ${directory}`);
});
