import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const PROBE_TIMEOUT_MS = 20_000;
/** Transactions, change streams and the migrations' commands are used as this version has them. */
const MIN_MAJOR_VERSION = 6;

/** A mongod that runs on this machine. */
export interface Mongod {
  readonly path: string;
  /** Such as `6.0.5`. */
  readonly version: string;
}

/** Runs `mongod --version`. Throws an Error that says in one line why this program cannot be used. */
export async function probeMongod(path: string): Promise<Mongod> {
  let stdout: string;
  try {
    ({ stdout } = await promisify(execFile)(path, ['--version'], { timeout: PROBE_TIMEOUT_MS }));
  } catch (error) {
    throw new Error(`does not run: ${tellingLine(error)}`);
  }
  const version = /^db version v(\d+\.\d+\.\d+)/m.exec(stdout)?.[1];
  if (version === undefined) throw new Error('is not a mongod: --version says something else');
  if (Number.parseInt(version, 10) < MIN_MAJOR_VERSION) {
    throw new Error(`is ${version}; ${MIN_MAJOR_VERSION}.0 or newer is needed`);
  }
  return { path, version };
}

/** The most telling line of a failed program: the last one that it wrote on stderr, else the error's own. */
export function tellingLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code} ` : '';
  const line = stderr === '' ? (error.message.split('\n')[0] ?? '') : (stderr.split('\n').at(-1) ?? '');
  return `${code}${line}`.slice(0, 300);
}
