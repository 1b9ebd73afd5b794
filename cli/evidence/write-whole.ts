import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../../program/replace-file.ts';

/** An export holds what people asked: nobody else on this machine may read it. */
const FILE_MODE = 0o600;

/** Writes the lines beside the file, then puts them in its place: a broken export leaves no file that looks whole. */
export async function writeWhole(path: string, lines: AsyncIterable<string>): Promise<number> {
  const partial = `${path}.partial`;
  await rm(partial, { force: true });
  const file = await open(partial, 'wx', FILE_MODE);
  let count = 0;
  try {
    for await (const line of lines) {
      await file.appendFile(line);
      count += 1;
    }
    await file.sync();
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await syncFolder(dirname(path));
  return count;
}
