import { verify } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { v7 as uuidv7 } from 'uuid';
import { possessionBytes } from '#core/enrollment/possession.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { PlaneSchema } from '#proto/sworn/plane/v1/plane_pb.ts';
import type { EnrollRequest } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { fail } from '../api/fail.ts';
import { configurationOf } from '../audit/configuration.ts';
import type { Context } from '../context.ts';
import { applyChange } from '../distribution/change.ts';
import { findJoinToken, useJoinToken } from '../storage/configuration/join-tokens.ts';
import { findPlane, findPlaneByKey, insertPlane } from '../storage/configuration/planes.ts';
import type { ClientSession } from '../storage/database.ts';
import { hashJoinToken } from './join-token.ts';
import { readPlaneKey } from './key.ts';

/**
 * Makes a plane known: checks that it has the private part of its key, uses up the join token and creates the
 * plane, in one transaction. A plane that asks again, because an answer got lost on the way, is the same plane: by
 * the token that it used, while that lasts, or by a new one. A key that was revoked does not come back.
 * @returns `planes/{id}`
 * @throws ConnectError JOIN_TOKEN_INVALID, PLANE_REVOKED
 */
export async function enrollPlane(context: Context, request: EnrollRequest): Promise<string> {
  if (!hasPrivateKey(request)) throw invalidToken();
  const sha256 = hashJoinToken(request.joinToken);
  // Guessers cost one read, and leave no trace in the head.
  if ((await findJoinToken(context.database, sha256, context.now())) === undefined) throw invalidToken();
  const known = await findPlaneByKey(context.database, request.publicKey);
  const name = known?.name ?? `planes/${uuidv7()}`;
  const change = (displayName: string) => ({
    caller: create(CallerSchema, { subject: name }),
    action: 'plane.enroll' as const,
    resource: name,
    planeKey: request.publicKey,
    configuration: configurationOf(PlaneSchema, create(PlaneSchema, { name, displayName })),
  });
  await applyChange(
    context,
    change,
    (session) => join(context, request.publicKey, sha256, name, session),
    'control-plane',
  );
  return name;
}

async function join(
  { database, now }: Context,
  publicKey: Uint8Array,
  sha256: string,
  name: string,
  session: ClientSession,
): Promise<string> {
  const known = await findPlane(database, name, session);
  if (known?.revokeTime !== undefined) {
    throw fail(Reason.PLANE_REVOKED, 'this key is of a revoked plane; enroll with a new key', {
      plane: name,
    });
  }
  const token = await useJoinToken(database, sha256, name, now(), session);
  if (token === undefined) throw invalidToken();
  const { displayName } = known ?? token;
  if (known !== undefined) return displayName;
  await insertPlane(database, { name, displayName, publicKey, createTime: now() }, session);
  return displayName;
}

function hasPrivateKey({ publicKey, joinToken, possession }: EnrollRequest): boolean {
  try {
    return verify(null, possessionBytes(joinToken), readPlaneKey(publicKey), possession);
  } catch {
    return false;
  }
}

/** One answer for unknown, used and expired tokens and a wrong signature: it tells a guesser nothing. */
function invalidToken() {
  return fail(
    Reason.JOIN_TOKEN_INVALID,
    'the join token is unknown, used or expired; ask an admin for a new one',
  );
}
