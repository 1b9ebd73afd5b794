import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PRIVATE_FILE_MODE, PRIVATE_FOLDER_MODE, syncFolder } from './replace-file.ts';

/** Group may read (secrets mounted by an orchestrator); nothing more, and nobody else anything. */
const FORBIDDEN_MODE = 0o037;

/** The bytes of a file with a key; undefined when there is none. Throws when others may read it. */
export async function readPrivateFile(path: string): Promise<Buffer | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & FORBIDDEN_MODE) !== 0) {
    throw new Error(`${path} is open to others (mode ${(mode & 0o777).toString(8)}); run: chmod 600 ${path}`);
  }
  return bytes;
}

/**
 * Makes a file (0600) that has all its bytes, durably, from the moment that it has its name; where there is one of this
 * name already, that one stays.
 */
export async function createPrivateFile(path: string, bytes: Uint8Array | string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER_MODE });
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = await open(temporary, 'wx', PRIVATE_FILE_MODE);
  try {
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(temporary, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await unlink(temporary);
  }
  await syncFolder(folder);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** The names of the files of a folder that end so, without that; none where there is no folder. */
export async function listFiles(folder: string, suffix: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  });
  return names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
}
