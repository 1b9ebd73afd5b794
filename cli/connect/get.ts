import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { CommandFailure, EXIT } from '../failure.ts';

const TIMEOUT_MS = 30_000;
/** Far more than a checkpoint with all its witnesses. */
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Gets a text that the control plane serves to anyone.
 *
 * @param path from the root: `/log/checkpoint`
 * @param ca a certificate authority in PEM
 * @throws CommandFailure when it cannot be reached or answers otherwise
 */
export async function getText(
  controlPlane: string,
  path: string,
  options: { readonly ca: string | undefined; readonly signal: AbortSignal },
): Promise<string> {
  const { status, text } = await request(`${controlPlane}${path}`, options).catch((error: Error) => {
    if (options.signal.aborted) throw new CommandFailure('interrupted', { exitCode: EXIT.interrupted });
    throw new CommandFailure(`the control plane at ${controlPlane} cannot be reached: ${error.message}`, {
      exitCode: EXIT.unavailable,
      code: 'unavailable',
      hint: 'is it running? check --control-plane and SWORN_CONTROL_PLANE',
    });
  });
  if (status === 200) return text;
  throw new CommandFailure(`${controlPlane}${path} answers with status ${status}`, {
    exitCode: status === 503 ? EXIT.unavailable : EXIT.failure,
    code: status === 404 ? 'not_found' : 'failure',
    hint: 'sworn status',
  });
}

function request(
  url: string,
  { ca, signal }: { readonly ca: string | undefined; readonly signal: AbortSignal },
): Promise<{ status: number; text: string }> {
  const options = {
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    agent: false as const,
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
        .on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
    });
  });
}
