import type { JWTVerifyGetKey } from 'jose';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Issuer, IssuerSpec } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { fail } from '../api/fail.ts';
import type { Person } from '../api/identity.ts';
import type { Context } from '../context.ts';
import { findIssuerByUrl } from '../storage/issuers.ts';
import { findRoles } from '../storage/role-bindings.ts';
import { readCaller } from './claims.ts';
import { createIssuerKeys } from './keys.ts';
import { readIssuerUrl, TokenError, verifyToken } from './verify.ts';

/**
 * Finds out which person presents a token, and which roles their groups give. The issuer and the roles are read
 * from the store at each call: whatever is taken away is gone at once, on every replica. Only keys are cached.
 * @returns a function that throws ConnectError UNAUTHENTICATED; its metadata has the TokenFault as `cause`
 */
export function createPersonAuthenticator(context: Context): (token: string) => Promise<Person> {
  const keysByIssuer = new Map<string, JWTVerifyGetKey>();

  function keysOf(issuerUrl: string): JWTVerifyGetKey {
    const known = keysByIssuer.get(issuerUrl);
    if (known !== undefined) return known;
    const keys = createIssuerKeys(issuerUrl);
    keysByIssuer.set(issuerUrl, keys);
    return keys;
  }

  return async (token) => {
    try {
      const spec = await findTrusted(context, readIssuerUrl(token), keysByIssuer);
      const payload = await verifyToken(token, spec, keysOf(spec.issuerUrl), context.now());
      const caller = readCaller(payload, spec.groupsClaim);
      return { caller, roles: await findRoles(context.database, caller.groups) };
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      logRefusal(context, error);
      throw fail(Reason.UNAUTHENTICATED, error.message, { cause: error.code });
    }
  };
}

async function findTrusted(
  context: Context,
  issuerUrl: string,
  keysByIssuer: Map<string, JWTVerifyGetKey>,
): Promise<IssuerSpec> {
  const issuer: Issuer | undefined = await findIssuerByUrl(context.database, issuerUrl);
  if (issuer?.spec !== undefined) return issuer.spec;
  keysByIssuer.delete(issuerUrl);
  throw new TokenError('untrusted_issuer', 'the token is of an issuer that is not trusted here');
}

function logRefusal(context: Context, error: TokenError): void {
  // Only a fault of the issuer is the operator's to mend, and its cause has no part of the token.
  if (error.code === 'issuer_unavailable') {
    const cause = error.cause instanceof Error ? error.cause.message : 'unknown';
    context.logger.warn({ code: error.code, cause }, 'issuer keys cannot be had');
  }
}
