import { randomBytes } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createPrivateFile, listFiles, readPrivateFile } from '../../../program/private-file.ts';
import { createMasterKey, MASTER_KEY_BYTES, type MasterKey } from './key.ts';

/** The first master key of a deployment; what it makes names no key. */
const FILE_NAME = 'master.key';
/** Those that came after it, each in a file that is named by its id. */
const FOLDER = 'master-keys';
const SUFFIX = '.key';
const ID = /^[0-9a-f]{16}$/;

/** The files of a state directory that have master keys. */
export interface MasterKeyFiles {
  /** The key of `master.key`; undefined where there is none. */
  first(): Promise<MasterKey | undefined>;
  /** The key of this id; undefined where it is not here. @throws Error when its file is not the one of that key */
  read(id: string): Promise<MasterKey | undefined>;
  /** The ids of all keys that are here. */
  list(): Promise<string[]>;
  /** Makes a new one (32 random bytes, mode 0600), durably. */
  create(): Promise<MasterKey>;
  /** Removes one that was made, and never used. */
  remove(id: string): Promise<void>;
  /** Where the key of this id is to be. */
  pathOf(id: string): string;
}

/** The files of this state directory. All of these throw when others may read a file, or it is none of a master key. */
export function masterKeyFiles(stateDirectory: string): MasterKeyFiles {
  const folder = join(stateDirectory, FOLDER);
  const pathOf = (id: string): string => join(folder, `${id}${SUFFIX}`);
  const first = async (): Promise<MasterKey | undefined> => {
    const bytes = await readKey(join(stateDirectory, FILE_NAME));
    return bytes && createMasterKey(bytes, true);
  };
  const later = async (): Promise<string[]> => (await listFiles(folder, SUFFIX)).filter((id) => ID.test(id));
  return {
    first,
    async read(id) {
      if (!ID.test(id)) return undefined;
      const bytes = await readKey(pathOf(id));
      if (bytes === undefined) {
        const one = await first();
        return one?.id === id ? one : undefined;
      }
      const key = createMasterKey(bytes, false);
      if (key.id !== id)
        throw new Error(`${pathOf(id)} has another master key, ${key.id}; put the right file in its place`);
      return key;
    },
    async list() {
      const one = await first();
      return [...(one === undefined ? [] : [one.id]), ...(await later()).sort()];
    },
    async create() {
      const bytes = randomBytes(MASTER_KEY_BYTES);
      const key = createMasterKey(bytes, false);
      await createPrivateFile(pathOf(key.id), bytes);
      return key;
    },
    remove: (id) => unlink(pathOf(id)),
    pathOf,
  };
}

/**
 * Reads the first master key of this state directory; makes it at the first start (32 random bytes, mode 0600).
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
