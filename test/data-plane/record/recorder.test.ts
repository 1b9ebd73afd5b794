import { hash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  OutcomeStatus,
  PayloadSchema,
  type Record,
  RecordKind,
  RecordSchema,
  SessionSource,
} from '#proto/sworn/audit/v1/record_pb.ts';
import { openRecorder, type RecordFields } from '../../../data-plane/record/recorder.ts';
import type { Spool } from '../../../data-plane/spool/spool.ts';
import { silent, temporaryDirectory } from '../spool/env.ts';

const PLANE = 'planes/test';

async function openTestRecorder(stateDirectory: string) {
  const opened = await openRecorder({ plane: PLANE, stateDirectory, logger: silent });
  onTestFinished(() => opened.spool.close());
  return opened;
}

function intent(id: string): RecordFields {
  return {
    kind: RecordKind.INTENT,
    exchange: `exchanges/${id}`,
    session: 'sessions/s',
    sessionSource: SessionSource.HEADER,
    route: 'responses.create',
    model: 'gpt-5',
    caller: { issuer: 'https://issuer.example', subject: 'ana' },
    policyRevision: 7n,
  };
}

function outcome(id: string): RecordFields {
  return { ...intent(id), kind: RecordKind.OUTCOME, outcome: { status: OutcomeStatus.COMPLETED } };
}

/** Takes everything out of the spool; the records with their own bytes and their payloads. */
async function take(spool: Spool): Promise<{ record: Record; bytes: Uint8Array; payload: Uint8Array }[]> {
  const taken = [];
  for (;;) {
    const batch = await spool.read({ maxEntries: 100, maxBytes: 1_000_000 });
    if (batch === undefined) return taken;
    for (const { record, payload } of batch.entries) {
      taken.push({ record: fromBinary(RecordSchema, record), bytes: record, payload });
    }
    spool.acknowledge(batch.epoch, batch.firstSeq + batch.entries.length - 1);
  }
}

describe('write', () => {
  test('records are numbered, chained and dated, and bound to their payloads', async () => {
    const { recorder, spool } = await openTestRecorder(await temporaryDirectory());
    const body = Buffer.from('{"model":"gpt-5"}');
    const before = Date.now();
    await Promise.all([
      recorder.write(intent('1'), {
        content: { case: 'prompt', value: { body, method: 'POST', path: '/v1/responses' } },
      }),
      recorder.write(outcome('1')),
    ]);
    await recorder.write(intent('2'));
    expect(recorder.depth).toBe(3);

    const records = await take(spool);
    expect(records.map(({ record }) => [record.plane, record.epoch, record.seq])).toEqual([
      [PLANE, 1n, 1n],
      [PLANE, 1n, 2n],
      [PLANE, 1n, 3n],
    ]);
    let prevHash = '0'.repeat(64);
    for (const { record, bytes, payload } of records) {
      expect(Buffer.from(record.prevHash).toString('hex')).toBe(prevHash);
      prevHash = hash('sha256', bytes);
      const digest = payload.byteLength === 0 ? '' : hash('sha256', payload);
      expect(Buffer.from(record.payloadSha256).toString('hex')).toBe(digest);
      const time = record.time === undefined ? 0 : timestampMs(record.time);
      expect(time).toBeGreaterThanOrEqual(before);
      expect(time).toBeLessThanOrEqual(Date.now());
    }
    const payload = fromBinary(PayloadSchema, records[0]?.payload ?? new Uint8Array());
    expect(payload.content.case === 'prompt' && Buffer.from(payload.content.value.body)).toEqual(body);
    expect(recorder.depth).toBe(0);
  });

  test('a record that is too large is refused, and the chain goes on without it', async () => {
    const { recorder, spool } = await openTestRecorder(await temporaryDirectory());
    await recorder.write(intent('1'));
    await expect(recorder.write({ ...intent('2'), model: 'm'.repeat(70_000) })).rejects.toMatchObject({
      name: 'RecordError',
    });
    const body = Buffer.alloc(65 * 1024 * 1024);
    await expect(
      recorder.write(intent('2'), { content: { case: 'prompt', value: { body } } }),
    ).rejects.toMatchObject({ name: 'RecordError' });
    await recorder.write(intent('3'));
    const [first, second] = await take(spool);
    expect(second?.record.seq).toBe(2n);
    expect(Buffer.from(second?.record.prevHash ?? []).toString('hex')).toBe(
      hash('sha256', first?.bytes ?? ''),
    );
  });

  test('records that the disk did not take are not in the chain', async () => {
    const directory = await temporaryDirectory();
    const { recorder, spool } = await openTestRecorder(directory);
    await recorder.write(intent('1'));
    await take(spool);
    await rm(join(directory, 'spool'), { recursive: true });
    await expect(recorder.write(intent('2'))).rejects.toMatchObject({ code: 'append_failed' });
    expect(recorder.failure).toBeDefined();
    await recorder.write(intent('3'));
    const records = await take(spool);
    expect(records.map(({ record }) => [record.exchange, record.epoch, record.seq])).toEqual([
      ['exchanges/3', 2n, 1n],
    ]);
    expect(Buffer.from(records[0]?.record.prevHash ?? [])).toEqual(Buffer.alloc(32));
  });
});

describe('start', () => {
  test('each start has an epoch of its own, even when nothing of the last one is left', async () => {
    const directory = await temporaryDirectory();
    for (const epoch of [1n, 2n, 3n]) {
      const { recorder, spool } = await openTestRecorder(directory);
      await recorder.write(intent('1'));
      await recorder.write(outcome('1'));
      const records = await take(spool);
      expect(records.map(({ record }) => record.epoch)).toEqual([epoch, epoch]);
      await spool.close();
    }
  });

  test('an exchange without an outcome is closed as interrupted, once, even when its intent was handed in', async () => {
    const directory = await temporaryDirectory();
    const first = await openTestRecorder(directory);
    await first.recorder.write(intent('open'));
    await first.recorder.write(intent('done'));
    await first.recorder.write(outcome('done'));
    await take(first.spool);
    await first.spool.close();

    const second = await openTestRecorder(directory);
    const [interrupted, ...others] = await take(second.spool);
    expect(others).toEqual([]);
    expect(interrupted?.record).toMatchObject({
      kind: RecordKind.OUTCOME,
      exchange: 'exchanges/open',
      session: 'sessions/s',
      caller: { subject: 'ana' },
      policyRevision: 7n,
      epoch: 2n,
      seq: 1n,
      outcome: { status: OutcomeStatus.INTERRUPTED },
    });
    await second.spool.close();

    const third = await openTestRecorder(directory);
    expect(await take(third.spool)).toEqual([]);
  });

  test('a state directory that cannot be written refuses the start', async () => {
    const directory = join(await temporaryDirectory(), 'state');
    await mkdir(join(directory, 'epoch'), { recursive: true });
    await expect(openTestRecorder(directory)).rejects.toMatchObject({ code: 'EISDIR' });
  });
});
