import { Code, ConnectError } from '@connectrpc/connect';
import { Backoff } from './backoff.ts';

const ATTEMPTS = 5;

/**
 * Makes an idempotent call again, a few seconds long, when no control plane could be reached or a replica was
 * draining. Rejects with the last error, or when `signal` aborts.
 */
export async function retryUnavailable<T>(run: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const backoff = new Backoff();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      const isPassing = ConnectError.from(error).code === Code.Unavailable;
      if (!isPassing || attempt === ATTEMPTS || signal.aborted) throw error;
      await backoff.wait(signal);
    }
  }
}
