import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHome, type Home } from './env/sworn.ts';

const PERMISSIONS = 0o777;
const EVERYBODY = 0o777;

let home: Home;
beforeEach(() => {
  home = createHome();
});
afterEach(() => home.remove());

/** Starts and ends, with its caches and temporary files in its home. */
async function start(): Promise<string> {
  const env = { TMPDIR: home.path, SWORN_CACHE_DIR: join(home.path, 'cache') };
  const { exitCode, stdout } = await home.run(['--version'], { env });
  expect(exitCode).toBe(0);
  return stdout;
}

test('what is compiled is kept where nobody else can write, and nowhere else', async () => {
  await start();
  const compiled = join(home.path, 'cache/compiled');
  expect((await stat(compiled)).mode & PERMISSIONS).toBe(0o700);
  expect(await readdir(compiled)).not.toEqual([]);
  expect(await readdir(home.path)).toEqual(['cache']);
});

test('a place where others can write is not used', async () => {
  const compiled = join(home.path, 'cache/compiled');
  await mkdir(compiled, { recursive: true });
  await chmod(compiled, EVERYBODY);
  expect(await start()).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await readdir(compiled)).toEqual([]);
});
