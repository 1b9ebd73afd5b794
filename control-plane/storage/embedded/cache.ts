import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, open, rename, rm, stat, unlink, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDirectory } from '../../../program/cache-directory.ts';

const LOCK_REFRESH_MS = 2_000;
/** A lock that was not refreshed for this long belongs to a process that is gone. */
const LOCK_STALE_MS = 10_000;
const LOCK_POLL_MS = 200;

/** Where the cached mongod is, or would be. */
export function cachedMongodPath(env: NodeJS.ProcessEnv): string {
  return join(cacheDirectory(env), 'mongod', process.platform === 'win32' ? 'mongod.exe' : 'mongod');
}

/**
 * Lets `make` put a mongod into a directory of its own and moves it into the cache in one step: the cache never has
 * half a file, and when several processes do this at once, the last one wins with the same program.
 *
 * @param make Gets the directory; returns the path of the program in it.
 * @returns The path in the cache.
 */
export async function installMongod(
  env: NodeJS.ProcessEnv,
  make: (directory: string) => Promise<string>,
): Promise<string> {
  const target = cachedMongodPath(env);
  const cache = resolve(target, '..');
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(join(cache, 'incoming-'));
  try {
    const made = await make(directory);
    await chmod(made, 0o755);
    const file = await open(made, 'r+');
    await file.sync().finally(() => file.close());
    await rename(made, target);
    return target;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Runs `run` while no other process of this cache does; waits for its turn. A courtesy that saves a second download,
 * not a guarantee: a process that stops for long may lose its turn, and `installMongod` is safe without it.
 */
export async function withCacheLock<T>(env: NodeJS.ProcessEnv, run: () => Promise<T>): Promise<T> {
  const cache = resolve(cachedMongodPath(env), '..');
  await mkdir(cache, { recursive: true });
  const lock = join(cache, 'lock');
  await takeLock(lock);
  const refresh = setInterval(() => {
    const now = new Date();
    utimes(lock, now, now).catch(() => undefined);
  }, LOCK_REFRESH_MS);
  try {
    return await run();
  } finally {
    clearInterval(refresh);
    await unlink(lock).catch(() => undefined);
  }
}

async function takeLock(lock: string): Promise<void> {
  for (;;) {
    try {
      const file = await open(lock, 'wx');
      await file.close();
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const age = await stat(lock).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > LOCK_STALE_MS) await removeStale(lock);
    else await sleep(LOCK_POLL_MS);
  }
}

/** Renamed before it is removed, so that of two processes that find it stale only one removes it. */
async function removeStale(lock: string): Promise<void> {
  const aside = `${lock}.${randomBytes(4).toString('hex')}`;
  await rename(lock, aside).catch(() => undefined);
  await rm(aside, { force: true });
}
