import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Run } from './sworn.ts';

/** One run of the command line. */
export interface Call {
  readonly args: readonly string[];
  /** All of its environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: string | Uint8Array;
}

let host: ChildProcess | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs the command line in a process that stays for the next call: to start takes it ten times as long as most commands.
 * One after the other, each with streams and an environment of its own. That a process starts, ends by itself and takes
 * signals, real ones show: `Home.start`.
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
  const ended = once(host, 'exit', { signal }).then(([code, by]) => {
    throw new Error(`the command line ended its process with ${code ?? by}`);
  });
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
