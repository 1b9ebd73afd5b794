import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { formatPolicies } from '#core/policy/format.ts';
import { DirectoryInUseError } from '../../../control-plane/storage/embedded/launch.ts';
import { stopSignal } from '../../../program/stop-signal.ts';
import { CommandFailure, EXIT } from '../../failure.ts';
import { compileTogether, readPolicies } from '../policy/read.ts';
import { chooseUpstream } from './choose-upstream.ts';
import {
  type Addresses,
  addressesOf,
  addressFile,
  findRunning,
  removeAddresses,
  writeAddresses,
} from './ready.ts';
import { startStack } from './stack.ts';

/** Where a stack is when nothing else is said. */
export const DEFAULT_DIRECTORY = '.sworn';

/** The options of `sworn dev`. */
export interface DevOptions {
  readonly directory: string;
  readonly upstream?: string;
  readonly upstreamKey?: string;
  readonly policy?: readonly string[];
  readonly readyFile?: string;
  readonly logLevel: string;
}

/** Taken where they are free, so that what was pasted into an application stays right. */
const PORTS = { dataPlane: 8400, controlPlane: 8480, identityProvider: 8490 };
const POLICIES = fileURLToPath(new URL('../../../examples/policies', import.meta.url));

/** Runs the stack until Ctrl-C, and says what to paste into an application. */
export async function runDev(options: DevOptions): Promise<void> {
  const signal = stopSignal(EXIT.interrupted);
  const directory = resolve(options.directory);
  const running = await findRunning(directory);
  if (running !== undefined) throw inUse(`a stack runs in ${directory} already, as process ${running}`);
  const policies = await readPolicyFiles(options.policy ?? [POLICIES]);
  const upstream = await chooseUpstream(options, process.env);
  const stopped = new Promise<void>((finish) => {
    if (signal.aborted) finish();
    signal.addEventListener('abort', () => finish());
  });
  try {
    const stack = await startStack({
      directory,
      upstream,
      policies,
      ports: PORTS,
      logger: pino({ level: options.logLevel }, pino.destination(2)),
      signal,
      progress: say,
    });
    const addresses = addressesOf(stack, upstream.baseUrl, directory);
    const files = [
      addressFile(directory),
      ...(options.readyFile === undefined ? [] : [resolve(options.readyFile)]),
    ];
    try {
      for (const file of files) await writeAddresses(file, addresses);
      process.stdout.write(welcome(addresses, options.directory));
      await stopped;
      say('stopping');
    } finally {
      for (const file of files) await removeAddresses(file);
      await stack.close();
    }
  } catch (error) {
    if (error instanceof DirectoryInUseError) throw inUse(error.message);
    if (!signal.aborted) throw error;
  } finally {
    await upstream.close();
  }
}

function inUse(message: string): CommandFailure {
  return new CommandFailure(message, {
    code: 'directory_in_use',
    hint: 'use that one, end it, or name another directory with --directory',
  });
}

function say(line: string): void {
  process.stderr.write(`sworn: ${line}\n`);
}

function welcome({ openaiBaseUrl, controlPlane, upstream }: Addresses, directory: string): string {
  // The tokens must come from this stack, not from one in the directory that is the default.
  const from = directory === DEFAULT_DIRECTORY ? '' : ` --directory ${quote(resolve(directory))}`;
  return `
Sworn runs. Provider: ${upstream}

Paste into the application's environment:
  export OPENAI_BASE_URL=${openaiBaseUrl}
  export OPENAI_API_KEY=$(npx sworn dev token --user clinician${from})
  export OPENAI_AGENTS_DISABLE_TRACING=1

As a reviewer, an auditor or an admin, in another terminal:
  export SWORN_CONTROL_PLANE=${controlPlane}
  export SWORN_TOKEN=$(npx sworn dev token --user reviewer --for control-plane${from})
  npx sworn approval list
  export SWORN_TOKEN=$(npx sworn dev token --user auditor --for control-plane${from})
  npx sworn audit sessions
  export SWORN_TOKEN=$(npx sworn dev token --user admin --for control-plane${from})
  npx sworn policy list

Ctrl-C stops it; the data stays.
`;
}

/** The path as a shell reads it. */
function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** Reads them as `policy validate` does, before anything is started: what is wrong is told by file and line. */
async function readPolicyFiles(files: readonly string[]): Promise<string[]> {
  const policies = await readPolicies(files);
  compileTogether(policies);
  return policies.length === 0 ? [] : [formatPolicies(policies)];
}
