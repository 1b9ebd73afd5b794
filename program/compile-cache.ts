import { lstatSync, mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheDirectory } from './cache-directory.ts';

const OTHERS_MAY_WRITE = 0o022;

/**
 * Keeps what V8 compiles for the next start, in Sworn's own cache. Never where others may write, as in Node's default
 * under /tmp: what lies there is run. Without such a directory a program starts as well, slower.
 */
export function keepCompiled(env: NodeJS.ProcessEnv): void {
  const directory = join(cacheDirectory(env), 'compiled');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const { mode, uid } = lstatSync(directory);
    const isOurs = process.getuid === undefined || uid === process.getuid();
    if (isOurs && (mode & OTHERS_MAY_WRITE) === 0) enableCompileCache(directory);
  } catch {
    // No home, or a disk that takes nothing.
  }
}
