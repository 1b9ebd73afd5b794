import type { ClientSession, Database } from './database.ts';

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

const joinTokens = (database: Database) => database.db.collection<JoinTokenDocument>('joinTokens');

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
  await joinTokens(database).insertOne({ _id: sha256, ...rest }, { session });
}

/** Marks a token as used by this plane; undefined when it is unknown, expired, or used by another one. */
export async function useJoinToken(
  database: Database,
  sha256: string,
  plane: string,
  now: Date,
  session: ClientSession,
): Promise<JoinToken | undefined> {
  const document = await joinTokens(database).findOneAndUpdate(
    { _id: sha256, expireTime: { $gt: now }, $or: [{ plane: { $exists: false } }, { plane }] },
    { $set: { plane } },
    { session, returnDocument: 'after' },
  );
  return document === null ? undefined : { displayName: document.displayName };
}

/** The unexpired token, used or not. */
export async function findJoinToken(
  database: Database,
  sha256: string,
  now: Date,
): Promise<JoinToken | undefined> {
  const document = await joinTokens(database).findOne({ _id: sha256, expireTime: { $gt: now } });
  return document === null ? undefined : { displayName: document.displayName };
}
