import type { Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import type { ApprovalDocument } from './approvals.ts';

/** By which policy an approval is asked for, and what that said. */
export type AskedBy = Pick<ApprovalDocument, '_id' | 'policy' | 'policyDigest'>;

/** Those of all PENDING approvals, as they stand; those first that end soonest. */
export function listAskedBy({ db }: Database): Promise<AskedBy[]> {
  return db
    .collection<ApprovalDocument>('approvals', PLAIN_TYPES)
    .find({ state: 'PENDING' })
    .project<AskedBy>({ policy: 1, policyDigest: 1 })
    .sort({ expireTime: 1 })
    .toArray();
}
