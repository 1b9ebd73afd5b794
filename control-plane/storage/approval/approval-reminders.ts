import type { Filter } from 'mongodb';
import type { ClientSession, Database } from '../database.ts';
import { sealedCollection } from '../sealing/sealed.ts';
import type { ApprovalDocument } from './approvals.ts';

const approvals = sealedCollection<ApprovalDocument>('approvals');

/** Names of PENDING approvals whose reviewers are to be reminded by this time. */
export async function listUnreminded(database: Database, time: Date, limit: number): Promise<string[]> {
  const found = await approvals
    .of(database)
    .find({ state: 'PENDING', remindTime: { $lte: time } })
    .project<{ _id: string }>({ _id: 1 })
    .sort({ remindTime: 1 })
    .limit(limit)
    .toArray();
  return found.map((document) => document._id);
}

/** Notes that the reviewers of a PENDING approval are reminded. Returns it; undefined when they were, or it is over or altered. */
export async function markReminded(
  database: Database,
  session: ClientSession,
  name: string,
  time: Date,
): Promise<ApprovalDocument | undefined> {
  const filter: Filter<ApprovalDocument> = {
    _id: name,
    state: 'PENDING',
    remindTime: { $lte: time },
    expireTime: { $gt: time },
  };
  const update = { $unset: { remindTime: '' as const } };
  const { matchedCount } = await approvals.of(database).updateOne(filter, update, { session });
  if (matchedCount === 0) return undefined;
  const options = { projection: { question: 0 }, session } as const;
  return approvals.keep(database, await approvals.find(database, { _id: name }, options))[0];
}
