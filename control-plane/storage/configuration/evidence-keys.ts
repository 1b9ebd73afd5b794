import type { Collection } from 'mongodb';
import type { ClientSession, Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';

/** The public part of an evidence key as it is stored. */
export interface StoredEvidenceKey {
  readonly id: string;
  /** Counts the keys from 1; the highest is in force. */
  readonly ordinal: number;
  /** X25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly createTime: Date;
}

interface EvidenceKeyDocument {
  readonly _id: string;
  readonly ordinal: number;
  readonly publicKey: Uint8Array;
  readonly createTime: Date;
}

const COLLECTION = 'evidenceKeys';

/** `evidenceKeys/{id}`. */
export function evidenceKeyName(id: string): string {
  return `${COLLECTION}/${id}`;
}

/** The keys, newest first, older than the one with the ordinal `before`. */
export async function listEvidenceKeys(
  database: Database,
  limit: number,
  before?: number,
  session?: ClientSession,
): Promise<StoredEvidenceKey[]> {
  const filter = before === undefined ? {} : { ordinal: { $lt: before } };
  const found = await evidenceKeys(database)
    .find(filter, session === undefined ? {} : { session })
    .sort({ ordinal: -1 })
    .limit(limit)
    .toArray();
  return found.map(({ _id, ...rest }) => ({ id: _id.slice(COLLECTION.length + 1), ...rest }));
}

/** The key in force; undefined before the first start. */
export async function findEvidenceKey(
  database: Database,
  session?: ClientSession,
): Promise<StoredEvidenceKey | undefined> {
  const [newest] = await listEvidenceKeys(database, 1, undefined, session);
  return newest;
}

/** Stores a key. Throws a duplicate key error when its ordinal is taken: another replica was first. */
export async function insertEvidenceKey(
  database: Database,
  key: StoredEvidenceKey,
  session: ClientSession,
): Promise<void> {
  const { id, ordinal, publicKey, createTime } = key;
  await evidenceKeys(database).insertOne(
    { _id: evidenceKeyName(id), ordinal, publicKey, createTime },
    { session },
  );
}

function evidenceKeys(database: Database): Collection<EvidenceKeyDocument> {
  return database.db.collection<EvidenceKeyDocument>(COLLECTION, PLAIN_TYPES);
}
