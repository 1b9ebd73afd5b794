import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { fail } from '../api/fail.ts';
import type { Context } from '../context.ts';
import { applyChange } from '../distribution/change.ts';
import {
  evidenceKeyName,
  findEvidenceKey,
  insertEvidenceKey,
  type StoredEvidenceKey,
} from '../storage/configuration/evidence-keys.ts';
import { type EvidenceKey, EvidenceKeyError } from './provider.ts';

/**
 * Makes a new evidence key and puts it in force: planes get it with their next snapshot. The keys before it stay and open
 * what was sealed to them. Its private part is durable before anything is sealed to it.
 * @throws ConnectError EVIDENCE_KEY_UNAVAILABLE: the keys' protector does not take a new one
 */
export async function rotateEvidenceKey(context: Context, caller: Caller): Promise<StoredEvidenceKey> {
  const { database } = context;
  const made = await makeKey(context);
  const change = { caller, action: 'evidenceKey.rotate' as const, resource: evidenceKeyName(made.id) };
  return await applyChange(context, change, async (session) => {
    const before = await findEvidenceKey(database, session);
    const key = { ...made, ordinal: (before?.ordinal ?? 0) + 1 };
    await insertEvidenceKey(database, key, session);
    return key;
  });
}

async function makeKey({ evidenceKeys, now }: Context): Promise<EvidenceKey> {
  try {
    return await evidenceKeys.create(now());
  } catch (error) {
    if (!(error instanceof EvidenceKeyError)) throw error;
    throw fail(Reason.EVIDENCE_KEY_UNAVAILABLE, error.message, { evidenceKey: error.id });
  }
}
