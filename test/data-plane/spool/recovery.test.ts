import { mkdir, readdir, readFile, rename, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { EntryMarks, SpoolEntry } from '../../../data-plane/spool/spool.ts';
import { drain, entry, openTestSpool, temporaryDirectory } from './env.ts';

async function segments(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.endsWith('.spool')).sort();
}

/** A spool of one segment with these entries, closed: its path and its content. */
async function writeSpool(directory: string, texts: readonly string[]): Promise<[string, Buffer]> {
  const spool = await openTestSpool(directory);
  for (const text of texts) await spool.append(entry(text, 'payload of '.concat(text)));
  await spool.close();
  const path = join(directory, (await segments(directory))[0] ?? '');
  return [path, await readFile(path)];
}

const TEXTS = ['a', 'bb', 'ccc', 'dddd'];
const WRITTEN = TEXTS.map((text, index) => `1/${index + 1} ${text}`);

test('the last entries are cut wherever they tore, and what is whole before is all there', async () => {
  const directory = await temporaryDirectory();
  const [path, content] = await writeSpool(directory, TEXTS);
  const ends = TEXTS.map((text) => content.indexOf(`payload of ${text}`) + `payload of ${text}`.length);
  for (let length = 0; length <= content.byteLength; length += 1) {
    await writeFile(path, content.subarray(0, length));
    const spool = await openTestSpool(directory);
    const whole = ends.filter((end) => end <= length).length;
    expect(spool.recovered).toEqual(WRITTEN.slice(0, whole));
    expect(spool.depth).toBe(whole);
    expect(spool.head).toEqual(whole === 0 ? undefined : expect.objectContaining({ epoch: 1, seq: whole }));
    await spool.close();
  }
});

test('any changed bit is noticed: nothing else is read than was written, and only that entry is missing', async () => {
  const directory = await temporaryDirectory();
  const [path, content] = await writeSpool(directory, TEXTS);
  await fc.assert(
    fc.asyncProperty(fc.nat(content.byteLength * 8 - 1), async (bit) => {
      const changed = Buffer.from(content);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await writeFile(path, changed);
      const spool = await openTestSpool(directory);
      await spool.close();
      const missing = WRITTEN.filter((text) => !spool.recovered.includes(text));
      expect(missing).toHaveLength(1);
      expect(spool.recovered).toEqual(WRITTEN.filter((text) => text !== missing[0]));
      const before = WRITTEN.indexOf(missing[0] ?? '');
      expect(spool.depth).toBe(before);
      // The last one may have been torn; what stands before others cannot have been, and stays for a look.
      const isLast = before === WRITTEN.length - 1;
      const kept = await readFile(path);
      expect(kept.equals(isLast ? content.subarray(0, kept.byteLength) : changed)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('an exchange that has ended is not open again when the segment with its end goes before that of its beginning', async () => {
  const directory = await temporaryDirectory();
  const first = await openTestSpool(directory, { segmentBytes: 30 });
  await Promise.all([
    first.append(entry('opens x'), { opens: 'x' }),
    first.append(entry('opens y'), { opens: 'y' }),
    first.append(entry('opens z'), { opens: 'z' }),
  ]);
  for (const exchange of ['x', 'z']) await first.append(entry(`closes ${exchange}`), { closes: exchange });
  for (const text of ['later', 'newest']) await first.append(entry(text.padEnd(40)));
  expect(await drain(first)).toHaveLength(7);
  await first.close();
  for (let start = 0; start < 3; start += 1) {
    const spool = await openTestSpool(directory, { onRecovered });
    expect(['x', 'y', 'z'].filter((exchange) => spool.isOpen(exchange))).toEqual(['y']);
    await spool.append(entry(`start ${start}`));
    await drain(spool);
    await spool.close();
  }
});

test('the segment with the end of an exchange never goes while the one with its beginning is there, and it alone says so', async () => {
  const directory = await temporaryDirectory();
  const first = await openTestSpool(directory, { segmentBytes: 30 });
  await first.append(entry('opens x'.padEnd(40)), { opens: 'x' });
  await first.append(entry('closes x'.padEnd(40)), { closes: 'x' });
  await first.append(entry('newest'));
  const [name = ''] = await segments(directory);
  const path = join(directory, name);
  await rename(path, `${path}.kept`);
  // What cannot be removed.
  await mkdir(path);
  first.acknowledge(1, 3);
  await first.close();
  await rmdir(path);
  await rename(`${path}.kept`, path);
  const spool = await openTestSpool(directory, { onRecovered });
  expect(await segments(directory)).toContain(name);
  expect(spool.isOpen('x')).toBe(false);
});

/** What entries say of their exchanges. */
function onRecovered({ record }: SpoolEntry): EntryMarks {
  const [, verb, exchange = ''] = Buffer.from(record).toString().trimEnd().split(' ');
  return verb === 'opens' ? { opens: exchange } : verb === 'closes' ? { closes: exchange } : {};
}

test('the time of day may jump as it likes', async () => {
  const directory = await temporaryDirectory();
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    const jumps = ['2031-01-01', '1970-01-02', '2026-06-01'];
    for (const [index, time] of jumps.entries()) {
      vi.setSystemTime(new Date(time));
      const spool = await openTestSpool(directory, { segmentBytes: 1 });
      for (const text of TEXTS) {
        vi.setSystemTime(Date.now() + (text.length % 2 === 0 ? 1 : -1) * 1e10);
        await spool.append(entry(text));
      }
      const epoch = index + 1;
      expect(spool.head).toMatchObject({ epoch, seq: TEXTS.length });
      expect(await drain(spool)).toEqual(TEXTS.map((text, at) => `${epoch}/${at + 1} ${text}`));
      await spool.close();
    }
  } finally {
    vi.useRealTimers();
  }
});

test('nothing of the spool asks for the time of day', async () => {
  const folder = join(import.meta.dirname, '../../../data-plane/spool');
  const files = await readdir(folder);
  expect(files).toContain('frames.ts');
  for (const file of files) {
    expect(await readFile(join(folder, file), 'utf8'), file).not.toMatch(
      /\bDate\b|mtime|birthtime|timestampNow/,
    );
  }
});
