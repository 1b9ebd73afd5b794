import { createHash } from 'node:crypto';
import type { ModelRequest } from '#core/provider/openai/request/request.ts';
import type { Target } from '#core/provider/openai/request/target.ts';

/** What an approval is bound to: SHA-256 over the method, the path and query for the provider, and the bytes of the body for it. */
export function digestRequest({ route, path }: Target, { outgoing }: ModelRequest): Uint8Array {
  return createHash('sha256').update(`${route.method}\n${path}\n`).update(outgoing.body).digest();
}
