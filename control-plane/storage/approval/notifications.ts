import type { Collection, Filter, UpdateFilter } from 'mongodb';
import type { ClientSession, Database } from '../database.ts';
import { beyond, type Position } from '../keyset.ts';
import { PLAIN_TYPES } from '../plain-types.ts';

/** Where a notification stands; sworn.notification.v1.NotificationState by name. */
export type NotificationState = 'PENDING' | 'DELIVERED' | 'DEAD';

/** What may be told of what happened: nothing of prompts and answers, and no words of callers. */
export interface Facts {
  readonly policy?: string;
  readonly rule?: string;
  /** Groups. */
  readonly reviewers?: readonly string[];
  readonly findings?: readonly { readonly entity: string; readonly count: number }[];
  /** Until when somebody has to do something. */
  readonly dueTime?: Date;
  /** `approved`, `denied`, `justified`, `unjustified`, `applied`, `rejected`, `withdrawn`, `expired`. */
  readonly outcome?: string;
}

/** A notification as it is stored. */
export interface NotificationDocument {
  /** `notifications/{id}`. */
  readonly _id: string;
  readonly notifier: string;
  /** An address; empty where the notifier has one receiver. */
  readonly recipient: string;
  readonly event: string;
  readonly resource: string;
  readonly facts: Facts;
  readonly state: NotificationState;
  /** Attempts that were begun. */
  readonly attempts: number;
  /** When it was to be sent first, where others may go with it. */
  readonly sendTime?: Date;
  /** `notifications/{id}` in whose message it is told. */
  readonly toldBy?: string;
  /** How many its message tells of, from the first attempt that could send it: the same at each further one. */
  readonly gathered?: number;
  /** Of the attempt that runs, until it ends or its lease does. */
  readonly claim?: string;
  readonly lastError?: string;
  readonly createTime: Date;
  /** While an attempt runs, the end of its lease. */
  readonly nextAttemptTime: Date;
  readonly doneTime?: Date;
  /** When MongoDB may remove it. */
  readonly expireTime?: Date;
}

/** Stores new notifications. */
export async function insertNotifications(
  database: Database,
  session: ClientSession,
  documents: readonly NotificationDocument[],
): Promise<void> {
  if (documents.length > 0) await notifications(database).insertMany([...documents], { session });
}

/**
 * Takes the PENDING notification that is due longest, for one attempt: nobody else takes it before `leaseEnd`.
 * @param busy notifiers that are left out
 */
export async function claimNotification(
  database: Database,
  claim: string,
  now: Date,
  leaseEnd: Date,
  busy: readonly string[],
): Promise<NotificationDocument | undefined> {
  const filter: Filter<NotificationDocument> = {
    state: 'PENDING',
    nextAttemptTime: { $lte: now },
    toldBy: { $exists: false },
    ...(busy.length > 0 && { notifier: { $nin: [...busy] } }),
  };
  const update = { $set: { claim, nextAttemptTime: leaseEnd }, $inc: { attempts: 1 } };
  const options = { sort: { nextAttemptTime: 1 }, returnDocument: 'after' } as const;
  return (await notifications(database).findOneAndUpdate(filter, update, options)) ?? undefined;
}

/** The newest of the same notifier, receiver and event that was made after a time. */
export async function findLastNotification(
  database: Database,
  session: ClientSession,
  { notifier, recipient, event }: NotificationDocument,
  since: Date,
): Promise<NotificationDocument | undefined> {
  const filter = { notifier, recipient, event, createTime: { $gt: since } };
  const options = { session, sort: { createTime: -1, _id: -1 } } as const;
  return (await notifications(database).findOne(filter, options)) ?? undefined;
}

/**
 * Has a notification that was claimed tell of all others to its receiver that are due as well and that nobody has tried yet. What
 * it tells of stays the same from then on: its id does, by which receivers know what they have had. Undefined when another
 * attempt has begun meanwhile.
 */
