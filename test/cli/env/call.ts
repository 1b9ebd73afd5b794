import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Run } from './run.ts';

/** One run of the command line. */
export interface Call {
  readonly args: readonly string[];
  /** All of its environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: string | Uint8Array;
}

/** A command that has not ended by then will not. */
const ENDS_WITHIN_MS = 60_000;

let host: ChildProcess | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs the command line in a process that stays for the next call: to start takes it ten times as long as most commands.
 * One after the other, each with streams and an environment of its own; one that leaves open what would keep its process
 * from ending is a failure. How a process starts and takes signals, and what its pipes do, real ones show: `Home.start`.
 */
export function call(wanted: Call): Promise<Run> {
  const running = last.then(() => runInHost(wanted));
  last = running.catch(() => undefined);
  return running;
}

async function runInHost(wanted: Call): Promise<Run> {
  host ??= startHost();
  const over = new AbortController();
  const { signal } = over;
  const { args } = wanted;
  const ended = once(host, 'exit', { signal }).then(([code, by]) => {
    throw new Error(`sworn ${args.join(' ')}: the process ended with ${code ?? by}`);
  });
  // What hangs must not hold up the calls after it.
  const timer = setTimeout(() => host?.kill('SIGKILL'), ENDS_WITHIN_MS);
  // Of two that are waited for, the other one is given up.
  ended.catch(() => undefined);
  const answered = once(host, 'message', { signal });
  answered.catch(() => undefined);
  host.send(wanted);
  try {
    const [run] = await Promise.race([answered, ended]);
    return run as Run;
  } catch (error) {
    host = undefined;
    throw error;
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}

/** Ends with this process. */
function startHost(): ChildProcess {
  const child = fork(new URL('./host.ts', import.meta.url), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] },
    // Buffers stay what they are.
    serialization: 'advanced',
  });
  child.unref();
  child.channel?.unref();
  return child;
}
