import type { Collection, Filter } from 'mongodb';
import type { ClientSession, Database } from './database.ts';
import { beyond, type Position } from './keyset.ts';
import { PLAIN_TYPES } from './plain-types.ts';

/** Where a review stands; sworn.review.v1.ReviewState by name. */
export type ReviewState = 'PENDING' | 'COMPLETED';

/** A review as it is stored. */
export interface ReviewDocument {
  /** `reviews/{id}`. */
  readonly _id: string;
  readonly state: ReviewState;
  /** A serialised sworn.identity.v1.Caller. */
  readonly caller: Uint8Array;
  readonly plane: string;
  readonly exchange: string;
  readonly session: string;
  readonly route: string;
  readonly model: string;
  readonly policyRevision: bigint;
  readonly policy: string;
  readonly rule: string;
  /** Groups; empty where the rule was gone: any reviewer may. */
  readonly reviewers: readonly string[];
  /** Services that may review, by client or subject. */
  readonly serviceReviewers: readonly string[];
  readonly findings: readonly { readonly entity: string; readonly count: number }[];
  /** When its record was written, and when it came. */
  readonly useTime: Date;
  readonly createTime: Date;
  readonly dueTime: Date;
  /** When it was found to be overdue. */
  readonly alarmTime?: Date;
  readonly verdict?: 'JUSTIFIED' | 'UNJUSTIFIED';
  readonly reason?: string;
  /** A serialised sworn.identity.v1.Caller. */
  readonly completedBy?: Uint8Array;
  readonly completeTime?: Date;
}

/** Whose reviews: those that members of these groups may see, or all. */
export type ReviewAudience = { readonly groups: readonly string[] } | 'all';

/** Stores a new review; false when its exchange has one already. */
export async function insertReview(
  database: Database,
  session: ClientSession,
  document: ReviewDocument,
): Promise<boolean> {
  const { plane, exchange } = document;
  if ((await reviews(database).findOne({ plane, exchange }, { session })) !== null) return false;
  await reviews(database).insertOne(document, { session });
  return true;
}

/** A review by name. */
export async function findReview(
  database: Database,
  name: string,
  session?: ClientSession,
): Promise<ReviewDocument | undefined> {
  return (await reviews(database).findOne({ _id: name }, { ...(session && { session }) })) ?? undefined;
}

/** Completes a PENDING review. Returns it as it is now; undefined when it was not pending. */
export async function completeReview(
  database: Database,
  session: ClientSession,
  name: string,
  fields: Required<Pick<ReviewDocument, 'verdict' | 'reason' | 'completedBy' | 'completeTime'>>,
): Promise<ReviewDocument | undefined> {
  const update = { $set: { ...fields, state: 'COMPLETED' as const } };
  const options = { session, returnDocument: 'after' } as const;
  return (
    (await reviews(database).findOneAndUpdate({ _id: name, state: 'PENDING' }, update, options)) ?? undefined
  );
}

/** Names of PENDING reviews whose time is over and that raised no alarm yet, those first that are overdue longest. */
export async function listUnalarmed(database: Database, now: Date, limit: number): Promise<string[]> {
  const found = await reviews(database)
    .find({ state: 'PENDING', dueTime: { $lte: now }, alarmTime: { $exists: false } })
    .project<{ _id: string }>({ _id: 1 })
    .sort({ dueTime: 1 })
    .limit(limit)
    .toArray();
  return found.map(({ _id }) => _id);
}

/** Notes that an overdue review raised its alarm. Returns it; undefined when it had, or is not pending any more. */
export async function markAlarmed(
  database: Database,
  session: ClientSession,
  name: string,
  alarmTime: Date,
): Promise<ReviewDocument | undefined> {
  const filter = { _id: name, state: 'PENDING' as const, alarmTime: { $exists: false } };
  const options = { session, returnDocument: 'after' } as const;
  return (await reviews(database).findOneAndUpdate(filter, { $set: { alarmTime } }, options)) ?? undefined;
}

/** Reviews, newest first, after a position. @param overdueAt only those that are pending and due by then */
export function listReviews(
  database: Database,
  audience: ReviewAudience,
  { state, overdueAt }: { readonly state: ReviewState | undefined; readonly overdueAt: Date | undefined },
  after: Position | undefined,
  limit: number,
): Promise<ReviewDocument[]> {
  const filter: Filter<ReviewDocument> = {
    $and: [
      audience === 'all'
        ? {}
        : { $or: [{ reviewers: { $in: [...audience.groups] } }, { reviewers: { $size: 0 } }] },
      state === undefined ? {} : { state },
      overdueAt === undefined ? {} : { state: 'PENDING', dueTime: { $lte: overdueAt } },
      beyond('createTime', after, -1),
    ],
  };
  return reviews(database).find(filter).sort({ createTime: -1, _id: -1 }).limit(limit).toArray();
}

function reviews(database: Database): Collection<ReviewDocument> {
  return database.db.collection<ReviewDocument>('reviews', PLAIN_TYPES);
}
