import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Context } from '../context.ts';
import { findSnapshotKey, insertSnapshotKey, type SealedSigningKey } from '../storage/signing-keys.ts';

const SEAL_CONTEXT = 'signingKeys/snapshot private key';
/** Of the SubjectPublicKeyInfo of an Ed25519 key; the 32 bytes of the key follow (RFC 8410). */
const SPKI_PREFIX_BYTES = 12;

/** The key that signs snapshots. */
export interface SnapshotKey {
  /** Ed25519, 32 bytes; planes learn it when they join. */
  readonly publicKey: Uint8Array;
  /** Signs by Ed25519 (RFC 8032), 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

/**
 * Loads the key that signs snapshots. The first replica makes it; it lies sealed in the store, so that all
 * replicas sign with the same one.
 * @throws SealError when this replica has another master key than the one that made it
 */
export async function loadSnapshotKey(context: Context): Promise<SnapshotKey> {
  const sealed = (await findSnapshotKey(context.database)) ?? (await makeKey(context));
  const der = Buffer.from(context.seal.open(sealed.sealedPrivateKey, SEAL_CONTEXT));
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return { publicKey: sealed.publicKey, sign: (bytes) => sign(null, bytes, privateKey) };
}

async function makeKey(context: Context): Promise<SealedSigningKey> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = {
    publicKey: rawPublicKey(publicKey),
    sealedPrivateKey: context.seal.seal(privateKey.export({ format: 'der', type: 'pkcs8' }), SEAL_CONTEXT),
  };
  if (await insertSnapshotKey(context.database, key, context.now())) return key;
  const first = await findSnapshotKey(context.database);
  if (first === undefined) throw new Error('the snapshot key of another replica is gone');
  return first;
}

function rawPublicKey(key: KeyObject): Uint8Array {
  return key.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX_BYTES);
}
