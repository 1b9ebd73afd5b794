import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replaceFile } from '../../program/replace-file.ts';
import { temporaryDirectory } from '../data-plane/spool/env.ts';

test('replacements of one file at the same time leave one of them, whole, and nothing beside it', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'state');
  const contents = Array.from({ length: 16 }, (_, index) => `${index}`.repeat(1_000 * (16 - index)));
  await Promise.all(contents.map((content) => replaceFile(path, content)));
  expect(contents).toContain(await readFile(path, 'utf8'));
  expect(await readdir(directory)).toEqual(['state']);
});
