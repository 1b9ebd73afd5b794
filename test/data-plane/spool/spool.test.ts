import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { until } from '../../env/until.ts';
import { drain, entry, openTestSpool, temporaryDirectory } from './env.ts';

async function segments(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.endsWith('.spool')).sort();
}

describe('append', () => {
  test('entries come out in the order of the calls, numbered without gaps', async () => {
    const spool = await openTestSpool(await temporaryDirectory());
    await Promise.all(['a', 'b', 'c'].map((text) => spool.append(entry(text, 'payload'))));
    await spool.append(entry('d'));
    expect(spool.depth).toBe(4);
    expect(await drain(spool)).toEqual(['1/1 a', '1/2 b', '1/3 c', '1/4 d']);
    expect(spool.depth).toBe(0);
  });

  test('appends that wait together share one sync', async () => {
    const spool = await openTestSpool(await temporaryDirectory());
    await Promise.all(Array.from({ length: 500 }, (_, index) => spool.append(entry(`${index}`))));
    expect(spool.groups).toBeLessThanOrEqual(3);
    expect(spool.depth).toBe(500);
  });

  test('an entry that cannot be encoded fails alone and leaves no hole', async () => {
    const spool = await openTestSpool(await temporaryDirectory());
    const outcomes = await Promise.allSettled([
      spool.append(entry('a')),
      spool.append(() => {
        throw new Error('too large');
      }),
      spool.append(entry('b')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await drain(spool)).toEqual(['1/1 a', '1/2 b']);
  });

  test('a closed spool takes nothing', async () => {
    const spool = await openTestSpool(await temporaryDirectory());
    await spool.close();
    await expect(spool.append(entry('late'))).rejects.toMatchObject({ name: 'SpoolError', code: 'closed' });
  });

  test('files are for the owner only', async () => {
    const directory = join(await temporaryDirectory(), 'spool');
    const spool = await openTestSpool(directory);
    await spool.append(entry('a'));
    const [name] = await segments(directory);
    expect((await stat(join(directory, name ?? ''))).mode & 0o777).toBe(0o600);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
  });
});

describe('restart', () => {
  test('what is not acknowledged is handed out after a restart, what is acknowledged is not', async () => {
    const directory = await temporaryDirectory();
    const first = await openTestSpool(directory);
    for (const text of ['a', 'b', 'c']) await first.append(entry(text));
    first.acknowledge(1, 2);
    await first.close();
    const second = await openTestSpool(directory);
    await second.append(entry('d'));
    expect(second.depth).toBe(2);
    expect(await drain(second)).toEqual(['1/3 c', '2/1 d']);
  });

  test('a torn tail is cut wherever it tore', async () => {
    const directory = await temporaryDirectory();
    const first = await openTestSpool(directory);
    for (const text of ['a', 'b']) await first.append(entry(text, 'p'.repeat(40)));
    await first.close();
    const [name = ''] = await segments(directory);
    const path = join(directory, name);
    const whole = await readFile(path);
    for (let bytes = whole.byteLength / 2; bytes < whole.byteLength; bytes += 1) {
      await writeFile(path, whole);
      await truncate(path, bytes);
      const spool = await openTestSpool(directory);
      expect(spool.recovered).toEqual(['1/1 a']);
      expect(spool.depth).toBe(1);
      await spool.close();
      expect((await stat(path)).size).toBe(whole.byteLength / 2);
    }
  });

  test('rubbish behind the last entry is cut', async () => {
    const directory = await temporaryDirectory();
    const first = await openTestSpool(directory);
    await first.append(entry('a'));
    await first.close();
    const [name = ''] = await segments(directory);
    await appendFile(join(directory, name), Buffer.alloc(5000, 7));
    const second = await openTestSpool(directory);
    expect(second.recovered).toEqual(['1/1 a']);
    expect(await drain(second)).toEqual(['1/1 a']);
  });

  test('damage before the end of an epoch loses nothing around it, and its file stays', async () => {
    const directory = await temporaryDirectory();
    const first = await openTestSpool(directory, { segmentBytes: 40 });
    for (const text of ['a', 'b', 'c', 'd']) await first.append(entry(text, 'p'.repeat(10)));
    await first.close();
    const names = await segments(directory);
    expect(names.length).toBeGreaterThan(1);
    const path = join(directory, names[0] ?? '');
    const content = await readFile(path);
    content[content.byteLength - 1] = 0;
    await writeFile(path, content);
    const second = await openTestSpool(directory);
    const kept = ['a', 'b', 'c', 'd'].map((text, index) => `1/${index + 1} ${text}`);
    kept.splice(second.recovered.indexOf('1/1 a') === 0 ? 1 : 0, 1);
    expect(second.recovered).toEqual(kept);
    await second.close();
    expect(await segments(directory)).toContain(names[0]);
  });
});

describe('segments', () => {
  test('a segment goes when all its entries are acknowledged, and not before', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory, { segmentBytes: 60 });
    for (let index = 0; index < 6; index += 1) await spool.append(entry('x', 'p'.repeat(20)));
    const before = await segments(directory);
    expect(before.length).toBeGreaterThanOrEqual(3);
    spool.acknowledge(1, 1);
    expect(await segments(directory)).toEqual(before);
    spool.acknowledge(1, 6);
    await spool.close();
    expect(await segments(directory)).toEqual([]);
  });

  test('an open exchange keeps the file with its intent, over a restart too', async () => {
    const directory = await temporaryDirectory();
    const first = await openTestSpool(directory, { segmentBytes: 1 });
    await first.append(entry('intent'), { opens: 'x' });
    for (const text of ['other', 'newest']) await first.append(entry(text));
    await drain(first);
    await first.close();
    expect(await segments(directory)).toHaveLength(1);
    const second = await openTestSpool(directory, {
      onRecovered: ({ record }) => (Buffer.from(record).toString().endsWith('intent') ? { opens: 'x' } : {}),
    });
    expect(second.depth).toBe(0);
    await second.append(entry('outcome'), { closes: 'x' });
    await drain(second);
    await second.close();
    expect(await segments(directory)).toEqual([]);
  });

  test('what is handed in goes soon, though its segment is far from full', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory, { rotateMs: 20 });
    await spool.append(entry('intent', 'secret'), { opens: 'x' });
    await drain(spool);
    const [first = ''] = await segments(directory);
    await spool.append(entry('outcome', 'secret'), { closes: 'x' });
    expect(await segments(directory)).toEqual([first]);
    await drain(spool);
    await until('the file being gone', async () => !(await segments(directory)).includes(first));
    await spool.append(entry('next'));
    expect(await drain(spool)).toEqual(['1/3 next']);
  });

  test('handing out continues over segments and respects the limits of a batch', async () => {
    const spool = await openTestSpool(await temporaryDirectory(), { segmentBytes: 100 });
    for (let index = 1; index <= 9; index += 1) await spool.append(entry('x', 'p'.repeat(20)));
    expect(await drain(spool, 2)).toEqual(Array.from({ length: 9 }, (_, index) => `1/${index + 1} x`));
    await spool.append(entry('large', 'p'.repeat(3_000_000)));
    const batch = await spool.read({ maxEntries: 10, maxBytes: 1000 });
    expect(batch?.entries[0]?.payload.byteLength).toBe(3_000_000);
  });

  test('rewinding hands out again what is still there, and says when it is not', async () => {
    const spool = await openTestSpool(await temporaryDirectory());
    for (const text of ['a', 'b', 'c']) await spool.append(entry(text));
    await drain(spool);
    expect(spool.rewind(1, 2)).toBe(true);
    expect(spool.depth).toBe(2);
    expect(await drain(spool)).toEqual(['1/2 b', '1/3 c']);
    expect(spool.rewind(1, 4)).toBe(false);
    expect(spool.rewind(7, 1)).toBe(false);
  });

  test('a suspended epoch keeps its entries, and later ones are of a new epoch', async () => {
    const directory = await temporaryDirectory();
    const first = await openTestSpool(directory);
    await first.append(entry('a'));
    first.suspend(1);
    await first.append(entry('b'));
    expect(await drain(first)).toEqual(['2/1 b']);
    expect(first.depth).toBe(1);
    first.retrySuspended();
    expect((await first.read({ maxEntries: 1, maxBytes: 1_000 }))?.epoch).toBe(1);
    // It is so until it is acknowledged.
    expect(first.suspended).toBe(1);
    first.suspend(1);
    expect(await drain(first)).toEqual([]);
    await first.close();
    const second = await openTestSpool(directory);
    second.suspend(1);
    second.retrySuspended();
    expect(await drain(second)).toEqual(['1/1 a']);
    expect(second.suspended).toBe(0);
  });

  test('a damaged entry suspends its epoch instead of handing out what was not written', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    await spool.append(entry('a', 'payload'));
    const [name = ''] = await segments(directory);
    const path = join(directory, name);
    const content = await readFile(path);
    content[content.byteLength - 1] = 0;
    await writeFile(path, content);
    expect(await drain(spool)).toEqual([]);
    expect(spool.suspended).toBe(1);
    await spool.append(entry('b'));
    expect(await drain(spool)).toEqual(['2/1 b']);
  });

  test('a file that somebody removed is not missed silently', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory, { segmentBytes: 1 });
    for (const text of ['a', 'b']) await spool.append(entry(text));
    await rm(join(directory, (await segments(directory))[0] ?? ''));
    expect(await drain(spool)).toEqual([]);
    await spool.append(entry('c'));
    expect(await drain(spool)).toEqual(['2/1 c']);
  });
});
