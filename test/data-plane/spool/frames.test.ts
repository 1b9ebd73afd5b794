import { readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type FrameLog, type FrameLogOptions, openFrameLog } from '../../../data-plane/spool/frames.ts';
import { until } from '../../env/until.ts';
import { silent, temporaryDirectory } from './env.ts';

/** A log as it is after a crash: never closed while the test runs. */
async function openTestLog(
  directory: string,
  options: Partial<FrameLogOptions> = {},
): Promise<{ log: FrameLog; recovered: Record<string, string[]> }> {
  const { log, recovered } = await openFrameLog({ directory, logger: silent, ...options });
  onTestFinished(() => log.close());
  const entries = [...recovered].map(([exchange, parts]) => [
    exchange,
    parts.map((part) => Buffer.from(part).toString('latin1')),
  ]);
  return { log, recovered: Object.fromEntries(entries) };
}

async function frameFiles(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.endsWith('.frames')).sort();
}

async function onlyFile(directory: string): Promise<string> {
  const [name = '', ...more] = await frameFiles(directory);
  expect(more).toEqual([]);
  return join(directory, name);
}

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('after a crash', () => {
  test('the parts of each exchange are there, in order, and those of forgotten ones are not', async () => {
    const directory = await temporaryDirectory();
    const { log } = await openTestLog(directory);
    for (const [exchange, text] of [
      ['exchanges/a', 'a0'],
      ['exchanges/b', 'b0'],
      ['exchanges/c', 'c0'],
      ['exchanges/a', 'a1'],
      ['exchanges/c', 'c1'],
    ] as const)
      log.append(exchange, bytes(text));
    log.forget('exchanges/c');
    log.append('exchanges/b', bytes('b1'));
    expect((await openTestLog(directory)).recovered).toEqual({
      'exchanges/a': ['a0', 'a1'],
      'exchanges/b': ['b0', 'b1'],
    });
  });

  test('parts are found over several files, of which only those that are needed are kept', async () => {
    const directory = await temporaryDirectory();
    const { log } = await openTestLog(directory, { fileBytes: 100 });
    for (let index = 0; index < 10; index += 1) {
      log.append('exchanges/short', bytes(`short ${index}`.padEnd(60)));
      if (index % 5 === 0) log.append('exchanges/long', bytes(`long ${index}`));
    }
    expect((await frameFiles(directory)).length).toBeGreaterThan(3);
    log.forget('exchanges/short');
    await log.close();
    expect(await frameFiles(directory)).toHaveLength(2);
    const second = await openTestLog(directory, { fileBytes: 100 });
    // Of the forgotten one there is what shares a file with the other: its outcome says that it is over.
    expect(second.recovered).toEqual({
      'exchanges/long': ['long 0', 'long 5'],
      'exchanges/short': ['short 0'.padEnd(60)],
    });
    for (const exchange of Object.keys(second.recovered)) second.log.forget(exchange);
    await second.log.close();
    expect(await frameFiles(directory)).toEqual([]);
  });

  test('what the next run writes stands beside what was recovered', async () => {
    const directory = await temporaryDirectory();
    (await openTestLog(directory)).log.append('exchanges/a', bytes('a0'));
    (await openTestLog(directory)).log.append('exchanges/b', bytes('b0'));
    const { log, recovered } = await openTestLog(directory);
    expect(recovered).toEqual({ 'exchanges/a': ['a0'], 'exchanges/b': ['b0'] });
    for (const exchange of Object.keys(recovered)) log.forget(exchange);
    await log.close();
    expect((await openTestLog(directory)).recovered).toEqual({});
  });

  test('a torn tail is cut wherever it tore', async () => {
    const directory = await temporaryDirectory();
    const { log } = await openTestLog(directory);
    for (const text of ['whole', 'torn', 'torn too']) log.append('exchanges/a', bytes(text));
    const path = await onlyFile(directory);
    const content = await readFile(path);
    const wholeEnd = content.indexOf('whole') + 'whole'.length;
    const tornEnd = content.indexOf('torn') + 'torn'.length;
    for (let end = wholeEnd; end < content.byteLength; end += 1) {
      await writeFile(path, content.subarray(0, end));
      const { recovered } = await openTestLog(directory);
      expect(recovered).toEqual({ 'exchanges/a': end < tornEnd ? ['whole'] : ['whole', 'torn'] });
      expect((await stat(path)).size).toBe(end < tornEnd ? wholeEnd : tornEnd);
    }
  });

  test('any changed bit loses at most the rest of one exchange, and never changes what is read', async () => {
    const directory = await temporaryDirectory();
    const { log } = await openTestLog(directory);
    const written: Record<string, string[]> = {};
    for (let index = 0; index < 12; index += 1) {
      const exchange = `exchanges/${index % 3}`;
      const text = `${index}`.repeat(index + 1);
      log.append(exchange, bytes(text));
      written[exchange] = [...(written[exchange] ?? []), text];
    }
    const path = await onlyFile(directory);
    const content = await readFile(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(content.byteLength * 8 - 1), async (bit) => {
        const changed = Buffer.from(content);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        await writeFile(path, changed);
        const { log: second, recovered } = await openTestLog(directory);
        await second.close();
        let shorter = 0;
        for (const [exchange, parts] of Object.entries(written)) {
          const found = recovered[exchange] ?? [];
          expect(parts.slice(0, found.length)).toEqual(found);
          if (found.length < parts.length) shorter += 1;
        }
        expect(shorter).toBe(1);
      }),
      { numRuns: 200 },
    );
  });

  test('the log names the exchange whose frames end early', async () => {
    const directory = await temporaryDirectory();
    const { log } = await openTestLog(directory);
    for (const text of ['first', 'second', 'third']) log.append('exchanges/a', bytes(text));
    const path = await onlyFile(directory);
    const content = await readFile(path);
    content.write('SECOND', content.indexOf('second'));
    await writeFile(path, content);
    const lines: string[] = [];
    const logger = pino({}, { write: (line: string) => void lines.push(line) });
    expect((await openTestLog(directory, { logger })).recovered).toEqual({ 'exchanges/a': ['first'] });
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 50, msg: 'frames are damaged', file: '0000000001.frames' },
      { level: 50, exchange: 'exchanges/a', index: 1 },
    ]);
  });

  test('zeros, as a file system may leave them behind a crash, are no frames', async () => {
    const directory = await temporaryDirectory();
    const { log } = await openTestLog(directory);
    log.append('exchanges/a', bytes('a0'));
    const path = await onlyFile(directory);
    const { size } = await stat(path);
    await truncate(path, size + 10_000);
    expect((await openTestLog(directory)).recovered).toEqual({ 'exchanges/a': ['a0'] });
    expect((await stat(path)).size).toBe(size);
  });
});

