import type { Collection } from 'mongodb';
import { conform } from '../conform.ts';
import type { ClientSession, Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import { alarmsSchema } from '../schema/alarms.ts';
import type { Head, WriterEpoch } from './writers.ts';

/** Two things that a plane said about its records; `stored` came first. */
export interface StoredAlarm extends WriterEpoch {
  readonly stored: Head;
  readonly offered: Head;
  readonly time: Date;
}

type AlarmDocument = StoredAlarm & { readonly _id: string };

const asAlarm = conform<StoredAlarm>(alarmsSchema);

/** How many alarms a plane has, counted up to `limit`. */
export function countAlarms(database: Database, plane: string, limit: number): Promise<number> {
  return alarms(database).countDocuments({ plane }, { limit });
}

/** Stores a contradiction, in the transaction that records it. Fails as a duplicate when it is known. */
export async function insertAlarm(
  database: Database,
  alarm: StoredAlarm,
  session: ClientSession,
): Promise<void> {
  await alarms(database).insertOne({ _id: nameOf(alarm), ...alarm }, { session });
}

/** Alarms seen at or after `since`, oldest first. */
export async function listAlarms(
  database: Database,
  filter: { readonly plane: string | undefined; readonly since: Date | undefined },
  limit: number,
): Promise<StoredAlarm[]> {
  const query = {
    ...(filter.plane === undefined ? {} : { plane: filter.plane }),
    ...(filter.since === undefined ? {} : { time: { $gte: filter.since } }),
  };
  const found = alarms(database).find(query).sort({ time: 1, _id: 1 }).limit(limit);
  return (await found.toArray()).map(asAlarm);
}

function nameOf({ plane, epoch, offered }: Omit<StoredAlarm, 'time'>): string {
  const digest = Buffer.from(offered.digest).toString('hex');
  return `${plane}/epochs/${epoch}/records/${offered.seq}/${digest}`;
}

function alarms(database: Database): Collection<AlarmDocument> {
  return database.db.collection<AlarmDocument>('alarms', PLAIN_TYPES);
}
