import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** A program of this folder takes seconds; one that does not end must not hold the rest up. */
const TIMEOUT_MS = 60_000;

/** Runs a program of this folder in a process of its own, and returns what it prints as JSON. */
export async function runFresh(program: string, args: readonly string[]): Promise<unknown> {
  const path = new URL(program, import.meta.url).pathname;
  const flags = ['--disable-warning=ExperimentalWarning', '--expose-gc'];
  const { stdout } = await run(process.execPath, [...flags, path, ...args], { timeout: TIMEOUT_MS });
  return JSON.parse(stdout);
}
