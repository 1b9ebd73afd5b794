import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..');
/** Of the clock in which the kernel tells processor time: USER_HZ is 100 on x86-64 and ARM (times(2)). */
const CLOCK_TICK_MS = 10;

/** Starts `{name}/main.ts`; resolves once it serves, with its URL. Throws when it ends before that. */
export async function startProgram(
  name: string,
  words: readonly string[],
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const main = join(ROOT, name, 'main.ts');
  const node = ['--disable-warning=ExperimentalWarning', main, ...words, '--log-level', 'info'];
  const child = spawn(process.execPath, node, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, url } = JSON.parse(line);
    if (msg !== 'serving') continue;
    child.stdout.resume();
    return { child, url: String(url) };
  }
  throw new Error(`${name} did not start`);
}

/** Asks a process to end, and waits until it has; one that has ended already is not waited for. */
export async function stopProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** Processor time that a process has had, in milliseconds; NaN where the system does not tell (proc(5)). */
export function processorMs(pid: string | number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
  } catch {
    return Number.NaN;
  }
}
