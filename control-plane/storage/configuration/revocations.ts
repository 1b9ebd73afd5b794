import type { Filter } from 'mongodb';
import type { ClientSession, Database } from '../database.ts';
import { beyond, type Position } from '../keyset.ts';
import { readActed } from '../record/records.ts';
import type { RosterMemory } from '../roster/roster-memory.ts';
import { sealedCollection } from '../sealing/sealed.ts';

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

const revocations = sealedCollection<RevocationDocument>('revocations');

/** Stores a new revocation. */
export async function insertRevocation(
  database: Database,
  session: ClientSession,
  document: RevocationDocument,
): Promise<void> {
  await revocations.insert(database, session, document);
}

/** Removes a revocation; false when there is none of this name. */
export function deleteRevocation(database: Database, session: ClientSession, name: string): Promise<boolean> {
  return revocations.remove(database, session, name);
}

/** Removes those that have ended by themselves: not those whose end somebody wrote into the store. */
export async function deleteEndedRevocations(
  database: Database,
  session: ClientSession,
  now: Date,
): Promise<void> {
  const found = await revocations.find(database, { expireTime: { $lte: now } }, { session });
  const ended = revocations.keep(database, found).map(({ _id }) => _id);
  await revocations.removeAll(database, session, ended);
}

/** How many are stored, counted up to `limit`. */
export function countRevocations(database: Database, session: ClientSession, limit: number): Promise<number> {
  return revocations.of(database).countDocuments({}, { session, limit });
}

/** Those that have not ended, newest first, after a position. @throws AlteredError */
export async function listRevocations(
  database: Database,
  now: Date,
  after: Position | undefined,
  limit: number,
): Promise<RevocationDocument[]> {
  const filter: Filter<RevocationDocument> = { $and: [inForce(now), beyond('createTime', after, -1)] };
  const order = { createTime: -1, _id: -1 } as const;
  const found = await revocations.find(database, filter, { sort: order, limit });
  return revocations.readAll(database, found);
}

/** The sessions that are revoked. */
export async function listRevokedSessions(database: Database, session: ClientSession): Promise<string[]> {
  return await revocations.of(database).distinct('session', { session: { $ne: '' } }, { session });
}

/**
 * What was there when all were last read, by database: this process goes by it where somebody takes one out. Another that starts
 * meanwhile cannot.
 */
const LAST = new WeakMap<RosterMemory, readonly RevocationDocument[]>();

/** All that are stored, by name, as the session sees them. @throws AlteredError where one is altered, is gone or is back */
export async function listAllRevocations(
  database: Database,
  session: ClientSession,
): Promise<RevocationDocument[]> {
  const documents = await revocations.whole(database, session, 'refuse');
  LAST.set(database.memory, documents);
  return documents;
}

/**
 * Whether a revocation in force concerns this token, whatever session it is used in. One that was altered is in force for whom it
 * names now, whatever end it has; and one that this process has seen for whom it named then, until a record says that it was ended.
 */
export async function isRevoked(database: Database, token: TokenFacts, now: Date): Promise<boolean> {
  const { issuer, subject, email, client, tokenId } = token;
  const filter: Filter<RevocationDocument> = {
    issuer: { $in: ['', issuer] },
    subject: { $in: ['', subject] },
    emailKey: { $in: ['', email.toLowerCase()] },
    client: { $in: ['', client] },
    tokenId: { $in: ['', tokenId] },
    session: '',
  };
  const found = await revocations.find(database, filter);
  const whole = revocations.keep(database, found);
  const hasEnded = ({ expireTime }: RevocationDocument) => expireTime !== undefined && expireTime <= now;
  if (found.length > whole.length || !whole.every(hasEnded)) return true;
  const there = new Set(found.map(({ _id }) => _id));
  const missed = (LAST.get(database.memory) ?? [])
    .filter((document) => !there.has(document._id) && !hasEnded(document) && concerns(document, token))
    .map(({ _id }) => _id);
  return (
    missed.length > 0 &&
    (await readActed(database, undefined, ['revocation.delete'], missed)).size < missed.length
  );
}

/** The same as the query above. */
function concerns(document: RevocationDocument, token: TokenFacts): boolean {
  const { issuer, subject, email, client, tokenId } = token;
  return (
    ['', issuer].includes(document.issuer) &&
    ['', subject].includes(document.subject) &&
    ['', email.toLowerCase()].includes(document.emailKey) &&
    ['', client].includes(document.client) &&
    ['', tokenId].includes(document.tokenId) &&
    document.session === ''
  );
}

function inForce(now: Date): Filter<RevocationDocument> {
  return { $or: [{ expireTime: { $exists: false } }, { expireTime: { $gt: now } }] };
}
