import { Agent, request } from 'undici';
import { isSafeUrl } from '#core/endpoint/read.ts';
import { DeliveryError } from '../error.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** Posts JSON. Redirects are not followed, and of the answer nothing but the head is read. */
export interface Poster {
  /** @throws DeliveryError, or the connection's error */
  post(url: URL, body: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Opens a poster; one is enough for a program. */
export function openPoster(): Poster {
  const agent = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS } });
  return {
    async post(url, body, headers, signal) {
      // Checked when it was set; whoever can write to the store must not get further by that.
      if (!isSafeUrl(url)) throw new DeliveryError('not an https URL', { isFinal: true });
      const answer = await request(url, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', 'user-agent': 'sworn', ...headers },
        dispatcher: agent,
        signal,
      });
      answer.body.on('error', () => undefined).destroy();
      judge(answer.statusCode, answer.headers['retry-after']);
    },
    close: () => agent.destroy(),
  };
}

function judge(status: number, retryAfter: string | string[] | undefined): void {
  if (status >= 200 && status < 300) return;
  // Of Standard Webhooks: whoever answers so wants no more messages.
  if (status === 410) throw new DeliveryError('status 410: the receiver is gone', { isFinal: true });
  const seconds = typeof retryAfter === 'string' && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : 0;
  throw new DeliveryError(`status ${status}`, { retryAfterMs: seconds * 1_000 });
}
