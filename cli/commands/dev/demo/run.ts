import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { stopSignal } from '../../../../program/stop-signal.ts';
import { CommandFailure, EXIT } from '../../../failure.ts';
import { chooseDemoUpstream, isReal } from '../choose-upstream.ts';
import { type Stack, startStack } from '../stack.ts';
import { createShell } from './shell.ts';
import { tour } from './tour.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/** Starts a stack, walks through it, and ends everything that it started, whatever happens. */
export async function runDemo(): Promise<void> {
  const signal = stopSignal(EXIT.interrupted);
  const directory = await mkdtemp(join(tmpdir(), 'sworn-demo-'));
  const shell = createShell({ root: ROOT, directory, signal });
  const upstream = await chooseDemoUpstream(process.env);
  let stack: Stack | undefined;
  try {
    shell.chapter('Starting Sworn', [
      'MongoDB, an OpenID provider, the control plane and one data plane, all on loopback.',
      isReal(upstream) ? 'The AI provider is the real OpenAI API.' : 'The AI provider is a script.',
    ]);
    const startedMs = performance.now();
    stack = await startStack({
      directory,
      upstream,
      policies: await demoPolicies(),
      logger: pino({ level: process.env['SWORN_LOG_LEVEL'] ?? 'error' }, pino.destination(2)),
      signal,
      progress: shell.note,
    });
    shell.note(
      `ready after ${((performance.now() - startedMs) / 1000).toFixed(1)} s at ${stack.openaiBaseUrl}`,
    );
    await tour(stack, shell, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new CommandFailure('stopped', { exitCode: EXIT.interrupted, code: 'interrupted' });
  } finally {
    await shell.endAll();
    await stack?.close();
    await upstream.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function demoPolicies(): Promise<string[]> {
  const folder = join(ROOT, 'examples', 'policies');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
  return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
}
