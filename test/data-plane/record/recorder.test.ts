import { hash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { describe, expect, test } from 'vitest';
import { OutcomeStatus, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { temporaryDirectory } from '../spool/env.ts';
import { intent, openTestRecorder, outcome, PLANE, type Taken, take } from './env.ts';

const { EPOCH_BEGIN, EPOCH_END, INTENT, OUTCOME } = RecordKind;

/** Kind, epoch and seq of each. */
function places(taken: readonly Taken[]) {
  return taken.map(({ record }) => [record.kind, record.epoch, record.seq]);
}

/** The digest of the last of them, as an epoch names it. */
function headOf(taken: readonly Taken[]) {
  const last = taken.at(-1);
  const digest = hash('sha256', last?.bytes ?? '', 'buffer');
  return { plane: PLANE, epoch: last?.record.epoch, seq: last?.record.seq, digest };
}

describe('write', () => {
  test('records are numbered, chained and dated', async () => {
    const before = Date.now();
    const { recorder, spool } = await openTestRecorder(await temporaryDirectory());
    await Promise.all([recorder.write(intent('1')), recorder.write(outcome('1'))]);
    await recorder.write(intent('2'));
    expect(recorder.depth).toBe(4);

    const records = await take(spool);
    expect(places(records)).toEqual([
      [EPOCH_BEGIN, 1n, 1n],
      [INTENT, 1n, 2n],
      [OUTCOME, 1n, 3n],
      [INTENT, 1n, 4n],
    ]);
    let prevHash = '0'.repeat(64);
    for (const { record, bytes } of records) {
      expect(record.plane).toBe(PLANE);
      expect(Buffer.from(record.prevHash).toString('hex')).toBe(prevHash);
      prevHash = hash('sha256', bytes);
      const time = record.time === undefined ? 0 : timestampMs(record.time);
      expect(time).toBeGreaterThanOrEqual(before);
      expect(time).toBeLessThanOrEqual(Date.now());
    }
    expect(recorder.depth).toBe(0);
  });

  test('a record that is too large is refused, and the chain goes on without it', async () => {
    const { recorder, spool } = await openTestRecorder(await temporaryDirectory());
    await recorder.write(intent('1'));
    await expect(recorder.write({ ...intent('2'), model: 'm'.repeat(70_000) })).rejects.toMatchObject({
      name: 'RecordError',
    });
    const content = {
      payload: new Uint8Array(64 * 1024 * 1024 + 1),
      fields: { ciphertextSha256: new Uint8Array(32), keysSha256: new Uint8Array(32) },
    };
    await expect(recorder.write(intent('2'), content)).rejects.toMatchObject({ name: 'RecordError' });
    await recorder.write(intent('3'));
    const [, first, second] = await take(spool);
    expect(second?.record.seq).toBe(3n);
    expect(Buffer.from(second?.record.prevHash ?? []).toString('hex')).toBe(
      hash('sha256', first?.bytes ?? ''),
    );
  });

  test('records that the disk did not take are not in the chain, and the next epoch says what was', async () => {
    const directory = await temporaryDirectory();
    const { recorder, spool } = await openTestRecorder(directory);
    await recorder.write(intent('1'));
    const head = headOf(await take(spool));
    await rm(join(directory, 'spool'), { recursive: true });
    await expect(recorder.write(intent('2'))).rejects.toMatchObject({ code: 'append_failed' });
    expect(recorder.failure).toBeDefined();
    await recorder.write(intent('3'));
    const records = await take(spool);
    expect(places(records)).toEqual([
      [EPOCH_BEGIN, 2n, 1n],
      [INTENT, 2n, 2n],
    ]);
    expect(records[1]?.record.exchange).toBe('exchanges/3');
    expect(records[0]?.record.previous).toMatchObject(head);
    expect(Buffer.from(records[0]?.record.prevHash ?? [])).toEqual(Buffer.alloc(32));
  });
});

describe('an epoch', () => {
  test('begins with the head of the one before it, even when all of that was handed in', async () => {
    const directory = await temporaryDirectory();
    let head: ReturnType<typeof headOf> | undefined;
    for (const epoch of [1n, 2n, 3n]) {
      const { recorder, spool } = await openTestRecorder(directory);
      await recorder.write(intent('1'));
      await recorder.write(outcome('1'));
      const records = await take(spool);
      expect(places(records)).toEqual([
        [EPOCH_BEGIN, epoch, 1n],
        [INTENT, epoch, 2n],
        [OUTCOME, epoch, 3n],
      ]);
      const previous = records[0]?.record.previous;
      if (head === undefined) expect(previous).toBeUndefined();
      else expect(previous).toMatchObject(head);
      head = headOf(records);
      await recorder.close();
    }
  });

  test('says that nothing was before it when the disk was lost', async () => {
    const directory = await temporaryDirectory();
    const first = await openTestRecorder(directory);
    await first.recorder.write(intent('1'));
    await first.recorder.close();
    await rm(join(directory, 'spool'), { recursive: true });
    const { spool } = await openTestRecorder(directory);
    const records = await take(spool);
    expect(places(records)).toEqual([[EPOCH_BEGIN, 2n, 1n]]);
    expect(records[0]?.record.previous).toBeUndefined();
  });

  test('ends behind everything that was written, once, and nothing comes after', async () => {
    const directory = await temporaryDirectory();
    const { recorder, spool } = await openTestRecorder(directory);
    const writing = [recorder.write(intent('1')), recorder.write(outcome('1'))];
    const ending = recorder.end();
    await expect(recorder.write(intent('2'))).rejects.toMatchObject({ name: 'SpoolError', code: 'closed' });
    await Promise.all([...writing, ending, recorder.end()]);
    const records = await take(spool);
    expect(places(records).slice(1)).toEqual([
      [INTENT, 1n, 2n],
      [OUTCOME, 1n, 3n],
      [EPOCH_END, 1n, 4n],
    ]);
    await recorder.close();
    const next = await openTestRecorder(directory);
    expect((await take(next.spool))[0]?.record.previous).toMatchObject(headOf(records));
  });
});

describe('start', () => {
  test('an exchange without an outcome is closed as interrupted, once, even when its intent was handed in', async () => {
    const directory = await temporaryDirectory();
    const first = await openTestRecorder(directory);
    await first.recorder.write(intent('open'));
    await first.recorder.write(intent('done'));
    await first.recorder.write(outcome('done'));
    await take(first.spool);
    await first.recorder.close();

    const second = await openTestRecorder(directory);
    const [begin, interrupted, ...others] = await take(second.spool);
    expect(begin?.record.kind).toBe(EPOCH_BEGIN);
    expect(others).toEqual([]);
    expect(interrupted?.record).toMatchObject({
      kind: OUTCOME,
      exchange: 'exchanges/open',
      session: 'sessions/s',
      caller: { subject: 'ana' },
      policyRevision: 7n,
      epoch: 2n,
      seq: 2n,
      outcome: { status: OutcomeStatus.INTERRUPTED },
    });
    await second.recorder.close();

    const third = await openTestRecorder(directory);
    expect(places(await take(third.spool))).toEqual([[EPOCH_BEGIN, 3n, 1n]]);
  });

  test('a state directory that cannot be written refuses the start', async () => {
    const directory = join(await temporaryDirectory(), 'state');
    await mkdir(join(directory, 'epoch'), { recursive: true });
    await expect(openTestRecorder(directory)).rejects.toMatchObject({ code: 'EISDIR' });
  });
});
