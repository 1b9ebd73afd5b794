import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Code, ConnectError } from '@connectrpc/connect';
import type { Logger } from 'pino';
import { possessionBytes } from '#core/enrollment/possession.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { findTlsFault, type TlsFault } from '../../program/connection-fault.ts';
import { replaceFile } from '../../program/replace-file.ts';
import { hasEpochs } from '../record/epoch.ts';
import { Backoff } from './backoff.ts';
import { createPlaneClient } from './client.ts';
import { ControlError } from './error.ts';
import { describeFailure, readDetail } from './reason.ts';

/** What makes this process one enrolled plane. */
export interface PlaneIdentity {
  /** `planes/{id}` */
  readonly name: string;
  /** Ed25519; signs the plane's calls. */
  readonly privateKey: KeyObject;
  /** The Ed25519 key that signs snapshots, learned when the plane joined. */
  readonly snapshotKey: KeyObject;
}

export interface IdentityOptions {
  readonly controlPlane: URL;
  readonly ca?: string | undefined;
  readonly joinToken: string | undefined;
  readonly stateDirectory: string;
  readonly logger: Logger;
  /** How long to try when the control plane does not answer; 60 s. */
  readonly enrollTimeoutMs?: number;
  /** Ends that. */
  readonly signal?: AbortSignal | undefined;
}

/** As it is on disk; without name and snapshot key while the plane has not been told them. */
interface IdentityFile {
  readonly privateKey: string;
  readonly name?: string;
  readonly snapshotKey?: string;
}

/** What to do where the control plane cannot be reached. */
const NEXT: Readonly<Record<TlsFault | 'stranger' | 'none', string>> = {
  unknown_authority:
    'Give the PEM of the authority that issued it with --control-plane-ca, or SWORN_CONTROL_PLANE_CA.',
  other_name: 'Check the host in --control-plane.',
  not_now: 'Check the clock, or have it renewed.',
  no_tls: 'Check --control-plane: http:// perhaps, or another port.',
  stranger: 'Is that a control plane? Check --control-plane.',
  none: 'Is it running? Check --control-plane, the network, and what its log says.',
};
const FILE = 'identity.json';
const ENROLL_TIMEOUT_MS = 60_000;
const CALL_TIMEOUT_MS = 10_000;

/**
 * The identity that an earlier start left in the state directory, or a new one by the join token.
 * Throws ControlError, or the reason of the signal.
 */
export async function loadIdentity(options: IdentityOptions): Promise<PlaneIdentity> {
  const path = join(options.stateDirectory, FILE);
  const stored = await readIdentity(path);
  if (stored?.name !== undefined && stored.snapshotKey !== undefined) {
    return openIdentity(path, stored.privateKey, stored.name, stored.snapshotKey);
  }
  // Epochs go on from those before, and records name their plane: the new plane would tell of records that it never wrote.
  if (hasEpochs(options.stateDirectory)) {
    throw new ControlError(
      'state_foreign',
      `${path} has no identity, and beside it are the records of a plane that had joined before: nobody else can ` +
        `hand them in. Restore the file, or ${anew(options.stateDirectory)}`,
    );
  }
  if (options.joinToken === undefined || options.joinToken === '') {
    throw new ControlError(
      'join_token_missing',
      `This plane is not enrolled: ${path} has no identity, and no join token is given. ` +
        `Make one with 'sworn plane join-token' and start again with it.`,
    );
  }
  // The key is kept before the control plane learns of it: an answer that gets lost must not lose the plane.
  const privateKey =
    stored?.privateKey ??
    generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  await replaceFile(path, JSON.stringify({ privateKey } satisfies IdentityFile));
  const { name, snapshotKey } = await enroll(options, options.joinToken, createPrivateKey(privateKey));
  const encoded = Buffer.from(snapshotKey).toString('base64url');
  const identity = openIdentity(path, privateKey, name, encoded);
  await replaceFile(path, JSON.stringify({ privateKey, name, snapshotKey: encoded } satisfies IdentityFile));
  options.logger.info({ plane: name }, 'enrolled');
  return identity;
}

/**
 * Whether a start from this state directory needs no join token. That goes for a file that cannot be read, too: no token
 * mends it, and `loadIdentity` says what does.
 */
