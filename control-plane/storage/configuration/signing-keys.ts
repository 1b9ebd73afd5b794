import { Binary } from 'mongodb';
import { type Database, isDuplicateKey } from '../database.ts';

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

/** What a key signs. */
export type SigningKeyUse = 'snapshot' | 'receipt';

const signingKeys = (database: Database) => database.db.collection<SigningKeyDocument>('signingKeys');

/** The key of this use, once there is one. */
export async function findSigningKey(
  database: Database,
  use: SigningKeyUse,
): Promise<SealedSigningKey | undefined> {
  const document = await signingKeys(database).findOne({ _id: use });
  if (document === null) return undefined;
  return { publicKey: document.publicKey.value(), sealedPrivateKey: document.sealedPrivateKey.value() };
}

/** Stores the key of this use; false when another replica was first, whose key it is then. */
export async function insertSigningKey(
  database: Database,
  use: SigningKeyUse,
  key: SealedSigningKey,
  createTime: Date,
): Promise<boolean> {
  try {
    await signingKeys(database).insertOne({
      _id: use,
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
