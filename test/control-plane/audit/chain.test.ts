import { create, fromBinary } from '@bufbuild/protobuf';
import { TimestampSchema, timestampDate } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyStatement } from '#core/evidence/statement/sign.ts';
import { formatStatement } from '#core/evidence/statement/statement.ts';
import { RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { SignedHead } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { receiveHeartbeat } from '../../../control-plane/audit/heartbeat.ts';
import { appendRecords } from '../../../control-plane/audit/receive.ts';
import type { Context } from '../../../control-plane/context.ts';
import { loadSigningKey } from '../../../control-plane/distribution/signing-key.ts';
import { findPlaneHeads } from '../../../control-plane/storage/record/plane-heads.ts';
import { failure } from './failure.ts';
import { openStore, type Store } from './store.ts';
import { append, identityOf, newName, START_MS, sha256, signHead, type Writer } from './writer.ts';

let store: Store;
let context: Context;
beforeAll(async () => {
  store = await openStore();
  context = store.replica();
}, 120_000);
afterAll(() => store.close());

const other = sha256(Buffer.from('another'));

/** The alarm records about a plane, read from their bytes. */
async function alarms(plane: string) {
  const found = await store.database.db
    .collection('records')
    .find({ action: 'alarm.record_conflict', resource: plane })
    .toArray();
  return found.map((document) => fromBinary(RecordSchema, document['bytes'].buffer));
}

function timeOf({ time }: SignedHead): Partial<SignedHead> {
  return time === undefined ? {} : { time };
}

function heartbeat(head: Parameters<typeof signHead>[0], time?: Date) {
  return receiveHeartbeat(context, identityOf(head.plane), signHead(head, time));
}

describe('the receipt', () => {
  test('is the control plane’s word for the last record that is stored, under the key of snapshots', async () => {
    const writer = store.writer();
    const first = writer.write({});
    await append(context, writer.plane, [first, writer.write({})]);
    const { plane, epoch, seq, digest } = writer.head;
    // An old batch: the receipt is for all that there is.
    const { receipt } = await append(store.replica(), plane, [first]);
    expect(receipt.head).toMatchObject({ plane, epoch, seq: 3n });
    const time = timestampDate(receipt.time ?? create(TimestampSchema));
    const text = formatStatement('receipt', { plane, epoch, seq, digest, time });
    const { publicKey } = await loadSigningKey(context, 'receipt');
    const signed = { text, signature: receipt.signature };
    expect(verifyStatement('receipt', signed, publicKey)).toMatchObject({ plane, epoch, seq });
    expect(publicKey).not.toEqual((await loadSigningKey(context, 'snapshot')).publicKey);
  });
});

describe('the head of a batch', () => {
  test('is stored with its records, the one that goes furthest', async () => {
    const writer = store.writer();
    const entries = [writer.begin, writer.write({}), writer.write({})];
    await append(context, writer.plane, entries);
    await append(context, writer.plane, entries.slice(0, 2));
    const { batch } = (await findPlaneHeads(store.database, writer.head)) ?? {};
    expect(batch?.seq).toBe(3n);
    expect(batch && Buffer.from(batch.digest)).toEqual(Buffer.from(writer.head.digest));
    const text = formatStatement('head', { ...writer.head, time: new Date(START_MS) });
    const signed = { text, signature: batch?.signature ?? new Uint8Array() };
    expect(() => verifyStatement('head', signed, identityOf(writer.plane).publicKey)).not.toThrow();
  });

  test.each<[string, (writer: Writer) => SignedHead]>([
    ['of an earlier record', (writer) => signHead({ ...writer.head, seq: 1n })],
    ['of another epoch', (writer) => signHead({ ...writer.head, epoch: 2n })],
    ['with another digest', (writer) => signHead({ ...writer.head, digest: other })],
    ['of another plane', () => signHead(store.writer().head)],
    [
      'under the name of another plane',
      (writer) => {
        const { head, ...signed } = signHead(writer.head);
        return { ...signed, ...(head && { head: { ...head, plane: 'planes/other' } }) };
      },
    ],
    [
      'that was signed for another time',
      (writer) => ({ ...signHead(writer.head), ...timeOf(signHead(writer.head, new Date(1))) }),
    ],
    [
      'that another plane signed',
      (writer) => ({ ...signHead(writer.head), signature: signHead({ ...store.writer().head }).signature }),
    ],
  ])('is refused %s, and nothing is stored', async (_what, make) => {
    const writer = store.writer();
    const entries = [writer.begin, writer.write({})];
    const request = { entries, head: make(writer) };
    const refused = await failure(appendRecords(context, identityOf(writer.plane), request));
    expect(refused.reason).toBe(Reason.INVALID_ARGUMENT);
    expect(Object.keys(refused.metadata)).toEqual(['head']);
    expect(await store.database.db.collection('records').countDocuments({ plane: writer.plane })).toBe(0);
  });
});

describe('the first and last record of an epoch', () => {
  test('are taken, belong to no exchange, and nothing follows the last', async () => {
    const writer = store.writer();
    const entries = [writer.begin, writer.write({}), writer.end()];
    expect((await append(context, writer.plane, entries)).acknowledgedSeq).toBe(3n);
    const late = writer.write({});
    const expected = { reason: Reason.RECORD_CONFLICT, metadata: { epoch: '1', seq: '4' } };
    expect(await failure(append(context, writer.plane, [late]))).toEqual(expected);
    expect(await alarms(writer.plane)).toHaveLength(1);
    expect(await store.database.db.collection('exchanges').countDocuments({ _id: '' as never })).toBe(0);
  });

  test('nothing follows the last within a batch either', async () => {
    const writer = store.writer();
    const entries = [writer.begin, writer.end(), writer.write({})];
    expect((await failure(append(context, writer.plane, entries))).reason).toBe(Reason.RECORD_CONFLICT);
  });

  const begin = { kind: RecordKind.EPOCH_BEGIN, exchange: '' };
  test.each<[string, (writer: Writer) => object]>([
    ['a beginning in the middle', () => begin],
    ['an end with an exchange', () => ({ kind: RecordKind.EPOCH_END, exchange: newName('exchanges') })],
    ['a previous in the middle', (writer) => ({ previous: { ...writer.head, epoch: 0n } })],
  ])('refuses %s', async (_what, make) => {
    const writer = store.writer();
    const refused = await failure(append(context, writer.plane, [writer.write(make(writer))]));
    expect(refused.reason).toBe(Reason.INVALID_ARGUMENT);
  });

  test.each<[string, (plane: string) => Writer]>([
    ['of its own epoch', (plane) => store.writer(plane, 2n, { plane, epoch: 2n, seq: 1n, digest: other })],
    [
      'of another plane',
      (plane) => store.writer(plane, 2n, { plane: 'planes/x', epoch: 1n, seq: 1n, digest: other }),
    ],
    ['without a digest', (plane) => store.writer(plane, 2n, { plane, epoch: 1n, seq: 1n })],
  ])('refuses a beginning after a record %s', async (_what, make) => {
    const writer = make(newName('planes'));
    const refused = await failure(append(context, writer.plane, [writer.begin]));
    expect(refused.reason).toBe(Reason.INVALID_ARGUMENT);
  });

  test('an epoch without a beginning is refused', async () => {
    const writer = store.writer();
    writer.seq = 0n;
    writer.prevHash = new Uint8Array(32);
    const refused = await failure(append(context, writer.plane, [writer.write({})]));
    expect(refused.reason).toBe(Reason.INVALID_ARGUMENT);
  });

  test('one that names another record before it than is stored is kept, with an alarm', async () => {
    const old = store.writer();
    await append(context, old.plane, [old.begin, old.write({})]);
    const previous = { ...old.head, digest: other };
    const next = store.writer(old.plane, 2n, previous);
    expect((await append(context, old.plane, [next.begin])).acknowledgedSeq).toBe(1n);
    const [alarm] = await alarms(old.plane);
    expect(alarm?.conflict.map(({ epoch, seq }) => [epoch, seq])).toEqual([
      [1n, 2n],
      [1n, 2n],
    ]);
  });
});

describe('a contradiction', () => {
  test('is recorded once however often it comes, each distinct one, with what was stored and offered', async () => {
    const writer = store.writer();
    await append(context, writer.plane, [writer.begin, writer.write({})]);
    const stored = Buffer.from(writer.head.digest);
    const forger = store.writer(writer.plane);
    const forged = [forger.begin, forger.write({ model: 'other' })];
    const replicas = [context, store.replica()];
    const attempts = Array.from({ length: 6 }, (_, index) =>
      failure(append(replicas[index % 2] ?? context, writer.plane, forged)),
    );
    for (const { reason } of await Promise.all(attempts)) expect(reason).toBe(Reason.RECORD_CONFLICT);
    const [alarm, ...more] = await alarms(writer.plane);
    expect(more).toEqual([]);
    expect(alarm).toMatchObject({ kind: RecordKind.ACTION, resource: writer.plane, exchange: '' });
    expect(alarm?.caller).toBeUndefined();
    expect(alarm?.conflict.map(({ digest }) => Buffer.from(digest))).toEqual([
      stored,
      Buffer.from(forger.head.digest),
    ]);
    const second = store.writer(writer.plane);
    await failure(append(context, writer.plane, [second.begin, second.write({ model: 'third' })]));
    expect(await alarms(writer.plane)).toHaveLength(2);
  });
});

describe('a heartbeat', () => {
  test('is stored, of each epoch the one that goes furthest, and then the latest', async () => {
    const { head } = store.writer();
    await heartbeat({ ...head, seq: 7n });
    await heartbeat({ ...head, seq: 5n, digest: other });
    await heartbeat({ ...head, seq: 7n }, new Date(START_MS + 10_000));
    const { heartbeat: stored, batch } = (await findPlaneHeads(store.database, head)) ?? {};
    expect(stored).toMatchObject({ seq: 7n, time: new Date(START_MS + 10_000) });
    expect(batch).toBeUndefined();
  });

  test('that contradicts a stored record, or one before it, raises the alarm', async () => {
    const writer = store.writer();
    await append(context, writer.plane, [writer.begin]);
    const refused = await failure(heartbeat({ ...writer.head, digest: other }));
    expect(refused).toEqual({ reason: Reason.RECORD_CONFLICT, metadata: { epoch: '1', seq: '1' } });
    await heartbeat({ ...writer.head, seq: 9n });
    const again = await failure(heartbeat({ ...writer.head, seq: 9n, digest: other }));
    expect(again.metadata['seq']).toBe('9');
    expect(await alarms(writer.plane)).toHaveLength(2);
  });

  test('holds its plane to the record that it named, when that comes', async () => {
    const writer = store.writer();
    await append(context, writer.plane, [writer.begin]);
    await heartbeat({ ...writer.head, seq: 2n, digest: other });
    const refused = await failure(append(context, writer.plane, [writer.write({})]));
    expect(refused).toEqual({ reason: Reason.RECORD_CONFLICT, metadata: { epoch: '1', seq: '2' } });
    expect(await alarms(writer.plane)).toHaveLength(1);
  });

  test('of another plane is refused', async () => {
    const head = signHead(store.writer().head);
    const refused = await failure(receiveHeartbeat(context, identityOf(newName('planes')), head));
    expect(refused.reason).toBe(Reason.INVALID_ARGUMENT);
  });
});
