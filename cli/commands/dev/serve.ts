import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { stopSignal } from '../../../program/stop-signal.ts';
import { EXIT, fileFailure } from '../../failure.ts';
import { chooseUpstream } from './choose-upstream.ts';
import { type Addresses, addressesOf, addressFile, removeAddresses, writeAddresses } from './ready.ts';
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
  const policies = await readPolicyFiles(options.policy);
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
    if (!signal.aborted) throw error;
  } finally {
    await upstream.close();
  }
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

async function readPolicyFiles(files: readonly string[] | undefined): Promise<string[]> {
  const paths =
    files ??
    (await readdir(POLICIES)).filter((name) => name.endsWith('.yaml')).map((name) => join(POLICIES, name));
  return Promise.all(
    paths.map((path) =>
      readFile(path, 'utf8').catch((error: unknown) => {
        throw fileFailure(`read the policy ${path}`, error);
      }),
    ),
  );
}
