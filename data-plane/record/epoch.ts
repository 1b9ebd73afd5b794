import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../program/replace-file.ts';

const FILE = 'epoch';

/** Whether a plane has ever recorded in this state directory. */
export function hasEpochs(stateDirectory: string): boolean {
  return existsSync(join(stateDirectory, FILE));
}

/**
 * Takes the next epoch of this plane: one more than the last one taken here, and more than `atLeast`. It is
 * on disk before it is returned, so that no two starts ever share one. Rejects with the system's error.
 */
export async function takeEpoch(stateDirectory: string, atLeast: number): Promise<number> {
  const path = join(stateDirectory, FILE);
  let last = 0;
  try {
    last = Number.parseInt(await readFile(path, 'utf8'), 10);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const epoch = Math.max(Number.isSafeInteger(last) ? last : 0, atLeast) + 1;
  await replaceFile(path, `${epoch}\n`);
  return epoch;
}
