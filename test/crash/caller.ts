import { randomBytes } from 'node:crypto';

/** What a caller has seen of one request. */
export interface Call {
  /** Stands in the prompt, and in no other one. */
  readonly marker: string;
  readonly stream: boolean;
  /** `x-request-id`; undefined when no answer began. */
  readonly exchange: string | undefined;
  readonly status: number;
  /** Every byte of the body that arrived. */
  readonly body: Buffer;
  /** The body arrived to its end. */
  readonly complete: boolean;
}

/** Finds the marker in a body. */
export const MARKER = /marker-[a-z]+/;

/** Letters only, so that no detector takes it for anything. */
export function newMarker(): string {
  const letters = [...randomBytes(16)].map((byte) => String.fromCharCode(97 + (byte % 26)));
  return `marker-${letters.join('')}`;
}

/** Asks once, and keeps whatever comes until the answer ends or the connection breaks. Never rejects. */
export async function call(
  url: string,
  token: string,
  marker: string,
  stream: boolean,
  more = '',
): Promise<Call> {
  const pieces: Uint8Array[] = [];
  let exchange: string | undefined;
  let status = 0;
  const seen = (complete: boolean): Call => ({
    marker,
    stream,
    exchange,
    status,
    body: Buffer.concat(pieces),
    complete,
  });
  try {
    const response = await fetch(`${url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-test', input: `Please answer ${marker} ${more}`, stream }),
    });
    status = response.status;
    exchange = response.headers.get('x-request-id') ?? undefined;
    for await (const piece of response.body ?? []) pieces.push(piece);
    return seen(true);
  } catch {
    return seen(false); // killed in the middle
  }
}
