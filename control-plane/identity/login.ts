import { createHash } from 'node:crypto';
import { decodeJwt } from 'jose';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { ExpiringCache } from '../../oidc/cache.ts';
import { recordActions } from '../audit/actions.ts';
import type { Context } from '../context.ts';
import { hasLogin, insertLogin } from '../storage/configuration/logins.ts';
import { isDuplicateKey } from '../storage/database.ts';

/** Tokens that this replica knows to be recorded; others are looked up. */
const REMEMBERED_TOKENS = 10_000;
/** After a token's end it is remembered for as long as any clock may lag. */
const GRACE_MS = 3_600_000;
/** Characters of the token's SHA-256 in hex by which a record names it. */
const NAME_CHARACTERS = 32;

/**
 * Records that a person is let in with a token, as `login`: once for each token, whichever replica takes it and however often
 * it comes. Nobody is let in before it is durable.
 * @returns a function for tokens that are verified; it rejects with the store's error
 */
export function createLoginRecorder(context: Context): (token: string, caller: Caller) => Promise<void> {
  const { database, now } = context;
  const recorded = new ExpiringCache<true>(REMEMBERED_TOKENS);

  return async (token, caller) => {
    const sha256 = createHash('sha256').update(token, 'utf8').digest('hex');
    const createTime = now();
    if (recorded.get(sha256, createTime.getTime())) return;
    const expireTime = new Date((decodeJwt(token).exp ?? 0) * 1_000 + GRACE_MS);
    if (!(await hasLogin(database, sha256))) {
      await record(context, { sha256, createTime, expireTime }, caller);
    }
    recorded.set(sha256, true, expireTime.getTime());
  };
}

async function record(
  context: Context,
  login: { readonly sha256: string; readonly createTime: Date; readonly expireTime: Date },
  caller: Caller,
): Promise<void> {
  const resource = `tokens/${login.sha256.slice(0, NAME_CHARACTERS)}`;
  try {
    await context.database.transaction(async (session) => {
      await insertLogin(context.database, login, session);
      await recordActions(context, session, [{ caller, action: 'login', resource }]);
    });
  } catch (error) {
    // Another call with the same token was first, and has recorded it.
    if (!isDuplicateKey(error)) throw error;
  }
}
