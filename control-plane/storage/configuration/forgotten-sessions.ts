import { type Collection, Long } from 'mongodb';
import type { ClientSession, Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';

/** Sessions that are kept, the newest ones: every snapshot has them all. */
export const MAX_FORGOTTEN_SESSIONS = 200;

/** A session that planes have to forget. */
export interface ForgottenSessionDocument {
  /** `sessions/{id}`. */
  readonly _id: string;
  /** Of the snapshot that says so first. */
  readonly revision: bigint;
}

/** Notes sessions as forgotten by this revision, and leaves the oldest ones out where there are too many. */
export async function noteForgotten(
  database: Database,
  session: ClientSession,
  names: readonly string[],
  revision: bigint,
): Promise<void> {
  const noted = { revision: Long.fromBigInt(revision) } as never;
  await forgotten(database).bulkWrite(
    names.map((_id) => ({ updateOne: { filter: { _id }, update: { $set: noted }, upsert: true } })),
    { session },
  );
  const [first] = await newest(database, session).skip(MAX_FORGOTTEN_SESSIONS).limit(1).toArray();
  if (first === undefined) return;
  const kept = await newest(database, session).limit(MAX_FORGOTTEN_SESSIONS).toArray();
  await forgotten(database).deleteMany({ _id: { $nin: kept.map(({ _id }) => _id) } }, { session });
}

/** Those that are kept, the newest first. */
export function listForgotten(
  database: Database,
  session: ClientSession,
): Promise<ForgottenSessionDocument[]> {
  return newest(database, session).limit(MAX_FORGOTTEN_SESSIONS).toArray();
}

function newest(database: Database, session: ClientSession) {
  return forgotten(database).find({}, { session }).sort({ revision: -1, _id: 1 });
}

function forgotten(database: Database): Collection<ForgottenSessionDocument> {
  return database.db.collection<ForgottenSessionDocument>('forgottenSessions', PLAIN_TYPES);
}
