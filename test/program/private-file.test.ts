import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createPrivateFile } from '../../program/private-file.ts';

const root = mkdtempSync(join(tmpdir(), 'sworn-private-file-'));
afterAll(() => rmSync(root, { recursive: true }));

/** The files under a folder that this process has open; Linux alone tells. */
function openIn(folder: string): string[] {
  return readdirSync('/proc/self/fd')
    .map((descriptor) => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`);
      } catch {
        return '';
      }
    })
    .filter((path) => path.startsWith(folder));
}

test('a file that is made is for its owner alone, and one that is there stays', async () => {
  const path = join(root, 'made', 'key');
  await createPrivateFile(path, 'first');
  await createPrivateFile(path, 'second');
  expect(await readFile(path, 'utf8')).toBe('first');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(root, 'made'))).toEqual(['key']);
});

test.runIf(process.platform === 'linux')('what cannot be written leaves no file, and none open', async () => {
  const folder = join(root, 'refused');
  await expect(createPrivateFile(join(folder, 'key'), {} as never)).rejects.toThrow();
  expect(readdirSync(folder)).toEqual([]);
  expect(openIn(folder)).toEqual([]);
});
