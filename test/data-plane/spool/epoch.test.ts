import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { EncodeBegin } from '../../../data-plane/spool/spool.ts';
import { drain, entry, openTestSpool, temporaryDirectory } from './env.ts';

/** A first entry that says what was before its epoch. */
const beginEpoch: EncodeBegin = ({ epoch, seq }, previous) => ({
  record: Buffer.from(`${epoch}/${seq} begin after ${previous && `${previous.epoch}/${previous.seq}`}`),
  payload: new Uint8Array(),
});

describe('the first entry of an epoch', () => {
  test('is durable before any other, and names the newest entry before it, handed in or not', async () => {
    const directory = await temporaryDirectory();
    const first = await openTestSpool(directory, { beginEpoch });
    expect(first.head).toMatchObject({ epoch: 1, seq: 1 });
    await first.append(entry('a'));
    const head = { epoch: 1, seq: 2, digest: hash('sha256', '1/2 a', 'buffer') };
    expect(first.head).toEqual(head);
    expect(await drain(first)).toEqual(['1/1 begin after undefined', '1/2 a']);
    await first.close();
    expect((await readdir(directory)).filter((name) => name.endsWith('.spool'))).toEqual([]);

    const given: unknown[] = [];
    const second = await openTestSpool(directory, {
      beginEpoch: (place, previous) => {
        given.push(previous);
        return beginEpoch(place, previous);
      },
    });
    expect(given).toEqual([head]);
    expect(await drain(second)).toEqual(['2/1 begin after 1/2']);
    await second.close();
    expect(await readdir(directory)).not.toContain('0000000001-0000000000000001.spool');
  });

  test('stands after a fault too, with what was durable before it', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory, { beginEpoch });
    await spool.append(entry('a'));
    await rm(directory, { recursive: true });
    await expect(spool.append(entry('b'))).rejects.toMatchObject({ code: 'append_failed' });
    await spool.append(entry('c'));
    expect(await drain(spool)).toEqual(['2/1 begin after 1/2', '2/2 c']);
  });

  test('that cannot be made leaves no file, and the next attempt has another epoch', async () => {
    const directory = join(await temporaryDirectory(), 'spool');
    let fails = false;
    const spool = await openTestSpool(directory, {
      beginEpoch: (place, previous) => {
        if (fails) throw new Error('no');
        return beginEpoch(place, previous);
      },
    });
    fails = true;
    spool.suspend(1);
    await expect(spool.append(entry('a'))).rejects.toMatchObject({ code: 'append_failed' });
    expect((await readdir(directory)).filter((name) => name.startsWith('0000000002'))).toEqual([]);
    fails = false;
    await spool.append(entry('b'));
    expect(await drain(spool)).toEqual(['3/1 begin after 1/1', '3/2 b']);
  });
});

test('an epoch that is suspended while it gets another segment is left all the same', async () => {
  const directory = await temporaryDirectory();
  const spool = await openTestSpool(directory, { segmentBytes: 1 });
  await spool.append(entry('a'));
  const appended = spool.append(entry('b'));
  const next = join(directory, '0000000001-0000000000000002.spool');
  while (!existsSync(next)) await nextTurn();
  spool.suspend(1);
  await appended;
  await spool.append(entry('c'));
  expect(await drain(spool)).toEqual(['2/1 c']);
});

test('an entry is found by its place while it is here', async () => {
  const spool = await openTestSpool(await temporaryDirectory(), { segmentBytes: 1 });
  for (const text of ['a', 'b', 'c']) await spool.append(entry(text, text.repeat(100_000)));
  const found = await spool.find(1, 2);
  expect(Buffer.from(found?.record ?? []).toString()).toBe('1/2 b');
  for (const [epoch, seq] of [
    [1, 0],
    [1, 4],
    [2, 1],
  ] as const) {
    expect(await spool.find(epoch, seq)).toBeUndefined();
  }
  await drain(spool);
  expect(await spool.find(1, 1)).toBeUndefined();
});
