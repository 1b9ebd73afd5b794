import type { Collection, Filter } from 'mongodb';
import type { ClientSession, Database } from './database.ts';
import { beyond, type Position } from './keyset.ts';
import { PLAIN_TYPES } from './plain-types.ts';

/** A grant as it is stored. */
export interface GrantDocument {
  /** `grants/{id}`. */
  readonly _id: string;
  /** A serialised sworn.identity.v1.Caller. */
  readonly caller: Uint8Array;
  readonly policy: string;
  readonly rule: string;
  /** Of what the policy said then: a grant does not outlive a change of it. */
  readonly policyDigest: Uint8Array;
  /** Groups of those who may revoke it, beside admins. */
  readonly reviewers: readonly string[];
  readonly approval: string;
  /** A serialised sworn.identity.v1.Caller. */
  readonly createdBy: Uint8Array;
  readonly createTime: Date;
  readonly expireTime: Date;
}

/** Stores a new grant. */
export async function insertGrant(
  database: Database,
  session: ClientSession,
  document: GrantDocument,
): Promise<void> {
  await grants(database).insertOne(document, { session });
}

/** A grant by name; undefined when there is none. */
export async function findGrant(
  database: Database,
  session: ClientSession,
  name: string,
): Promise<GrantDocument | undefined> {
  return (await grants(database).findOne({ _id: name }, { session })) ?? undefined;
}

/** Removes a grant. */
export async function deleteGrant(database: Database, session: ClientSession, name: string): Promise<void> {
  await grants(database).deleteOne({ _id: name }, { session });
}

/** Those in force, newest first, after a position; with groups, those that these may revoke. */
export function listGrants(
  database: Database,
  groups: readonly string[] | undefined,
  now: Date,
  after: Position | undefined,
  limit: number,
): Promise<GrantDocument[]> {
  const filter: Filter<GrantDocument> = {
    $and: [
      { expireTime: { $gt: now } },
      groups === undefined ? {} : { reviewers: { $in: [...groups] } },
      beyond('createTime', after, -1),
    ],
  };
  return grants(database).find(filter).sort({ createTime: -1, _id: -1 }).limit(limit).toArray();
}

/** All that end after this time, by name, as the session sees them. */
export function listAllGrants(
  database: Database,
  session: ClientSession,
  time: Date,
): Promise<GrantDocument[]> {
  return grants(database)
    .find({ expireTime: { $gt: time } }, { session })
    .sort({ _id: 1 })
    .toArray();
}

function grants(database: Database): Collection<GrantDocument> {
  return database.db.collection<GrantDocument>('grants', PLAIN_TYPES);
}
