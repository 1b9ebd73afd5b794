import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { probe } from '../env/programs.ts';
import { until } from '../env/until.ts';

const MAIN = join(import.meta.dirname, '../../data-plane/main.ts');

/** A data plane as a process of its own, started without anything between, so that a signal reaches it and nothing else. */
export interface PlaneProcess {
  /** Ends it in the middle of whatever it does. */
  kill(): Promise<void>;
  /** Lets it end in order; rejects when it ends otherwise. */
  stop(): Promise<void>;
}

export interface PlaneOptions {
  /** Where it is to listen. */
  readonly url: string;
  readonly joinToken: string;
  /** Words of its command line. */
  readonly args: readonly string[];
}

/** A thousand rounds run beside other work, which may have the processor for minutes. */
const READY_WITHIN_MS = 600_000;

/** Starts the plane and resolves when it is ready; rejects with its output when it ends before. */
export async function startPlane(options: PlaneOptions): Promise<PlaneProcess> {
  const child = spawn(
    process.execPath,
    [
      ...['--disable-warning=ExperimentalWarning', MAIN, '--listen', new URL(options.url).host],
      ...['--log-level', 'warn', ...options.args],
    ],
    {
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        SWORN_JOIN_TOKEN: options.joinToken,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => output.push(data));
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  await until(
    'the plane ready',
    async () => {
      if (hasEnded()) throw new Error(`the plane has ended: ${Buffer.concat(output).toString()}`);
      return (await probe(options.url, 'ready')) === 200;
    },
    READY_WITHIN_MS,
  );
  return {
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      requireOrder(child, output);
    },
  };
}

function requireOrder(child: ChildProcess, output: readonly Buffer[]): void {
  if (child.exitCode === 0) return;
  throw new Error(`the plane ended with ${child.exitCode ?? child.signalCode}: ${Buffer.concat(output)}`);
}
