import { join } from 'node:path';
import type { KMSClient, KMSClientConfig } from '@aws-sdk/client-kms';
import { KEYS_FOLDER } from './key-files.ts';
import { EvidenceKeyError, type KeyProvider } from './provider.ts';
import { createKeyRing } from './ring.ts';

const CONNECT_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 10_000;
const ATTEMPTS = 3;
/** Of the encryption context: KMS decrypts a key's file only as that key's, and its trail names the key. */
const CONTEXT_NAME = 'sworn-evidence-key';

/**
 * Evidence keys in files of the state directory, each encrypted by a symmetric AWS KMS key. KMS agrees on keys
 * (DeriveSharedSecret) on NIST curves and SM2 only, not on X25519: so the X25519 key is made here, KMS encrypts it, and
 * decrypts it once a start; while the program runs it lies in its memory. Who has the files alone opens nothing, and KMS's
 * trail names every start. Files that are not encrypted, from before KMS was used, are read as well.
 *
 * @param kmsKey id, ARN or alias of the key that encrypts new files; old ones name their own. An ARN has the region;
 *   else it is the environment's, as are the credentials and, where it differs, the endpoint (`AWS_ENDPOINT_URL_KMS`)
 */
export function createKmsKeys(stateDirectory: string, kmsKey: string): KeyProvider {
  let client: Promise<KMSClient> | undefined;
  const connect = (): Promise<KMSClient> => {
    client ??= openClient(kmsKey);
    return client;
  };

  return createKeyRing(stateDirectory, `${join(stateDirectory, KEYS_FOLDER)}, encrypted by AWS KMS`, {
    async protect(id, secret) {
      return await ask(id, async () => {
        const { EncryptCommand } = await import('@aws-sdk/client-kms');
        const command = new EncryptCommand({
          KeyId: kmsKey,
          Plaintext: secret,
          EncryptionContext: { [CONTEXT_NAME]: id },
        });
        const { CiphertextBlob, KeyId } = await (await connect()).send(command);
        if (CiphertextBlob === undefined || KeyId === undefined) throw new Error('no ciphertext');
        return { kmsCiphertext: Buffer.from(CiphertextBlob).toString('base64'), kmsKey: KeyId };
      });
    },
    async reveal(id, stored) {
      if ('privateKey' in stored) return Buffer.from(stored.privateKey, 'base64url');
      return await ask(id, async () => {
        const { DecryptCommand } = await import('@aws-sdk/client-kms');
        const command = new DecryptCommand({
          KeyId: stored.kmsKey,
          CiphertextBlob: Buffer.from(stored.kmsCiphertext, 'base64'),
          EncryptionContext: { [CONTEXT_NAME]: id },
        });
        const { Plaintext } = await (await connect()).send(command);
        if (Plaintext === undefined) throw new Error('no plaintext');
        return Plaintext;
      });
    },
  });
}

/** Loaded when it is needed: the SDK costs 0.1 s and some 20 MB that nobody else has to pay. */
async function openClient(kmsKey: string): Promise<KMSClient> {
  const { KMSClient } = await import('@aws-sdk/client-kms');
  const region = /^arn:[^:]+:kms:([a-z0-9-]+):/.exec(kmsKey)?.[1];
  const config: KMSClientConfig = {
    maxAttempts: ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
    ...(region === undefined ? {} : { region }),
  };
  return new KMSClient(config);
}

/** The SDK's words may quote what was sent: only the name of the error is told. */
async function ask<T>(id: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : 'unknown';
    throw new EvidenceKeyError(
      'unavailable',
      id,
      `AWS KMS does not give evidence key ${id} (${name})`,
      cause,
    );
  }
}
