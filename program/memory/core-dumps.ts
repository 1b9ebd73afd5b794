import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const FILTER = '/proc/self/coredump_filter';
const LIMITS = '/proc/self/limits';
const PATTERN = '/proc/sys/kernel/core_pattern';

/**
 * Sees to it that a core dump of this process has nothing of its memory: Linux lets a process say so itself, whoever takes
 * the dump and whatever the limits are (core(5), "Controlling which mappings are written to the core dump"). What it
 * starts inherits that.
 *
 * @returns undefined when no core dump can hold memory; else why one may
 */
export function emptyCoreDumps(): string | undefined {
  if (process.platform === 'win32') return undefined;
  try {
    writeFileSync(FILTER, '0');
    if (Number.parseInt(readFileSync(FILTER, 'latin1'), 16) === 0) return undefined;
  } catch {
    // Not Linux, or /proc is not there or not writable: then it is the limit that counts.
  }
  const limit = readLimit();
  if (limit === '0') return isPiped() ? 'core dumps go to a program, which no limit holds back' : undefined;
  return `the limit of core dumps is ${limit ?? 'not known'}`;
}

/** The soft limit, in a unit that does not matter for 0. */
function readLimit(): string | undefined {
  try {
    return /^Max core file size +(\S+)/m.exec(readFileSync(LIMITS, 'latin1'))?.[1];
  } catch {
    // macOS: a shell inherits it.
  }
  try {
    return execFileSync('/bin/sh', ['-c', 'ulimit -S -c'], { encoding: 'latin1' }).trim();
  } catch {
    return undefined;
  }
}

function isPiped(): boolean {
  try {
    return readFileSync(PATTERN, 'latin1').startsWith('|');
  } catch {
    return false;
  }
}
