import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockState } from '../../program/state-lock.ts';

test.skipIf(process.platform !== 'linux')(
  'a state directory is of one process at a time, by whatever path (skipped where it is not Linux)',
  async () => {
    const root = await mkdtemp(join(tmpdir(), 'sworn-lock-'));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    const directory = join(root, 'state');
    const lock = await lockState(directory, 'data plane');
    await symlink(directory, join(root, 'link'));
    for (const path of [directory, join(root, 'link')])
      await expect(lockState(path, 'data plane')).rejects.toThrow(
        'another data plane runs on the state directory',
      );
    const other = await lockState(join(root, 'other'), 'data plane');
    await lock.release();
    const again = await lockState(directory, 'data plane');
    await Promise.all([again.release(), other.release()]);
  },
);
