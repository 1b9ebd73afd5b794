import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Revocation, RevocationTarget } from '#proto/sworn/identity/v1/revocation_pb.ts';

/** Whose request it is, as far as that is known. */
export interface Bearer {
  readonly caller: Caller | undefined;
  /** `sessions/{id}`. */
  readonly session?: string | undefined;
}

/** What can be asked of revocations made ready. */
export interface Revocations {
  /** The revocation that concerns this bearer at this time, in milliseconds since 1970. */
  find(bearer: Bearer, nowMs: number): Revocation | undefined;
}

type Fields = Omit<RevocationTarget, '$typeName' | '$unknown' | 'issuer'>;

/** From the narrowest to the widest: a revocation is filed under the first that it names. */
const FILED_BY = ['tokenId', 'session', 'subject', 'email', 'client'] as const satisfies (keyof Fields)[];

/**
 * Revocations made ready for the request path: four or five look-ups a request, however many there are. One that names
 * nothing besides an issuer concerns nobody; to end the trust in an issuer it is deleted.
 */
export function compileRevocations(revocations: readonly Revocation[]): Revocations {
  const filed = new Map<string, Revocation[]>();
  for (const revocation of revocations) {
    const target = revocation.target && normalise(revocation.target);
    const field = FILED_BY.find((name) => (target?.[name] ?? '') !== '');
    if (target === undefined || field === undefined) continue;
    const key = `${field} ${target[field]}`;
    const others = filed.get(key);
    if (others === undefined) filed.set(key, [{ ...revocation, target }]);
    else others.push({ ...revocation, target });
  }
  return {
    find(bearer, nowMs) {
      if (filed.size === 0) return undefined;
      const values = valuesOf(bearer);
      for (const field of FILED_BY) {
        if (values[field] === '') continue;
        const candidates = filed.get(`${field} ${values[field]}`);
        const found = candidates?.find((revocation) => concerns(revocation, bearer, values, nowMs));
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

function normalise(target: RevocationTarget): RevocationTarget {
  return { ...target, email: target.email.toLowerCase() };
}

function valuesOf({ caller, session = '' }: Bearer): Fields {
  const { subject = '', email = '', client = '', tokenId = '' } = caller ?? {};
  return { subject, email: email.toLowerCase(), client, tokenId, session };
}

function concerns(revocation: Revocation, { caller }: Bearer, values: Fields, nowMs: number): boolean {
  const { target, expireTime } = revocation;
  if (target === undefined || (expireTime !== undefined && timestampMs(expireTime) <= nowMs)) return false;
  if (target.issuer !== '' && target.issuer !== caller?.issuer) return false;
  return FILED_BY.every((field) => target[field] === '' || target[field] === values[field]);
}
