import { type Collection, type Filter, Long } from 'mongodb';
import type { ClientSession, Database } from './database.ts';
import type { ExchangeDocument } from './exchanges.ts';
import { beyond, type Position } from './keyset.ts';
import { PLAIN_TYPES } from './plain-types.ts';

/** A hold as it is stored. */
export interface HoldDocument {
  /** `holds/{id}`. */
  readonly _id: string;
  /** Empty where the scope does not say, as the next two. */
  readonly session: string;
  readonly exchange: string;
  /** Subject or e-mail. */
  readonly caller: string;
  /** `caller` in lower case. */
  readonly callerKey: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly reason: string;
  /** A serialised sworn.identity.v1.Caller. */
  readonly createdBy: Uint8Array;
  readonly createTime: Date;
  /** A serialised sworn.identity.v1.Caller. */
  readonly releasedBy?: Uint8Array;
  readonly releaseTime?: Date;
  readonly releaseReason?: string;
}

/** What is written when a hold ends. */
export type Release = Required<Pick<HoldDocument, 'releasedBy' | 'releaseTime' | 'releaseReason'>>;

/**
 * Takes the turn that placing a hold and erasing share, in the transaction that does so: of two at once, one starts again
 * and sees what the other did.
 */
export async function takeHoldTurn(database: Database, session: ClientSession): Promise<void> {
  await database.db
    .collection<{ _id: string; turn: bigint }>('holdTurns')
    .updateOne({ _id: 'turn' }, { $inc: { turn: Long.ONE as never } }, { session, upsert: true });
}

/** Stores a new hold. */
export async function insertHold(
  database: Database,
  session: ClientSession,
  document: HoldDocument,
): Promise<void> {
  await holds(database).insertOne(document, { session });
}

/** A hold by name; undefined when there is none. */
export async function findHold(
  database: Database,
  session: ClientSession,
  name: string,
): Promise<HoldDocument | undefined> {
  return (await holds(database).findOne({ _id: name }, { session })) ?? undefined;
}

/** Ends a hold, in the transaction in which it was read. */
export async function releaseHold(
  database: Database,
  session: ClientSession,
  name: string,
  release: Release,
): Promise<void> {
  await holds(database).updateOne({ _id: name }, { $set: release }, { session });
}

/** Holds, newest first, after a position. */
export function listHolds(
  database: Database,
  isWithReleased: boolean,
  after: Position | undefined,
  limit: number,
): Promise<HoldDocument[]> {
  const filter: Filter<HoldDocument> = {
    $and: [isWithReleased ? {} : { releaseTime: { $exists: false } }, beyond('createTime', after, -1)],
  };
  return holds(database).find(filter).sort({ createTime: -1, _id: -1 }).limit(limit).toArray();
}

/** The names of holds that keep this exchange, at most `limit`. */
export async function findHoldsOn(
  database: Database,
  session: ClientSession | undefined,
  exchange: ExchangeDocument,
  limit: number,
): Promise<string[]> {
  const { _id, sessions, subject, email, startTime } = exchange;
  const filter: Filter<HoldDocument> = {
    releaseTime: { $exists: false },
    exchange: { $in: ['', _id] },
    session: { $in: ['', ...sessions] },
    $and: [
      { $or: [{ caller: { $in: ['', subject] } }, { callerKey: { $in: ['', email] } }] },
      { $or: [{ since: { $exists: false } }, { since: { $lte: startTime } }] },
      { $or: [{ until: { $exists: false } }, { until: { $gt: startTime } }] },
    ],
  };
  const found = await holds(database)
    .find(filter, { ...(session && { session }) })
    .project<{ _id: string }>({ _id: 1 })
    .limit(limit)
    .toArray();
  return found.map((document) => document._id);
}

function holds(database: Database): Collection<HoldDocument> {
  return database.db.collection<HoldDocument>('holds', PLAIN_TYPES);
}
