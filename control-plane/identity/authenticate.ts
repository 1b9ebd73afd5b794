import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { requireBearer } from '../../oidc/confirmation.ts';
import { AuthenticationError } from '../../oidc/error.ts';
import { createVerifier, type FindIssuer } from '../../oidc/verify.ts';
import { fail } from '../api/fail.ts';
import type { Person } from '../api/identity.ts';
import type { Context } from '../context.ts';
import { findIssuerByUrl } from '../storage/configuration/issuers.ts';
import { isRevoked } from '../storage/configuration/revocations.ts';
import { findRoles } from '../storage/configuration/role-bindings.ts';
import { createLoginRecorder } from './login.ts';

/**
 * Finds out which person presents a token, and which roles their groups give. The issuer and the roles are read
 * from the store at each call: whatever is taken away is gone at once, on every replica. Only keys are cached. The first
 * use of a token is recorded before anybody is let in with it.
 * @returns a function that throws ConnectError UNAUTHENTICATED; its metadata has the AuthenticationErrorCode as `cause`
 */
export function createPersonAuthenticator(context: Context): (token: string) => Promise<Person> {
  const verifier = createVerifier({
    audiences: 'controlPlaneAudiences',
    requireBinding: requireBearer,
    cachedTokens: 0,
    now: () => context.now().getTime(),
    logger: context.logger,
  });
  const findIssuer: FindIssuer = async (issuerUrl) =>
    (await findIssuerByUrl(context.database, issuerUrl))?.spec;

  const recordLogin = createLoginRecorder(context);

  return async (token) => {
    try {
      const { caller } = await verifier.verify(token, findIssuer);
      if (await isRevoked(context.database, caller, context.now())) {
        throw new AuthenticationError('revoked', 'the token, its bearer or its application was revoked here');
      }
      await recordLogin(token, caller);
      return { caller, roles: await findRoles(context.database, caller.groups) };
    } catch (error) {
      if (!(error instanceof AuthenticationError)) throw error;
      throw fail(Reason.UNAUTHENTICATED, error.message, { cause: error.code });
    }
  };
}
