import { readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandFailure } from '../../failure.ts';
import { CONTROL_PLANE_AUDIENCE, GATEWAY_AUDIENCE } from './identity-provider.ts';
import type { Stack } from './stack.ts';

/** Where a running stack is: what `--ready-file` has. Holds no secret. */
export interface Addresses {
  readonly openaiBaseUrl: string;
  readonly dataPlane: string;
  readonly controlPlane: string;
  readonly issuer: string;
  readonly gatewayAudience: string;
  readonly controlPlaneAudience: string;
  readonly mongodbUri: string;
  readonly plane: string;
  readonly upstream: string;
  readonly directory: string;
  readonly pid: number;
}

/** The addresses of a stack. */
export function addressesOf(stack: Stack, upstream: string, directory: string): Addresses {
  return {
    openaiBaseUrl: stack.openaiBaseUrl,
    dataPlane: stack.dataPlaneUrl,
    controlPlane: stack.controlPlaneUrl,
    issuer: stack.issuer,
    gatewayAudience: GATEWAY_AUDIENCE,
    controlPlaneAudience: CONTROL_PLANE_AUDIENCE,
    mongodbUri: stack.mongodbUri,
    plane: stack.plane,
    upstream,
    directory,
    pid: process.pid,
  };
}

/** Where a stack notes its addresses for `sworn dev token`. */
export function addressFile(directory: string): string {
  return join(directory, 'dev.json');
}

/** Writes the addresses whole or not at all, so that a script that waits for the file never reads half of it. */
export async function writeAddresses(file: string, addresses: Addresses): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`;
  await writeFile(draft, `${JSON.stringify(addresses, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, file);
}

/** Takes the addresses back when the stack ends. */
export async function removeAddresses(file: string): Promise<void> {
  await rm(file, { force: true });
}

/** How long a stack on this machine has to say that it is there. */
const ANSWER_TIMEOUT_MS = 5_000;

/**
 * The process of the stack that runs in a directory; undefined when none does. After a kill -9 the file is still there, and the
 * number may be another process's by now: the stack has to answer, too.
 */
export async function findRunning(directory: string): Promise<number | undefined> {
  try {
    const { pid, controlPlane } = JSON.parse(readFileSync(addressFile(directory), 'utf8')) as Addresses;
    process.kill(pid, 0);
    await fetch(`${controlPlane}/healthz/live`, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    return pid;
  } catch {
    return undefined;
  }
}

/** The addresses and the token secret of the stack that runs in a directory. Throws CommandFailure when none does. */
export function findStack(directory: string): { readonly addresses: Addresses; readonly secret: string } {
  try {
    const addresses = JSON.parse(readFileSync(addressFile(directory), 'utf8'));
    const { secret } = JSON.parse(readFileSync(join(directory, 'identity-provider', 'keys.json'), 'utf8'));
    return { addresses, secret };
  } catch (cause) {
    throw new CommandFailure(`no development stack runs in ${directory}`, {
      exitCode: 5,
      code: 'unavailable',
      hint: "start one with 'npm start', or name its directory with --directory",
      cause,
    });
  }
}