describe('files', () => {
  test('nothing is left of what is forgotten, whether a file is full or not', async () => {
    const directory = await temporaryDirectory();
    const { log } = await openTestLog(directory);
    for (let round = 0; round < 3; round += 1) {
      log.append('exchanges/a', bytes('secret'));
      log.append('exchanges/b', bytes('secret'));
      log.forget('exchanges/a');
      expect(await frameFiles(directory)).toHaveLength(1);
      log.forget('exchanges/b');
      await until('the file being gone', async () => (await frameFiles(directory)).length === 0);
    }
  });

  test('are for the owner only', async () => {
    const directory = join(await temporaryDirectory(), 'spool');
    const { log } = await openTestLog(directory);
    log.append('exchanges/a', bytes('a0'));
    expect((await stat(await onlyFile(directory))).mode & 0o777).toBe(0o600);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
  });

  test('a part larger than any buffer is taken', async () => {
    const directory = await temporaryDirectory();
    const { log } = await openTestLog(directory, { fileBytes: 1000 });
    const large = 'x'.repeat(1_000_000);
    log.append('exchanges/a', bytes(large));
    log.append('exchanges/a', bytes('small'));
    expect((await openTestLog(directory)).recovered).toEqual({ 'exchanges/a': [large, 'small'] });
  });
});

describe('refusals', () => {
  test.each([
    ['removed', (path: string) => rm(path)],
    ['moved away', (path: string) => rename(path, `${path}.elsewhere`)],
    ['removed with its directory', (path: string) => rm(join(path, '..'), { recursive: true })],
  ])('a file that was %s takes no frame; the next append makes another', async (_, remove) => {
    const directory = join(await temporaryDirectory(), 'spool');
    const { log } = await openTestLog(directory);
    log.append('exchanges/a', bytes('a0'));
    await remove(await onlyFile(directory));
    expect(() => log.append('exchanges/a', bytes('a1'))).toThrow(
      expect.objectContaining({ name: 'SpoolError', code: 'append_failed' }),
    );
    log.append('exchanges/b', bytes('b0'));
    expect((await openTestLog(directory)).recovered).toEqual({ 'exchanges/b': ['b0'] });
  });

  test('a closed log takes nothing', async () => {
    const { log } = await openTestLog(await temporaryDirectory());
    await log.close();
    expect(() => log.append('exchanges/a', bytes('a'))).toThrow(expect.objectContaining({ code: 'closed' }));
  });

  test('an exchange has a name, and a part has bytes', async () => {
    const { log } = await openTestLog(await temporaryDirectory());
    expect(() => log.append('exchanges/a', new Uint8Array())).toThrow(RangeError);
    expect(() => log.append('', bytes('a'))).toThrow();
  });
});
