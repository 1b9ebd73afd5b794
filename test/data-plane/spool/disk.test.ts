import { execFile, spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { segmentPath } from '../../../data-plane/spool/segment.ts';
import { drain, entry, openTestSpool, temporaryDirectory } from './env.ts';

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
    await expect(spool.append(entry('b'))).rejects.toMatchObject({ cause: { code: 'ENOSPC' } });
    await expect(spool.append(entry('c'))).rejects.toMatchObject({ code: 'append_failed' });
    await rm(next);
    await spool.append(entry('d'));
    expect((await drain(spool)).map((text) => text.split(' ')[1])).toEqual(['a', 'd']);
  });

  test('a write that broke off in the middle is taken back, and the chain goes on without it', async () => {
    const directory = await temporaryDirectory();
    const limited = `ulimit -f 128 && exec "$0" --disable-warning=ExperimentalWarning "$@"`;
    const { stdout } = await promisify(execFile)('bash', [
      '-c',
      limited,
      process.execPath,
      WRITER,
      'limited',
      directory,
    ]);
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
