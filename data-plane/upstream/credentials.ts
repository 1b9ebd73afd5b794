import type { UpstreamGrant } from '#proto/sworn/plane/v1/snapshot_pb.ts';

/** Shorter ones are words that may stand in any text. */
const MIN_CHARS = 8;

/**
 * What an upstream is called with that no caller may see, secret headers without their scheme too: some servers quote in their errors
 * the key or token that they refuse.
 *
 * @param token where the upstream takes one
 */
export function credentialsOf({ credential, secretHeaders }: UpstreamGrant, token?: string): string[] {
  const values = secretHeaders.flatMap(({ value }) => [value, value.slice(value.indexOf(' ') + 1)]);
  return [credential, token ?? '', ...values].filter(({ length }) => length >= MIN_CHARS);
}
