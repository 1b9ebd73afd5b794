import { create } from '@bufbuild/protobuf';
import type { JWTPayload } from 'jose';
import { type Caller, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';

const DEFAULT_GROUPS_CLAIM = 'groups';

/**
 * Reads who a verified token is about.
 * @param payload the verified claims
 * @param groupsClaim the issuer's groups claim; `groups` when empty
 */
export function readCaller(payload: JWTPayload, groupsClaim: string): Caller {
  return create(CallerSchema, {
    issuer: payload.iss ?? '',
    subject: payload.sub ?? '',
    email: text(payload['email']),
    groups: readGroups(payload, groupsClaim || DEFAULT_GROUPS_CLAIM),
    client: text(payload['client_id']) || text(payload['azp']),
  });
}

/**
 * Reads the groups: an array of strings or one string; anything else gives no group, and so no role.
 * A claim of exactly that name comes first (`https://example.com/groups` has dots of its own), then a dot
 * descends into an object (`realm_access.roles`).
 */
export function readGroups(payload: JWTPayload, path: string): string[] {
  const value = Object.hasOwn(payload, path) ? payload[path] : descend(payload, path.split('.'));
  const groups = typeof value === 'string' ? [value] : Array.isArray(value) ? value : [];
  return [...new Set(groups.filter((group) => typeof group === 'string' && group !== ''))];
}

function descend(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
