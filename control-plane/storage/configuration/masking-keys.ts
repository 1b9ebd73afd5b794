import { Binary } from 'mongodb';
import { type Database, isDuplicateKey } from '../database.ts';

interface MaskingKeyDocument {
  readonly _id: string;
  readonly sealedKey: Binary;
  readonly createTime: Date;
}

const PLANES_KEY_ID = 'planes';

const maskingKeys = (database: Database) => database.db.collection<MaskingKeyDocument>('maskingKeys');

/** The key that planes mask with, sealed, once there is one. */
export async function findMaskingKey(database: Database): Promise<Uint8Array | undefined> {
  const document = await maskingKeys(database).findOne({ _id: PLANES_KEY_ID });
  return document?.sealedKey.value();
}

/** Stores the key that planes mask with; false when another replica was first, whose key it is then. */
export async function insertMaskingKey(
  database: Database,
  sealedKey: Uint8Array,
  createTime: Date,
): Promise<boolean> {
  try {
    await maskingKeys(database).insertOne({
      _id: PLANES_KEY_ID,
      sealedKey: new Binary(sealedKey),
      createTime,
    });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
