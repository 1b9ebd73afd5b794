import type { ClientSession, Database } from '../database.ts';

interface LoginDocument {
  readonly _id: string;
  readonly createTime: Date;
  readonly expireTime: Date;
}

const logins = (database: Database) => database.db.collection<LoginDocument>('logins');

/** Whether a token, by its SHA-256 in hex, has been used here before. */
export async function hasLogin(database: Database, sha256: string): Promise<boolean> {
  return (await logins(database).findOne({ _id: sha256 })) !== null;
}

/** Notes a token's first use. Fails as a duplicate when it is noted. */
export async function insertLogin(
  database: Database,
  login: { readonly sha256: string; readonly createTime: Date; readonly expireTime: Date },
  session: ClientSession,
): Promise<void> {
  const { sha256, createTime, expireTime } = login;
  await logins(database).insertOne({ _id: sha256, createTime, expireTime }, { session });
}
