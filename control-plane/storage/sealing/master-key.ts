import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createPrivateFile, readPrivateFile } from '../../../program/private-file.ts';
import { MASTER_KEY_BYTES } from './seal.ts';

const FILE_NAME = 'master.key';

/**
 * Reads the master key of this state directory; makes it at the first start (32 random bytes, mode 0600).
 * Safe when two processes start at once: both get the one that was there first.
 * Throws when the file has another length or others may read it.
 */
export async function loadMasterKey(stateDirectory: string): Promise<Uint8Array> {
  const path = join(stateDirectory, FILE_NAME);
  const existing = await readKey(path);
  if (existing !== undefined) return existing;
  await createPrivateFile(path, randomBytes(MASTER_KEY_BYTES));
  const created = await readKey(path);
  if (created === undefined) throw new Error(`${path} disappeared while it was made`);
  return created;
}

async function readKey(path: string): Promise<Uint8Array | undefined> {
  const key = await readPrivateFile(path);
  if (key !== undefined && key.length !== MASTER_KEY_BYTES)
    throw new Error(`${path} is not a master key: it has ${key.length} bytes`);
  return key;
}
