import { randomBytes } from 'node:crypto';
import { COMMITMENT_KEY_BYTES, commit } from '#core/evidence/commitment/commit.ts';

/** Why somebody decided so, with the key of the record's commitment to it; without a key where they gave no reason. */
export interface Why {
  readonly reason: string;
  readonly reasonKey?: Uint8Array;
}

/** A reason with a fresh key. */
export function giveReason(reason: string): Why {
  return reason === '' ? { reason } : { reason, reasonKey: randomBytes(COMMITMENT_KEY_BYTES) };
}

/**
 * What the record has of a reason: it may be of a patient and goes nowhere else than to who asked and who may read the decision,
 * while records are never erased and leave the house in bundles.
 */
export function commitToReason({ reason, reasonKey }: Why): { readonly reasonCommitment?: Uint8Array } {
  if (reasonKey === undefined) return {};
  return { reasonCommitment: commit(reasonKey, 'reason', Buffer.from(reason, 'utf8')) };
}
