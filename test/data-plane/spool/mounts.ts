import { execFile } from 'node:child_process';
import { mkdir, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished, type TestContext } from 'vitest';
import { temporaryDirectory } from './env.ts';

const run = promisify(execFile);

/** A small file system in memory, which goes when the test ends; skips the test where mounting is refused. */
export async function mountSmall({ skip }: TestContext, bytes: number): Promise<string> {
  const directory = join(await temporaryDirectory(), 'mounted');
  await mkdir(directory);
  await mountOrSkip(skip, ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'tmpfs', directory]);
  onTestFinished(() => unmount(directory));
  return directory;
}

/** Leaves so many bytes of the file system to others. */
export async function fill(path: string, leave: number): Promise<void> {
  const { bavail, bsize } = await statfs(join(path, '..'));
  try {
    await writeFile(path, Buffer.alloc(Math.max(0, bavail * bsize - leave)));
  } catch (error) {
    // What is under test may have taken some of it since the look: then it is as full as it was to be.
    if (leave > 0 || (error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** A file system of its own in a file, on a disk that can be made to fail. */
export interface LoopDisk {
  readonly directory: string;
  /** Lets the kernel find an error, on which it makes the file system read-only. */
  breakDown(): Promise<void>;
  /** Mounts it again, repaired, which works once nothing has files open on it. */
  repair(): Promise<void>;
}

/**
 * Mounts an ext4 of `bytes` bytes. Its image is sparse on a file system of `backing` bytes: with less than `bytes`, writes
 * fail with EIO once that is full, though there seems to be room. Skips the test where that cannot be had.
 */
export async function mountDisk(context: TestContext, bytes: number, backing: number): Promise<LoopDisk> {
  const under = await mountSmall(context, backing);
  const image = join(under, 'image');
  const directory = join(under, 'disk');
  await mkdir(directory);
  await writeFile(image, '');
  const skip = (error: unknown): never => context.skip(`no disk can be made here: ${String(error)}`);
  await run('truncate', ['-s', String(bytes), image]).catch(skip);
  await run('mkfs.ext4', ['-q', '-E', 'nodiscard', '-O', '^has_journal', image]).catch(skip);
  const options = ['-o', 'loop,errors=remount-ro', image, directory];
  await mountOrSkip(context.skip, options);
  onTestFinished(() => unmount(directory).catch(() => undefined));
  return {
    directory,
    async breakDown() {
      const { stdout } = await run('findmnt', ['-n', '-o', 'SOURCE', directory]);
      const device = stdout.trim().split('/').at(-1);
      await writeFile(`/sys/fs/ext4/${device}/trigger_fs_error`, '1').catch(skip);
    },
    async repair() {
      await run('umount', [directory]);
      await run('fsck.ext4', ['-p', '-f', image]).catch(() => undefined); // says with its status that it repaired
      await run('mount', options);
    },
  };
}

async function mountOrSkip(skip: TestContext['skip'], args: readonly string[]): Promise<void> {
  try {
    await run('mount', args);
  } catch (error) {
    skip(`mounting is refused here, so this was not tested: ${String(error)}`);
  }
}

/** Lazily, because what is under test may still have files open there. */
async function unmount(directory: string): Promise<void> {
  await run('umount', ['-l', directory]);
}
