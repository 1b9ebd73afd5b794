import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockState, startLocked } from '../../program/state-lock.ts';

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

test.skipIf(process.platform !== 'linux')(
  'a directory is free again when what runs on it is closed, or could not be started (skipped where it is not Linux)',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sworn-lock-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const start = (begin: () => Promise<{ close(): Promise<void> }>) =>
      startLocked(directory, 'witness', begin);
    await expect(start(() => Promise.reject(new Error('no port')))).rejects.toThrow('no port');
    const running = await start(async () => ({ close: async () => {} }));
    await expect(start(async () => ({ close: async () => {} }))).rejects.toThrow('another witness runs');
    await running.close();
    await (await start(async () => ({ close: () => Promise.reject(new Error('lost')) })))
      .close()
      .catch(() => undefined);
    await (await lockState(directory, 'witness')).release();
  },
);
