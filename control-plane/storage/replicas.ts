import type { ClientSession, Collection, Db } from 'mongodb';

/** A replica that has not said for so long that it runs has ended, or can do nothing until it has looked at its master keys again. */
const ALIVE_MS = 60_000;
/** Who ends does not wait for a store that is away: it is gone by itself a minute later. */
const GONE_TIMEOUT_MS = 1_000;

/** A control plane that runs. */
export interface Replica {
  /** Its process. */
  readonly _id: string;
  /** The name of its machine. */
  readonly host: string;
  /** The ids of the master keys that it has. */
  readonly masterKeys: readonly string[];
  /** The id of the one that it seals with; empty before it has looked for the first time. */
  readonly current: string;
}

/** Says that a replica runs, by the store's clock. */
export async function sayAlive(db: Db, { _id, ...fields }: Replica): Promise<void> {
  await replicas(db).updateOne({ _id }, { $set: fields, $currentDate: { seenTime: true } }, { upsert: true });
}

/** Says that a replica has ended. */
export async function sayGone(db: Db, id: string): Promise<void> {
  await replicas(db).deleteOne({ _id: id }, { timeoutMS: GONE_TIMEOUT_MS });
}

/** Those that run. */
export function listAlive(db: Db, session?: ClientSession): Promise<Replica[]> {
  const isAlive = { $gt: ['$seenTime', { $subtract: ['$$NOW', ALIVE_MS] }] };
  return replicas(db)
    .find({ $expr: isAlive }, { ...(session && { session }) })
    .sort({ _id: 1 })
    .toArray();
}

function replicas(db: Db): Collection<Replica & { readonly seenTime?: Date }> {
  return db.collection('replicas');
}
