import type { ClientSession, Database } from '../database.ts';
import { sealedCollection } from '../sealing/sealed.ts';

interface JoinTokenDocument {
  readonly _id: string;
  readonly displayName: string;
  readonly createTime: Date;
  readonly expireTime: Date;
  /** The plane that used it. */
  readonly plane?: string;
}

/** A join token that has not expired. */
export interface JoinToken {
  readonly displayName: string;
}

const joinTokens = sealedCollection<JoinTokenDocument>('joinTokens');

/** Stores a join token by the SHA-256 of the token, in hex. */
export async function insertJoinToken(
  database: Database,
  token: {
    readonly sha256: string;
    readonly displayName: string;
    readonly createTime: Date;
    readonly expireTime: Date;
  },
  session: ClientSession,
): Promise<void> {
  const { sha256, ...rest } = token;
  await joinTokens.insert(database, session, { _id: sha256, ...rest });
}

/** Removes the tokens of a display name that are neither used nor expired. @returns how many there were */
export async function removeUnusedJoinTokens(
  database: Database,
  displayName: string,
  now: Date,
  session: ClientSession,
): Promise<number> {
  const filter = { displayName, expireTime: { $gt: now }, plane: { $exists: false } };
  const found = await joinTokens.find(database, filter, { session });
  return joinTokens.removeAll(
    database,
    session,
    found.map(({ _id }) => _id),
  );
}

/** Marks a token as used by this plane; undefined when it is unknown, altered, expired, or used by another one. */
export async function useJoinToken(
  database: Database,
  sha256: string,
  plane: string,
  now: Date,
  session: ClientSession,
): Promise<JoinToken | undefined> {
  const filter = { _id: sha256, expireTime: { $gt: now }, $or: [{ plane: { $exists: false } }, { plane }] };
  const found = await joinTokens.find(database, filter, { session });
  const [document] = joinTokens.keep(database, found);
  return document && (await joinTokens.change(database, session, document, { set: { plane } }));
}

/** The unexpired token, used or not; undefined when there is none, or it was altered. */
export async function findJoinToken(
  database: Database,
  sha256: string,
  now: Date,
): Promise<JoinToken | undefined> {
  const found = await joinTokens.find(database, { _id: sha256, expireTime: { $gt: now } });
  return joinTokens.keep(database, found)[0];
}
