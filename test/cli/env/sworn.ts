import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory } from '../../../program/cache-directory.ts';
import { call } from './call.ts';
import type { Run } from './run.ts';

export type { Run } from './run.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;

const LAUNCHER = [join(ROOT, 'bin/sworn.js')];
const PROGRAMS = ['control-plane', 'data-plane', 'master-key', 'witness'];
const COMPILE_CACHE = { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] };
/** As the launcher starts the command line. */
const MAIN = ['--disable-warning=ExperimentalWarning', join(ROOT, 'cli/main.ts')];

/** A run that goes on. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves to all output so far once it has the text; rejects when the program ends without. */
  sees(text: string): Promise<string>;
  readonly ended: Promise<Run>;
}

/** How the program is started. */
export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** All that its stdin holds; empty when absent. */
  readonly stdin?: string | Uint8Array;
  /** Its stdin stays open, for `child.stdin`. */
  readonly keepOpen?: boolean;
}

/** A home directory for the program, so that a test neither sees nor changes this machine's logins. */
export interface Home {
  readonly path: string;
  /** Starts `node bin/sworn.js` as a person would. */
  start(args: readonly string[], options?: RunOptions): Running;
  /** Runs it to its end; the command line without the launcher, which takes a process of its own. */
  run(args: readonly string[], options?: RunOptions): Promise<Run>;
  /** Runs the command line to its end in a process that others have used before. */
  call(args: readonly string[], options?: Omit<RunOptions, 'keepOpen'>): Promise<Run>;
  remove(): void;
}

/** Makes an empty home. */
export function createHome(): Home {
  const path = mkdtempSync(join(tmpdir(), 'sworn-cli-'));
  const common = {
    PATH: process.env['PATH'],
    HOME: path,
    XDG_CONFIG_HOME: join(path, 'config'),
    // What was compiled for one test serves the next.
    SWORN_CACHE_DIR: cacheDirectory(process.env),
  };
  const launch = (
    program: readonly string[],
    args: readonly string[],
    { env = {}, stdin = '', keepOpen = false }: RunOptions = {},
  ): Running => {
    const child = spawn(process.execPath, [...program, ...args], {
      // The command line has a cache of what was compiled, programs have none.
      env: { ...common, ...(PROGRAMS.includes(args[0] ?? '') && COMPILE_CACHE), ...env },
      stdio: 'pipe',
    });
    let stdout = '';
    let stderr = '';
    const waiting: { text: string; resolve: (output: string) => void }[] = [];
    const look = () => {
      for (const { text, resolve } of waiting) {
        if ((stdout + stderr).includes(text)) resolve(stdout + stderr);
      }
    };
    child.stdout.setEncoding('utf8').on('data', (data: string) => {
      stdout += data;
      look();
    });
    child.stderr.setEncoding('utf8').on('data', (data: string) => {
      stderr += data;
      look();
    });
    // A program that ends early leaves a pipe that nobody reads: its exit code says why.
    child.stdin.on('error', () => {});
    if (!keepOpen) child.stdin.end(stdin);
    const ended = new Promise<Run>((resolve) => {
      child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
    });
    const sees = (text: string) =>
      new Promise<string>((resolve, reject) => {
        waiting.push({ text, resolve });
        look();
        void ended.then((run) => reject(new Error(`ended without '${text}': ${run.stdout}${run.stderr}`)));
      });
    return { child, sees, ended };
  };
  return {
    path,
    start: (args, options) => launch(LAUNCHER, args, options),
    run: (args, options) => launch(PROGRAMS.includes(args[0] ?? '') ? LAUNCHER : MAIN, args, options).ended,
    call: (args, { env = {}, stdin = '' } = {}) => call({ args, env: { ...common, ...env }, stdin }),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
