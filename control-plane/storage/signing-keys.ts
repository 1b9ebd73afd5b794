import { Binary } from 'mongodb';
import { type Database, isDuplicateKey } from './database.ts';

interface SigningKeyDocument {
  readonly _id: string;
  readonly publicKey: Binary;
  readonly sealedPrivateKey: Binary;
  readonly createTime: Date;
}

/** A signing key as it is stored. */
export interface SealedSigningKey {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** PKCS #8 DER, sealed. */
  readonly sealedPrivateKey: Uint8Array;
}

const SNAPSHOT_KEY_ID = 'snapshot';

const signingKeys = (database: Database) => database.db.collection<SigningKeyDocument>('signingKeys');

/** The key that signs snapshots, once there is one. */
export async function findSnapshotKey(database: Database): Promise<SealedSigningKey | undefined> {
  const document = await signingKeys(database).findOne({ _id: SNAPSHOT_KEY_ID });
  if (document === null) return undefined;
  return { publicKey: document.publicKey.value(), sealedPrivateKey: document.sealedPrivateKey.value() };
}

/** Stores the key that signs snapshots; false when another replica was first, whose key it is then. */
export async function insertSnapshotKey(
  database: Database,
  key: SealedSigningKey,
  createTime: Date,
): Promise<boolean> {
  try {
    await signingKeys(database).insertOne({
      _id: SNAPSHOT_KEY_ID,
      publicKey: new Binary(key.publicKey),
      sealedPrivateKey: new Binary(key.sealedPrivateKey),
      createTime,
    });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
