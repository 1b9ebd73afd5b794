import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { CommandFailure, EXIT, type ExitCode } from '../failure.ts';
import { explainTls } from './tls.ts';

const TIMEOUT_MS = 30_000;
const EXIT_CODES: Readonly<Record<number, ExitCode>> = {
  401: EXIT.unauthenticated,
  403: EXIT.denied,
  503: EXIT.unavailable,
};
/** More than a checkpoint with all its witnesses, and than 256 entries of 64 KiB. */
const MAX_BODY_BYTES = 17 * 1024 * 1024;

/** How to get it. */
interface GetOptions {
  /** A certificate authority in PEM. */
  readonly ca: string | undefined;
  readonly signal: AbortSignal;
  /** Undefined for what is served to anyone. */
  readonly token?: string;
}

/**
 * Gets a text of the control plane.
 *
 * @param path from the root: `/log/checkpoint`
 * @throws CommandFailure when it cannot be reached or answers otherwise
 */
export async function getText(controlPlane: string, path: string, options: GetOptions): Promise<string> {
  const bytes = await getBytes(controlPlane, path, options);
  if (bytes !== undefined) return Buffer.from(bytes).toString('utf8');
  throw new CommandFailure(`${controlPlane}${path} is damaged in the control plane's store`, {
    exitCode: EXIT.verificationFailed,
    code: 'data_loss',
  });
}

/**
 * Gets bytes of the control plane; undefined where it says that it has them no more as they were.
 *
 * @param path from the root: `/log/tile/0/000`
 * @throws CommandFailure when it cannot be reached or answers otherwise
 */
export async function getBytes(
  controlPlane: string,
  path: string,
  options: GetOptions,
): Promise<Uint8Array | undefined> {
  const { status, body } = await request(`${controlPlane}${path}`, options).catch((error: Error) => {
    if (options.signal.aborted) throw new CommandFailure('interrupted', { exitCode: EXIT.interrupted });
    const distrusted = explainTls(error, controlPlane);
    if (distrusted !== undefined) throw distrusted;
    throw new CommandFailure(`the control plane at ${controlPlane} cannot be reached: ${error.message}`, {
      exitCode: EXIT.unavailable,
      code: 'unavailable',
      hint: 'is it running? check --control-plane and SWORN_CONTROL_PLANE',
    });
  });
  if (status === 200) return body;
  if (status === 500 && body.includes('"data_loss"')) return undefined;
  throw new CommandFailure(`${controlPlane}${path} answers with status ${status}`, {
    exitCode: EXIT_CODES[status] ?? EXIT.failure,
    code: status === 404 ? 'not_found' : 'failure',
    hint: 'sworn status',
  });
}

function request(url: string, { ca, signal, token }: GetOptions): Promise<{ status: number; body: Buffer }> {
  const options = {
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    agent: false as const,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  };
  return new Promise((resolve, reject) => {
    const begin = url.startsWith('https:')
      ? getHttps(url, { ...options, ...(ca === undefined ? {} : { ca }) })
      : getHttp(url, options);
    begin.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response
        .on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length > MAX_BODY_BYTES) response.destroy(new Error('the answer is too long'));
        })
        .on('error', reject)
        .on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
  });
}
