import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../../program/replace-file.ts';
import { fileFailure, usageFailure } from '../failure.ts';

/** An export holds what people asked: nobody else on this machine may read it. */
const FILE_MODE = 0o600;

/**
 * Writes the lines beside the file, then puts them in its place: a broken export leaves no file that looks whole. A usage failure,
 * before the first line is asked for, where no such file can be, or one is there already.
 *
 * @param options.force takes the place of a file that is there
 */
export async function writeWhole(
  path: string,
  lines: AsyncIterable<string>,
  options: { readonly force: boolean },
): Promise<number> {
  const partial = `${path}.partial`;
  const file = await begin(path, partial, options.force);
  let count = 0;
  const write = (writing: Promise<void>) =>
    writing.catch((error: unknown) => {
      throw fileFailure(`write ${path}`, error);
    });
  try {
    for await (const line of lines) {
      await write(file.appendFile(line));
      count += 1;
    }
    await write(file.sync());
    await write(rename(partial, path));
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await syncFolder(dirname(path));
  return count;
}

async function begin(path: string, partial: string, force: boolean): Promise<FileHandle> {
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory() === true) throw fileFailure(`write ${path}`, { code: 'EISDIR' });
  if (there !== undefined && !force) {
    throw usageFailure(`${path} is there already`, 'another name, or --force to write over it');
  }
  try {
    await rm(partial, { force: true });
    return await open(partial, 'wx', FILE_MODE);
  } catch (error) {
    throw fileFailure(`write ${path}`, error);
  }
}
