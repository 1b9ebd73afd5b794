import { timingSafeEqual, verify } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { v7 as uuidv7 } from 'uuid';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { EnrollRequest } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { fail } from '../api/fail.ts';
import type { Context } from '../context.ts';
import { applyChange } from '../distribution/change.ts';
import { isDuplicateKey } from '../storage/database.ts';
import { findJoinToken, useJoinToken } from '../storage/join-tokens.ts';
import { findPlane, insertPlane } from '../storage/planes.ts';
import { hashJoinToken } from './join-token.ts';
import { readPlaneKey } from './key.ts';

/**
 * Makes a plane known: checks that it has the private part of its key, uses the join token and creates the plane
 * in one transaction. The same token by the same key again, while the token lasts, finds the same plane: an
 * answer that was lost on the way must not cost the token.
 * @returns `planes/{id}`
 * @throws ConnectError JOIN_TOKEN_INVALID; ALREADY_EXISTS when the key has enrolled by another token
 */
export async function enrollPlane(context: Context, request: EnrollRequest): Promise<string> {
  const { publicKey, joinToken } = request;
  if (!hasPrivateKey(request)) throw invalidToken();
  const sha256 = hashJoinToken(joinToken);
  const earlier = await findEnrolled(context, sha256, publicKey);
  if (earlier !== undefined) return earlier;
  const name = `planes/${uuidv7()}`;
  const caller = create(CallerSchema, { subject: name });
  try {
    await applyChange(
      context,
      { caller, action: 'plane.enroll', resource: name },
      async (session) => {
        const now = context.now();
        const token = await useJoinToken(context.database, sha256, name, now, session);
        if (token === undefined) throw invalidToken();
        const plane = { name, displayName: token.displayName, publicKey, createTime: now };
        await insertPlane(context.database, plane, session);
      },
      'control-plane',
    );
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw fail(Reason.ALREADY_EXISTS, 'this key has enrolled before; make a new one', {});
  }
  return name;
}

function hasPrivateKey({ publicKey, joinToken, possession }: EnrollRequest): boolean {
  try {
    return verify(null, Buffer.from(joinToken, 'utf8'), readPlaneKey(publicKey), possession);
  } catch {
    return false;
  }
}

/** The plane that this token has already made for this key, while it is trusted. */
async function findEnrolled(
  context: Context,
  sha256: string,
  publicKey: Uint8Array,
): Promise<string | undefined> {
  const token = await findJoinToken(context.database, sha256, context.now());
  if (token === undefined) throw invalidToken();
  if (token.plane === undefined) return undefined;
  const plane = await findPlane(context.database, token.plane);
  const isSame =
    plane?.revokeTime === undefined && plane !== undefined && isEqual(plane.publicKey, publicKey);
  if (!isSame) throw invalidToken();
  return plane.name;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** One answer for unknown, used and expired tokens and a wrong signature: it tells a guesser nothing. */
function invalidToken() {
  return fail(
    Reason.JOIN_TOKEN_INVALID,
    'the join token is unknown, used or expired; ask an admin for a new one',
  );
}