export async function gatherNotifications(
  database: Database,
  claimed: NotificationDocument,
  now: Date,
): Promise<NotificationDocument | undefined> {
  const { _id, claim, notifier, recipient, event, nextAttemptTime } = claimed;
  if (claim === undefined || claimed.sendTime === undefined || claimed.gathered !== undefined) return claimed;
  const free = { _id: { $ne: _id }, toldBy: { $exists: false }, claim: { $exists: false }, attempts: 0 };
  await notifications(database).updateMany(
    { ...free, notifier, recipient, event, state: 'PENDING', sendTime: { $lte: now } },
    { $set: { toldBy: _id, nextAttemptTime } },
  );
  // Those too that an attempt has gathered which came no further.
  const gathered = 1 + (await notifications(database).countDocuments({ toldBy: _id }));
  const noted = await notifications(database).updateOne({ _id, claim }, { $set: { gathered } });
  return noted.matchedCount === 1 ? { ...claimed, gathered } : undefined;
}

/** How an attempt ended. */
export type Ending =
  | { readonly state: 'DELIVERED'; readonly doneTime: Date; readonly expireTime: Date }
  | {
      readonly state: 'DEAD';
      readonly doneTime: Date;
      readonly expireTime: Date;
      readonly lastError: string;
    }
  | { readonly state: 'PENDING'; readonly nextAttemptTime: Date; readonly lastError: string };

/** Ends an attempt, for all that its message tells of, unless its lease ended before and another one has begun. */
export async function endAttempt(
  database: Database,
  { _id, claim }: NotificationDocument,
  ending: Ending,
): Promise<boolean> {
  if (claim === undefined) return false;
  const update: UpdateFilter<NotificationDocument> = {
    $set: ending,
    $unset: { claim: '', ...(ending.state === 'DELIVERED' && { lastError: '' }) },
  };
  return await database.transaction(async (session) => {
    const own = { _id, claim, state: 'PENDING' as const };
    const { modifiedCount } = await notifications(database).updateOne(own, update, { session });
    if (modifiedCount === 0) return false;
    await notifications(database).updateMany({ toldBy: _id, state: 'PENDING' }, update, { session });
    return true;
  });
}

/** Gives up what a notifier still had to tell. */
export async function abandonNotifications(
  database: Database,
  session: ClientSession,
  notifier: string,
  ending: Extract<Ending, { state: 'DEAD' }>,
): Promise<void> {
  const update = { $set: ending, $unset: { claim: '' as const } };
  await notifications(database).updateMany({ notifier, state: 'PENDING' }, update, { session });
}

/**
 * Makes a DEAD notification PENDING again, with all its attempts and what its message tells of; undefined when it is not DEAD. One
 * that another one's message was to tell of is told by itself.
 */
export async function reviveNotification(
  database: Database,
  session: ClientSession,
  name: string,
  now: Date,
): Promise<NotificationDocument | undefined> {
  const $set = { state: 'PENDING' as const, attempts: 0, nextAttemptTime: now };
  const $unset = { doneTime: '' as const, expireTime: '' as const };
  const options = { session, returnDocument: 'after' } as const;
  const revived = await notifications(database).findOneAndUpdate(
    { _id: name, state: 'DEAD' },
    { $set, $unset: { ...$unset, toldBy: '' as const } },
    options,
  );
  if (revived === null) return undefined;
  await notifications(database).updateMany({ toldBy: name, state: 'DEAD' }, { $set, $unset }, { session });
  return revived;
}

/** A notification by name. */
export async function findNotification(
  database: Database,
  session: ClientSession,
  name: string,
): Promise<NotificationDocument | undefined> {
  return (await notifications(database).findOne({ _id: name }, { session })) ?? undefined;
}

/** Notifications, newest first, after a position. No states means all states. */
export function listNotifications(
  database: Database,
  states: readonly NotificationState[],
  after: Position | undefined,
  limit: number,
): Promise<NotificationDocument[]> {
  const filter: Filter<NotificationDocument> = {
    $and: [states.length === 0 ? {} : { state: { $in: [...states] } }, beyond('createTime', after, -1)],
  };
  return notifications(database).find(filter).sort({ createTime: -1, _id: -1 }).limit(limit).toArray();
}

function notifications(database: Database): Collection<NotificationDocument> {
  return database.db.collection<NotificationDocument>('notifications', PLAIN_TYPES);
}
