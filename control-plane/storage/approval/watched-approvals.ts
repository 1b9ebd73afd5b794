import type { Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import { type ApprovalDocument, type ApprovalState, type Audience, audienceFilter } from './approvals.ts';

/** An approval that changed, and whom it concerns. */
export interface ChangedApproval {
  /** `approvals/{id}`. */
  readonly id: string;
  readonly state: ApprovalState;
  /** By the clock of the control plane that changed it. */
  readonly changeTime: Date;
  readonly planes: readonly string[];
  readonly reviewers: readonly string[];
}

/** Approvals whose state changed at this time or later, as they stand; the longest ago first. */
export async function* listChangedApprovals(
  database: Database,
  since: Date,
): AsyncGenerator<ChangedApproval> {
  const changed = approvalsOf(database)
    .find({ updateTime: { $gte: since } })
    .project<ApprovalDocument>({ state: 1, updateTime: 1, planes: 1, reviewers: 1 })
    .sort({ updateTime: 1 });
  for await (const { _id: id, state, updateTime: changeTime, planes, reviewers } of changed) {
    yield { id, state, changeTime, planes, reviewers };
  }
}

/** When the state of an approval changed last; undefined when there is none. */
export async function findNewestChange(database: Database): Promise<Date | undefined> {
  const found = approvalsOf(database).find().project<ApprovalDocument>({ updateTime: 1 });
  return (await found.sort({ updateTime: -1 }).limit(1).toArray())[0]?.updateTime;
}

/** Names of approvals that expire after this time: those that a plane asked for in any state, those for people that are pending. */
export async function* listWatched(
  database: Database,
  audience: Audience,
  after: Date,
): AsyncGenerator<string> {
  const isPending = audience !== 'all' && 'plane' in audience ? {} : { state: 'PENDING' as const };
  const watched = approvalsOf(database)
    .find({ ...audienceFilter(audience), ...isPending, expireTime: { $gt: after } })
    .project<{ _id: string }>({ _id: 1 })
    .sort({ expireTime: 1 });
  for await (const { _id: name } of watched) yield name;
}

/** Whether an approval is for this audience. */
export function isFor(audience: Audience, { planes, reviewers }: ChangedApproval): boolean {
  if (audience === 'all') return true;
  if ('plane' in audience) return planes.includes(audience.plane);
  return reviewers.some((group) => audience.groups.includes(group));
}

function approvalsOf({ db }: Database) {
  return db.collection<ApprovalDocument>('approvals', PLAIN_TYPES);
}
