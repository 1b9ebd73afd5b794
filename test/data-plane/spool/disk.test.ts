import { execFile, spawn } from 'node:child_process';
import { hash, randomBytes } from 'node:crypto';
import { rename, rm, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { segmentPath } from '../../../data-plane/spool/segment.ts';
import { until } from '../../env/until.ts';
import { breakReads, drain, entry, openTestSpool, temporaryDirectory } from './env.ts';
import { mountDisk, mountSmall } from './mounts.ts';

const MIB = 1024 * 1024;
const run = promisify(execFile);
const WRITER = join(import.meta.dirname, 'writer.ts');

describe('a disk that fails', () => {
  test('a removed directory refuses everything that waits, and the next append makes it anew', async () => {
    const directory = join(await temporaryDirectory(), 'spool');
    const spool = await openTestSpool(directory);
    await spool.append(entry('a'));
    await rm(directory, { recursive: true });
    const outcomes = await Promise.allSettled(['b', 'c'].map((text) => spool.append(entry(text))));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(outcomes[0]).toMatchObject({ reason: { name: 'SpoolError', code: 'append_failed' } });
    expect(spool.failure).toBeDefined();
    await spool.append(entry('d'));
    expect(spool.failure).toBeUndefined();
    expect(await drain(spool)).toEqual(['2/1 d']);
  });

  test('a directory that was moved away counts as removed, although its files still take writes', async () => {
    const parent = await temporaryDirectory();
    const spool = await openTestSpool(join(parent, 'spool'));
    await rename(join(parent, 'spool'), join(parent, 'elsewhere'));
    await expect(spool.append(entry('a'))).rejects.toMatchObject({ code: 'append_failed' });
  });

  test('a full disk refuses, and appends go on when there is room again', async () => {
    const directory = join(await temporaryDirectory(), 'spool');
    const spool = await openTestSpool(directory, { segmentBytes: 1 });
    await spool.append(entry('a'));
    const next = segmentPath(directory, 1, 2);
    await symlink('/dev/full', next);
    await expect(spool.append(entry('b'))).rejects.toMatchObject({ code: 'append_failed' });
    expect(spool.lowSpace).toBe(true);
    await expect(spool.append(entry('c'))).rejects.toMatchObject({ code: 'append_failed' });
    await rm(next);
    await spool.append(entry('d'));
    expect((await drain(spool)).map((text) => text.split(' ')[1])).toEqual(['a', 'd']);
  });

  test('a write that fails with EIO is refused, and appends go on when the disk works again', async () => {
    const directory = join(await temporaryDirectory(), 'spool');
    const spool = await openTestSpool(directory, { segmentBytes: 1 });
    await spool.append(entry('a'));
    const next = segmentPath(directory, 1, 2);
    await symlink('/proc/self/mem', next);
    await expect(spool.append(entry('b'))).rejects.toMatchObject({ cause: { code: 'EIO' } });
    await expect(spool.append(entry('c'))).rejects.toMatchObject({ code: 'append_failed' });
    expect(spool.failure).toBeDefined();
    expect(spool.lowSpace).toBe(false);
    await rm(next);
    await spool.append(entry('d'));
    expect((await drain(spool)).map((text) => text.split(' ')[1])).toEqual(['a', 'd']);
  });

  test('a disk whose writes fail though it has room refuses, loses nothing that it had taken, and goes on when it works', async (context) => {
    const disk = await mountDisk(context, 32 * MIB, 8 * MIB);
    const directory = join(disk.directory, 'spool');
    const spool = await openTestSpool(directory, { lowWaterBytes: 0 });
    let taken = 0;
    const flood = async (): Promise<void> => {
      for (;;) {
        await spool.append(entry('x', randomBytes(100_000).toString('latin1')));
        taken += 1;
      }
    };
    await expect(flood()).rejects.toMatchObject({ code: 'append_failed', cause: { code: 'ENOSPC' } });
    expect(spool.failure).toMatchObject({ code: 'ENOSPC' });
    expect(await drain(spool)).toHaveLength(taken);
    await expect(spool.append(entry('y'))).rejects.toMatchObject({ code: 'append_failed' });

    // Another disk is put in the place of the broken one.
    const other = await mountDisk(context, 32 * MIB, 32 * MIB);
    await rename(directory, `${directory}.broken`).catch(() => undefined);
    await run('mount', ['--bind', other.directory, disk.directory]);
    onTestFinished(async () => void (await run('umount', ['-l', disk.directory])));
    await until('the spool working', () => spool.failure === undefined);
    await spool.append(entry('z'));
    expect((await drain(spool)).map((text) => text.split(' ')[1])).toEqual(['z']);
  });

  test('a disk that turns read-only refuses, hands in what it has, and takes entries when it is repaired', async (context) => {
    const disk = await mountDisk(context, 32 * MIB, 40 * MIB);
    const spool = await openTestSpool(join(disk.directory, 'spool'), { lowWaterBytes: 0 });
    await spool.append(entry('a'));
    await spool.append(entry('b'));
    await disk.breakDown();
    await expect(spool.append(entry('c'))).rejects.toMatchObject({ cause: { code: 'EROFS' } });
    await expect(spool.append(entry('c'))).rejects.toMatchObject({ cause: { code: 'EROFS' } });
    expect(spool.failure).toMatchObject({ code: 'EROFS' });
    const batch = await spool.read({ maxEntries: 10, maxBytes: MIB });
    expect(batch?.entries).toHaveLength(2);

    await disk.repair();
    await until('the spool working', () => spool.failure === undefined);
    await spool.append(entry('d'));
    expect((await drain(spool)).map((text) => text.split(' ')[1])).toEqual(['a', 'b', 'd']);
  });

  test('a volume that goes away and comes back has what it had, without a restart', async (context) => {
    const mount = await mountSmall(context, 4 * MIB);
    const directory = join(mount, 'spool');
    const spool = await openTestSpool(directory, { lowWaterBytes: 0 });
    await spool.append(entry('a'));
    await run('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', mount]);
    let isOver = true;
    onTestFinished(async () => void (isOver && (await run('umount', ['-l', mount]))));
    await expect(spool.append(entry('b'))).rejects.toMatchObject({ code: 'append_failed' });
    await expect(spool.append(entry('b'))).rejects.toMatchObject({ code: 'append_failed' });
    expect(spool.failure).toBeDefined();
    expect(await drain(spool)).toEqual([]);
    await run('umount', [mount]);
    isOver = false;
    await until('the spool working', () => spool.failure === undefined);
    await until('the record being back', () => spool.depth > 0);
    await spool.append(entry('c'));
    expect((await drain(spool)).map((text) => text.split(' ')[1])).toEqual(['a', 'c']);
  });

  test('a read that fails loses nothing: the entries come when the disk gives them, in the same epoch', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    await spool.append(entry('a'));
    const restore = await breakReads(segmentPath(directory, 1, 1));
    const failure = { name: 'SpoolError', code: 'read_failed', cause: { code: 'EIO' } };
    for (let attempt = 0; attempt < 2; attempt += 1)
      await expect(drain(spool)).rejects.toMatchObject(failure);
    expect(spool.readFailure).toMatchObject(failure);
    expect(spool.failure).toBeUndefined();
    await restore();
    expect(await drain(spool)).toEqual(['1/1 a']);
    expect(spool.readFailure).toBeUndefined();
    await spool.append(entry('b'));
    expect(await drain(spool)).toEqual(['1/2 b']);
    expect(spool.suspended).toBe(0);
  });

  test('a segment that cannot be read holds up its epoch and no other', async () => {
    const directory = await temporaryDirectory();
    const first = await openTestSpool(directory, { segmentBytes: 1 });
    for (const text of ['a', 'b']) await first.append(entry(text));
    await first.close();
    const second = await openTestSpool(directory);
    await second.append(entry('c'));
    const restore = await breakReads(segmentPath(directory, 1, 1));
    const batch = await second.read({ maxEntries: 10, maxBytes: MIB });
    expect(batch).toMatchObject({ epoch: 2, firstSeq: 1 });
    expect(second.readFailure).toMatchObject({ code: 'read_failed' });
    await restore();
    expect(await drain(second)).toEqual(['1/1 a', '1/2 b', '2/1 c']);
    expect(second.readFailure).toBeUndefined();
  });

  test('a file that is cut under it is noticed before the next record is lost in it', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    await spool.append(entry('a'));
    await truncate(segmentPath(directory, 1, 1), 3);
    await expect(spool.append(entry('b'))).rejects.toMatchObject({ code: 'append_failed' });
    await spool.append(entry('c'));
    expect(await drain(spool)).toEqual(['2/1 c']);
  });

  test('a write that broke off in the middle is taken back, and the chain goes on without it', async () => {
    const directory = await temporaryDirectory();
    const limited = `ulimit -f 128 && exec "$0" --disable-warning=ExperimentalWarning "$@"`;
    const { stdout } = await run('bash', ['-c', limited, process.execPath, WRITER, 'limited', directory]);
    expect(JSON.parse(stdout)).toEqual([
      'first fulfilled',
      'lost EFBIG',
      'gone EFBIG',
      'large EFBIG',
      'last fulfilled',
    ]);
    const spool = await openTestSpool(directory);
    expect(spool.recovered.map((text) => text.split(' ').slice(0, 2).join(' '))).toEqual([
      '1/1 first',
      '1/2 last',
    ]);
  });

  test('a segment that cannot be made leaves no file open', async () => {
    const directory = await temporaryDirectory();
    const limited = `ulimit -n 100 && exec "$0" --disable-warning=ExperimentalWarning "$@"`;
    const { stdout } = await run('bash', ['-c', limited, process.execPath, WRITER, 'exhausted', directory]);
    expect(JSON.parse(stdout)).toEqual(['first fulfilled', 'lost EMFILE', 'last fulfilled']);
  });
});

describe('kill -9', () => {
  test.each([1, 2, 3, 4])(
    'every entry whose append had resolved is there, chained (round %i)',
    async (round) => {
      const directory = await temporaryDirectory();
      const child = spawn(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', WRITER, 'endless', directory],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      const exited = new Promise((resolve) => child.on('exit', resolve));
      let durable = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        durable = Math.max(durable, Number(line));
        if (durable > round * 400) child.kill('SIGKILL');
      }
      await exited;

      const records: string[] = [];
      await openTestSpool(directory, {
        onRecovered: ({ record }) => {
          records.push(Buffer.from(record).toString());
          return {};
        },
      });
      expect(records.length).toBeGreaterThanOrEqual(durable);
      let before = '0'.repeat(64);
      for (const [index, text] of records.entries()) {
        const [place, , prevHash] = text.split(' ');
        expect(place).toBe(`1/${index + 1}`);
        expect(prevHash).toBe(before);
        before = hash('sha256', text);
      }
    },
  );
});
