import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** State files hold keys, credentials and content: nobody but the program reads them. */
export const PRIVATE_FILE_MODE = 0o600;
export const PRIVATE_FOLDER_MODE = 0o700;

/**
 * Puts `content` in the place of the file, whole or not at all, and durably: temporary file, fsync, rename, fsync of
 * the folder. Rejects with the error of the operating system; the old file then still stands.
 */
export async function replaceFile(path: string, content: Uint8Array | string): Promise<void> {
  // Each attempt has a file of its own: others may be under way here, and in another process, whose number may be the same.
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', PRIVATE_FILE_MODE);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes the names in a folder durable. Where the system cannot open folders (Windows) this does nothing. */
export async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle;
  try {
    folder = await open(path, 'r');
  } catch (error) {
    if (process.platform === 'win32') return;
    throw error;
  }
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
