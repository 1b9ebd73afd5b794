import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Sworn's own cache: SWORN_CACHE_DIR, else `sworn` under XDG_CACHE_HOME, else `~/.cache/sworn`. */
export function cacheDirectory(env: NodeJS.ProcessEnv): string {
  if (env['SWORN_CACHE_DIR']) return resolve(env['SWORN_CACHE_DIR']);
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sworn');
}
