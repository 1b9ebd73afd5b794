import type { Collection, Filter } from 'mongodb';
import type { ClientSession, Database } from './database.ts';
import { beyond, type Position } from './keyset.ts';
import { PLAIN_TYPES } from './plain-types.ts';

/** A revocation as it is stored. */
export interface RevocationDocument {
  /** `revocations/{id}`. */
  readonly _id: string;
  /** Empty where the target does not name it, as the next ones. */
  readonly issuer: string;
  readonly subject: string;
  readonly email: string;
  /** `email` in lower case. */
  readonly emailKey: string;
  readonly client: string;
  readonly tokenId: string;
  readonly session: string;
  readonly reason: string;
  /** A serialised sworn.identity.v1.Caller. */
  readonly createdBy: Uint8Array;
  readonly createTime: Date;
  readonly expireTime?: Date;
}

/** Whose token it is; empty where the token does not say. */
export interface TokenFacts {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string;
  readonly client: string;
  readonly tokenId: string;
}

/** Stores a new revocation. */
export async function insertRevocation(
  database: Database,
  session: ClientSession,
  document: RevocationDocument,
): Promise<void> {
  await revocations(database).insertOne(document, { session });
}

/** Removes a revocation; false when there is none of this name. */
export async function deleteRevocation(
  database: Database,
  session: ClientSession,
  name: string,
): Promise<boolean> {
  return (await revocations(database).deleteOne({ _id: name }, { session })).deletedCount === 1;
}

/** Removes those that have ended by themselves. */
export async function deleteEndedRevocations(
  database: Database,
  session: ClientSession,
  now: Date,
): Promise<void> {
  await revocations(database).deleteMany({ expireTime: { $lte: now } }, { session });
}

/** How many are stored, counted up to `limit`. */
export function countRevocations(database: Database, session: ClientSession, limit: number): Promise<number> {
  return revocations(database).countDocuments({}, { session, limit });
}

/** Those that have not ended, newest first, after a position. */
export function listRevocations(
  database: Database,
  now: Date,
  after: Position | undefined,
  limit: number,
): Promise<RevocationDocument[]> {
  const filter: Filter<RevocationDocument> = { $and: [inForce(now), beyond('createTime', after, -1)] };
  return revocations(database).find(filter).sort({ createTime: -1, _id: -1 }).limit(limit).toArray();
}

/** All that are stored, by name, as the session sees them. */
export function listAllRevocations(
  database: Database,
  session: ClientSession,
): Promise<RevocationDocument[]> {
  return revocations(database).find({}, { session }).sort({ _id: 1 }).toArray();
}

/** Whether a revocation in force concerns this token, whatever session it is used in. */
export async function isRevoked(database: Database, token: TokenFacts, now: Date): Promise<boolean> {
  const { issuer, subject, email, client, tokenId } = token;
  const filter: Filter<RevocationDocument> = {
    ...inForce(now),
    issuer: { $in: ['', issuer] },
    subject: { $in: ['', subject] },
    emailKey: { $in: ['', email.toLowerCase()] },
    client: { $in: ['', client] },
    tokenId: { $in: ['', tokenId] },
    session: '',
  };
  return (await revocations(database).findOne(filter, { projection: { _id: 1 } })) !== null;
}

function inForce(now: Date): Filter<RevocationDocument> {
  return { $or: [{ expireTime: { $exists: false } }, { expireTime: { $gt: now } }] };
}

function revocations(database: Database): Collection<RevocationDocument> {
  return database.db.collection<RevocationDocument>('revocations', PLAIN_TYPES);
}
