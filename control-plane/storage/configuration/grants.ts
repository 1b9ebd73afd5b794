import type { Filter } from 'mongodb';
import type { ClientSession, Database } from '../database.ts';
import { beyond, type Position } from '../keyset.ts';
import { sealedCollection } from '../sealing/sealed.ts';

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

const grants = sealedCollection<GrantDocument>('grants');

/** Stores a new grant. */
export async function insertGrant(
  database: Database,
  session: ClientSession,
  document: GrantDocument,
): Promise<void> {
  await grants.insert(database, session, document);
}

/** A grant by name; undefined when there is none. @throws AlteredError */
export async function findGrant(
  database: Database,
  session: ClientSession,
  name: string,
): Promise<GrantDocument | undefined> {
  return grants.read(database, await grants.findOne(database, { _id: name }, { session }));
}

/** Removes a grant. */
export async function deleteGrant(database: Database, session: ClientSession, name: string): Promise<void> {
  await grants.remove(database, session, name);
}

/** Those in force, newest first, after a position; with groups, those that these may revoke. @throws AlteredError */
export async function listGrants(
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
  const found = await grants.find(database, filter, { sort: { createTime: -1, _id: -1 }, limit });
  return grants.readAll(database, found);
}

/** All that end after this time, by name, as the session sees them; one that was altered grants nothing. */
export async function listAllGrants(
  database: Database,
  session: ClientSession,
  time: Date,
): Promise<GrantDocument[]> {
  const found = await grants.find(database, { expireTime: { $gt: time } }, { session, sort: { _id: 1 } });
  return grants.keep(database, found);
}
