import { createHash, randomBytes } from 'node:crypto';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { fail } from '../api/fail.ts';
import type { Context } from '../context.ts';
import { applyChange } from '../distribution/change.ts';
import { insertJoinToken, removeUnusedJoinTokens } from '../storage/configuration/join-tokens.ts';

const JOIN_TOKEN_BYTES = 32;
const JOIN_TOKEN_TTL_MS = 3_600_000;

/**
 * Makes a token with which one plane joins: 32 random bytes in base64url, good for an hour. Only its hash is
 * stored; the record of the action names the plane to be, not the token.
 */
export async function createJoinToken(
  context: Context,
  caller: Caller,
  displayName: string,
): Promise<{ readonly joinToken: string; readonly expireTime: Date }> {
  const joinToken = randomBytes(JOIN_TOKEN_BYTES).toString('base64url');
  const createTime = context.now();
  const expireTime = new Date(createTime.getTime() + JOIN_TOKEN_TTL_MS);
  const sha256 = hashJoinToken(joinToken);
  await applyChange(
    context,
    { caller, action: 'joinToken.create', resource: displayName },
    (session) => insertJoinToken(context.database, { sha256, displayName, createTime, expireTime }, session),
    'control-plane',
  );
  return { joinToken, expireTime };
}

/**
 * Ends the tokens of a display name that no plane has joined with. Who has the token need not be known: it is not stored.
 * @returns how many there were
 * @throws ConnectError NOT_FOUND
 */
export function withdrawJoinTokens(context: Context, caller: Caller, displayName: string): Promise<number> {
  return applyChange(
    context,
    { caller, action: 'joinToken.withdraw', resource: displayName },
    async (session) => {
      const withdrawn = await removeUnusedJoinTokens(context.database, displayName, context.now(), session);
      if (withdrawn > 0) return withdrawn;
      const name = `joinTokens/${displayName}`;
      throw fail(Reason.NOT_FOUND, `there is no unused join token for ${displayName}`, { name });
    },
    'control-plane',
  );
}

/** SHA-256 in hex. The token has 256 bits of its own, so that it needs no salt and no slow hash. */
export function hashJoinToken(joinToken: string): string {
  return createHash('sha256').update(joinToken, 'utf8').digest('hex');
}
