import { decodeJwt, errors, jwtVerify } from 'jose';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { fail } from '../api/fail.ts';
import type { PlaneIdentity } from '../api/identity.ts';
import type { Context } from '../context.ts';
import { findRemoved } from '../storage/configuration/configuration-changes.ts';
import { findPlane, type StoredPlane } from '../storage/configuration/planes.ts';
import { isStoreUnavailable } from '../storage/database.ts';
import { readPlaneKey } from './key.ts';

/** What planes put into `aud`. */
const AUDIENCE = 'sworn-control-plane';
const MAX_TOKEN_BYTES = 4 * 1024;
const MAX_LIFETIME_S = 120;
const CLOCK_SKEW_S = 30;
const PLANE_NAME = /^planes\/[a-z0-9-]{1,64}$/;

/**
 * Finds out which plane presents a token: an EdDSA JWT by the plane's own key, `iss` and `sub` its name, `aud`
 * the control plane, made to live 120 s at most. The plane is read from the store at each call, so that a
 * revoked one is refused at once, on every replica. While the store does not answer, planes that were seen
 * before are known from memory: they can get nothing then but the last built snapshot, for as long as that counts as the newest.
 * @returns a function that throws ConnectError UNAUTHENTICATED or PLANE_REVOKED
 */
export function createPlaneAuthenticator(context: Context): (token: string) => Promise<PlaneIdentity> {
  const seen = new Map<string, StoredPlane>();

  async function find(name: string): Promise<StoredPlane | undefined> {
    try {
      const [plane, removed] = await Promise.all([
        findPlane(context.database, name),
        findRemoved(context.database, [name]),
      ]);
      if (plane === undefined) seen.delete(name);
      // One that is back in the database as it was before is revoked all the same.
      return plane && removed.has(name) ? { ...plane, revokeTime: plane.revokeTime ?? context.now() } : plane;
    } catch (error) {
      const known = seen.get(name);
      if (known === undefined || !isStoreUnavailable(error)) throw error;
      return known;
    }
  }

  return async (token) => {
    const plane = await find(readName(token));
    if (plane === undefined)
      throw fail(Reason.PLANE_REVOKED, 'the plane is unknown; enroll it with a join token');
    await verifyPlaneToken(token, plane, context.now());
    seen.set(plane.name, plane);
    // After the signature: only the plane itself learns that it was revoked.
    if (plane.revokeTime !== undefined)
      throw fail(Reason.PLANE_REVOKED, 'the plane is revoked', { plane: plane.name });
    return { name: plane.name, publicKey: plane.publicKey };
  };
}

/** The `iss` of a token, not verified. */
function readName(token: string): string {
  if (token.length > MAX_TOKEN_BYTES) throw refused('the token is larger than 4 KiB');
  try {
    const { iss } = decodeJwt(token);
    if (typeof iss === 'string' && PLANE_NAME.test(iss)) return iss;
  } catch {
    // Refused below.
  }
  throw refused('the token is not one of a plane');
}

async function verifyPlaneToken(token: string, plane: StoredPlane, now: Date): Promise<void> {
  try {
    const { payload } = await jwtVerify(token, readPlaneKey(plane.publicKey), {
      algorithms: ['EdDSA', 'Ed25519'],
      issuer: plane.name,
      subject: plane.name,
      audience: AUDIENCE,
      requiredClaims: ['exp', 'iat'],
      maxTokenAge: MAX_LIFETIME_S,
      clockTolerance: CLOCK_SKEW_S,
      currentDate: now,
    });
    const lifetimeS = (payload.exp ?? Number.POSITIVE_INFINITY) - (payload.iat ?? 0);
    if (lifetimeS > MAX_LIFETIME_S) throw refused('the token is made to live longer than 120 s');
  } catch (error) {
    if (error instanceof errors.JWTExpired)
      throw refused("the token has expired; is the plane's clock right?");
    throw error instanceof errors.JOSEError ? refused('the token does not verify') : error;
  }
}

function refused(message: string) {
  return fail(Reason.UNAUTHENTICATED, message);
}
