import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Context } from '../context.ts';
import {
  findSigningKey,
  insertSigningKey,
  type SealedSigningKey,
  type SigningKeyUse,
} from '../storage/configuration/signing-keys.ts';

/** Of the SubjectPublicKeyInfo of an Ed25519 key; the 32 bytes of the key follow (RFC 8410). */
const SPKI_PREFIX_BYTES = 12;

/** A key that all replicas sign with. */
export interface SigningKey {
  /** Ed25519, 32 bytes; planes learn that of snapshots when they join, that of receipts by the snapshot. */
  readonly publicKey: Uint8Array;
  /** Signs by Ed25519 (RFC 8032), 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

/**
 * Loads the key that signs snapshots, or receipts. The first replica makes it; it lies sealed in the store, so that
 * all replicas sign with the same one.
 * @throws SealError when this replica has another master key than the one that made it
 */
export async function loadSigningKey(context: Context, use: SigningKeyUse): Promise<SigningKey> {
  const sealed = (await findSigningKey(context.database, use)) ?? (await makeKey(context, use));
  const der = Buffer.from(context.seal.open(sealed.sealedPrivateKey, signingKeyContext(use)));
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return { publicKey: sealed.publicKey, sign: (bytes) => sign(null, bytes, privateKey) };
}

/**
 * Checks that this replica has the master key of the database, where something is sealed with it yet.
 * @throws SealError when it is another one
 */
export async function checkMasterKey({ database, seal }: Context): Promise<void> {
  const sealed = await findSigningKey(database, 'snapshot');
  if (sealed !== undefined) seal.open(sealed.sealedPrivateKey, signingKeyContext('snapshot'));
}

async function makeKey(context: Context, use: SigningKeyUse): Promise<SealedSigningKey> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = {
    publicKey: rawPublicKey(publicKey),
    sealedPrivateKey: context.seal.seal(
      privateKey.export({ format: 'der', type: 'pkcs8' }),
      signingKeyContext(use),
    ),
  };
  if (await insertSigningKey(context.database, use, key, context.now())) return key;
  const first = await findSigningKey(context.database, use);
  if (first === undefined) throw new Error(`the ${use} key of another replica is gone`);
  return first;
}

/** What the private part of a key is sealed as. */
export function signingKeyContext(use: string): string {
  return `signingKeys/${use} private key`;
}

function rawPublicKey(key: KeyObject): Uint8Array {
  return key.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX_BYTES);
}
