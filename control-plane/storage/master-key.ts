import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { MASTER_KEY_BYTES } from './seal.ts';

const FILE_NAME = 'master.key';
/** Group may read (secrets mounted by an orchestrator); nothing more, and nobody else anything. */
const FORBIDDEN_MODE = 0o037;

/**
 * Reads the master key of this state directory; makes it at the first start (32 random bytes, mode 0600).
 * Safe when two processes start at once: both get the one that was there first.
 * Throws when the file has another length or others may read it.
 */
export async function loadMasterKey(stateDirectory: string): Promise<Uint8Array> {
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const path = join(stateDirectory, FILE_NAME);
  const existing = await readKey(path);
  if (existing !== undefined) return existing;
  await createKey(path);
  const created = await readKey(path);
  if (created === undefined) throw new Error(`${path} disappeared while it was made`);
  return created;
}

async function readKey(path: string): Promise<Uint8Array | undefined> {
  let key: Uint8Array;
  try {
    key = await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  if (key.length !== MASTER_KEY_BYTES)
    throw new Error(`${path} is not a master key: it has ${key.length} bytes`);
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & FORBIDDEN_MODE) !== 0) {
    throw new Error(`${path} is open to others (mode ${(mode & 0o777).toString(8)}); run: chmod 600 ${path}`);
  }
  return key;
}

/** Writes the key whole and durable under another name first; `link` then fails if somebody else was faster. */
async function createKey(path: string): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(randomBytes(MASTER_KEY_BYTES));
    await file.sync();
    await file.close();
    await link(temporary, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await unlink(temporary);
  }
}
