import type { Filter } from 'mongodb';
import type { ClientSession, Database } from '../database.ts';
import { beyond, type Position } from '../keyset.ts';
import { enter, strike } from '../roster/rosters.ts';
import { ifAltered } from '../sealing/altered.ts';
import { macIn, sealedCollection } from '../sealing/sealed.ts';

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
  /** Of the record's commitment to it. */
  readonly reasonKey?: Uint8Array;
  /** A serialised sworn.identity.v1.Caller. */
  readonly completedBy?: Uint8Array;
  readonly completeTime?: Date;
}

/** Whose reviews: those that members of these groups may see, or all. */
export type ReviewAudience = { readonly groups: readonly string[] } | 'all';

const reviews = sealedCollection<ReviewDocument>('reviews');

/** Those of these exchanges of a plane that have a review already, altered or not. */
export async function listReviewed(
  database: Database,
  session: ClientSession,
  plane: string,
  exchanges: readonly string[],
): Promise<Set<string>> {
  const filter = { plane, exchange: { $in: [...exchanges] } };
  const found = reviews.of(database).find(filter, { session });
  const names = await found.project<Pick<ReviewDocument, 'exchange'>>({ exchange: 1 }).toArray();
  return new Set(names.map(({ exchange }) => exchange));
}

/** Stores new reviews. Their roster, which has all that are pending, is written once for all of them. */
export async function insertReviews(
  database: Database,
  session: ClientSession,
  documents: readonly ReviewDocument[],
): Promise<void> {
  if (documents.length === 0) return;
  const sealed = documents.map((document) => reviews.seal(database, document));
  await reviews.of(database).insertMany(sealed, { session });
  const members = sealed.map((document) => ({ id: document._id, mac: macIn(document) }));
  // Records are taken, and what they bring is to be reviewed, also while the roster is at fault.
  await ifAltered(enter(database, session, 'reviews', members), () => undefined);
}

/** A review by name. @throws AlteredError */
export function findReview(
  database: Database,
  name: string,
  session?: ClientSession,
): Promise<ReviewDocument | undefined> {
  return reviews.findById(database, name, session);
}

/** The review of an exchange of a plane. @throws AlteredError */
export async function findReviewOf(
  database: Database,
  plane: string,
  exchange: string,
): Promise<ReviewDocument | undefined> {
  return reviews.read(database, await reviews.findOne(database, { plane, exchange }));
}

/** Completes a review as it was read in this transaction. Returns it as it is now; undefined when it is not pending. */
export async function completeReview(
  database: Database,
  session: ClientSession,
  document: ReviewDocument,
  fields: Pick<ReviewDocument, 'verdict' | 'reason' | 'reasonKey' | 'completedBy' | 'completeTime'>,
): Promise<ReviewDocument | undefined> {
  if (document.state !== 'PENDING') return undefined;
  const completed: ReviewDocument = { ...document, ...fields, state: 'COMPLETED' };
  await reviews.replace(database, session, completed);
  await strike(database, session, 'reviews', [document._id]);
  return completed;
}

/** Destroys why reviewers found so of these exchanges: it may be of a patient. What they found stays; the record commits to why. */
export async function eraseReasons(
  database: Database,
  session: ClientSession,
  exchanges: readonly { readonly _id: string; readonly plane: string }[],
): Promise<void> {
  const isOne = exchanges.map(({ _id: exchange, plane }) => ({ plane, exchange }));
  const found = await reviews.find(database, { $or: isOne, state: 'COMPLETED' }, { session });
  const unset = ['reason', 'reasonKey'] as const;
  for (const document of found) await reviews.change(database, session, document, { set: {}, unset });
}

/** Names of PENDING reviews whose time is over and that raised no alarm yet, those first that are overdue longest. */
export async function listUnalarmed(database: Database, now: Date, limit: number): Promise<string[]> {
  const found = await reviews
    .of(database)
    .find({ state: 'PENDING', dueTime: { $lte: now }, alarmTime: { $exists: false } })
    .project<{ _id: string }>({ _id: 1 })
    .sort({ dueTime: 1 })
    .limit(limit)
    .toArray();
  return found.map(({ _id }) => _id);
}

/** Notes that an overdue review raised its alarm. Returns it; undefined when it had, is not pending any more, or is altered. */
export async function markAlarmed(
  database: Database,
  session: ClientSession,
  name: string,
  alarmTime: Date,
): Promise<ReviewDocument | undefined> {
  const filter: Filter<ReviewDocument> = { _id: name, state: 'PENDING', alarmTime: { $exists: false } };
  const { matchedCount } = await reviews.of(database).updateOne(filter, { $set: { alarmTime } }, { session });
  if (matchedCount === 0) return undefined;
  return reviews.keep(database, await reviews.find(database, { _id: name }, { session }))[0];
}

/** Reviews as they stand, newest first, after a position. @param overdueAt only those that are pending and due by then */
export async function listReviews(
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
  const found = await reviews.find(database, filter, { sort: { createTime: -1, _id: -1 }, limit });
  reviews.keep(database, found);
  return found;
}