export async function isEnrolled(stateDirectory: string): Promise<boolean> {
  try {
    const stored = await readIdentity(join(stateDirectory, FILE));
    return stored?.name !== undefined && stored.snapshotKey !== undefined;
  } catch {
    return true;
  }
}

async function readIdentity(path: string): Promise<IdentityFile | undefined> {
  try {
    const content: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof content !== 'object' || content === null) throw new Error('not an object');
    const { privateKey, name, snapshotKey } = content as Partial<Record<keyof IdentityFile, unknown>>;
    if (typeof privateKey !== 'string') throw new Error('no private key');
    if (typeof name !== 'string' || typeof snapshotKey !== 'string') return { privateKey };
    return { privateKey, name, snapshotKey };
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    // The system does not give the file: that says nothing about what is in it.
    if (syscall !== undefined) throw error;
    throw unreadable(path, error);
  }
}

function openIdentity(path: string, privateKey: string, name: string, snapshotKey: string): PlaneIdentity {
  try {
    return {
      name,
      privateKey: createPrivateKey(privateKey),
      snapshotKey: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: snapshotKey }, format: 'jwk' }),
    };
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): ControlError {
  return new ControlError(
    'state_unreadable',
    `${path} cannot be read as the identity of a plane. Restore it, or ${anew(dirname(path))}`,
    cause,
  );
}

/** How a plane gets a new identity: to be read after "or" or "To join anew,". */
export function anew(stateDirectory: string): string {
  return `move ${stateDirectory} away as a whole and start with an empty one and a token of 'sworn plane join-token'.`;
}

async function enroll(options: IdentityOptions, joinToken: string, privateKey: KeyObject) {
  const publicKey = Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '', 'base64url');
  const request = { joinToken, publicKey, possession: sign(null, possessionBytes(joinToken), privateKey) };
  const client = createPlaneClient(options);
  const timeout = AbortSignal.timeout(options.enrollTimeoutMs ?? ENROLL_TIMEOUT_MS);
  const deadline = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  const backoff = new Backoff();
  let said = '';
  try {
    for (;;) {
      try {
        return await client.rpc.enroll(request, { signal: deadline, timeoutMs: CALL_TIMEOUT_MS });
      } catch (error) {
        options.signal?.throwIfAborted();
        const failure = explain(options, error);
        if (failure.code === 'join_token_refused' || deadline.aborted) throw failure;
        const isNew = failure.message !== said;
        said = failure.message;
        options.logger.warn(
          describeFailure(error),
          isNew ? `${said} Trying again.` : 'control plane does not answer, trying again',
        );
        await backoff.wait(deadline);
        options.signal?.throwIfAborted();
        if (deadline.aborted) throw failure;
      }
    }
  } finally {
    client.close();
  }
}

function explain(options: IdentityOptions, cause: unknown): ControlError {
  const reason = readDetail(cause)?.reason;
  if (reason === Reason.JOIN_TOKEN_INVALID || reason === Reason.INVALID_ARGUMENT) {
    return new ControlError(
      'join_token_refused',
      `The control plane ${options.controlPlane.href} does not accept the join token: it is unknown, used or ` +
        `expired. Make a new one with 'sworn plane join-token'.`,
      cause,
    );
  }
  const next = NEXT[findTlsFault(cause) ?? (isStranger(cause) ? 'stranger' : 'none')];
  return new ControlError(
    'control_plane_unreachable',
    `The control plane ${options.controlPlane.href} cannot be reached to enrol this plane: ${whyOf(cause)}. ${next}`,
    cause,
  );
}

/** Whether what answered is no control plane, which says why it refuses: a plane perhaps, or a proxy. */
function isStranger(cause: unknown): boolean {
  const { code } = ConnectError.from(cause);
  return (
    readDetail(cause) === undefined &&
    [Code.Unauthenticated, Code.PermissionDenied, Code.Unimplemented].includes(code)
  );
}

/** To be read after "cannot be reached: ". */
function whyOf(cause: unknown): string {
  const { code, reason, fault } = describeFailure(cause);
  if (fault !== undefined) return fault;
  if (code === 'DeadlineExceeded' || code === 'Canceled') return 'it does not answer in time';
  return `it answers with ${reason === '' ? code : `${code}, ${reason}`}`;
}
