import { join } from 'node:path';
import { KEYS_FOLDER } from './key-files.ts';
import { EvidenceKeyError, type KeyProvider } from './provider.ts';
import { createKeyRing } from './ring.ts';

/** Evidence keys in files of the state directory (0600), as they are: good for development, and for encrypted disks. */
export function createFileKeys(stateDirectory: string): KeyProvider {
  return createKeyRing(stateDirectory, join(stateDirectory, KEYS_FOLDER), {
    protect: async (_id, secret) => ({ privateKey: Buffer.from(secret).toString('base64url') }),
    async reveal(id, stored) {
      if ('privateKey' in stored) return Buffer.from(stored.privateKey, 'base64url');
      throw new EvidenceKeyError(
        'unavailable',
        id,
        `the file of evidence key ${id} is encrypted by AWS KMS: set --evidence-kms-key`,
      );
    },
  });
}
