import type { UpstreamGrant } from '#proto/sworn/plane/v1/snapshot_pb.ts';

/** Shorter ones are words that may stand in any text. */
const MIN_CHARS = 8;

/** What an upstream is called with that no caller may see: some servers quote the key that they refuse in their errors. */
export function credentialsOf(grants: readonly UpstreamGrant[], name: string | undefined): string[] {
  const grant = grants.find((one) => one.name === name);
  if (grant === undefined) return [];
  const { credential, secretHeaders } = grant;
  return [credential, ...secretHeaders.map(({ value }) => value)].filter(({ length }) => length >= MIN_CHARS);
}
