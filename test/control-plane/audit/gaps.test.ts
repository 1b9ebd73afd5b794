import { create, type DescEnum } from '@bufbuild/protobuf';
import { durationFromMs, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ListGapsRequestSchema } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { GapKindSchema, GapWitnessSchema, PresenceSchema } from '#proto/sworn/audit/v1/gap_pb.ts';
import { RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { recordAction } from '../../../control-plane/audit/actions.ts';
import { listGaps } from '../../../control-plane/audit/gaps/list.ts';
import { receiveHeartbeat } from '../../../control-plane/audit/heartbeat.ts';
import type { Context } from '../../../control-plane/context.ts';
import { insertPlane, revokePlane } from '../../../control-plane/storage/configuration/planes.ts';
import { failure } from './failure.ts';
import { openStore, type Store } from './store.ts';
import { append, identityOf, newName, sha256, signHead, type Writer } from './writer.ts';

const never = new AbortController().signal;
let store: Store;
let context: Context;
beforeAll(async () => {
  store = await openStore();
  context = store.replica();
}, 120_000);
afterAll(() => store.close());

/** A plane that has enrolled, and its first epoch. */
async function enrolled(): Promise<Writer> {
  const writer = store.writer();
  const { publicKey } = identityOf(writer.plane);
  const plane = { name: writer.plane, displayName: 'eu', publicKey, createTime: context.now() };
  await store.database.transaction((session) => insertPlane(store.database, plane, session));
  return writer;
}

function beat(head: Writer['head'], depth?: bigint): Promise<void> {
  return receiveHeartbeat(context, identityOf(head.plane), signHead(head), depth);
}

/** What is said of one plane: its presence, and each gap as `KIND epoch first-last by WITNESS`. */
async function told(plane: string, silentAfterMs?: number, sinceMs?: number) {
  const request = create(ListGapsRequestSchema, {
    plane,
    ...(silentAfterMs !== undefined && { silentAfter: durationFromMs(silentAfterMs) }),
    ...(sinceMs !== undefined && { since: timestampFromDate(new Date(sinceMs)) }),
  });
  const response = await listGaps(context, request, never);
  const gaps = response.gaps.map(
    ({ kind, epoch, firstSeq, lastSeq, witness }) =>
      `${word(GapKindSchema, kind)} ${epoch} ${firstSeq}-${lastSeq} by ${word(GapWitnessSchema, witness)}`,
  );
  const [own] = response.planes;
  return { presence: own && word(PresenceSchema, own.presence), gaps, alarms: response.alarms };
}

function word(schema: DescEnum, value: number): string | undefined {
  return schema.value[value]?.localName;
}

const later = (writer: Writer, epoch: bigint, previous: Writer['head'] | undefined): Writer =>
  store.writer(writer.plane, epoch, previous);

describe('nothing is missing', () => {
  test('of a plane that is idle, however long its last record is ago, while it is heard of', async () => {
    const writer = await enrolled();
    await append(context, writer.plane, [writer.write({})]);
    store.nowMs += 3_600_000;
    await beat(writer.head);
    expect(await told(writer.plane)).toEqual({ presence: 'IDLE', gaps: [], alarms: [] });
  });

  test('of one that stopped in order, however long ago', async () => {
    const writer = await enrolled();
    await append(context, writer.plane, [writer.write({}), writer.end()]);
    store.nowMs += 3_600_000;
    expect(await told(writer.plane)).toMatchObject({ presence: 'STOPPED', gaps: [] });
  });

  test('when the next epoch says where a broken one ended', async () => {
    const writer = await enrolled();
    await append(context, writer.plane, [writer.write({})]);
    const next = later(writer, 3n, writer.head);
    await append(context, writer.plane, [next.begin]);
    expect(await told(writer.plane)).toMatchObject({ presence: 'IDLE', gaps: [] });
  });

  test('while records wait in the spool of a plane that is heard of', async () => {
    const writer = await enrolled();
    await append(context, writer.plane, [writer.write({})]);
    await beat({ ...writer.head, seq: 5n });
    expect(await told(writer.plane)).toMatchObject({ presence: 'WAITING', gaps: ['WAITING 1 3-5 by HEAD'] });
    // A newer epoch has begun there, and its first record has not come either.
    const next = { ...writer.head, epoch: 2n, seq: 1n };
    await beat(next);
    const waiting = ['WAITING 1 3-5 by HEAD', 'WAITING 2 1-1 by HEAD'];
    expect(await told(writer.plane)).toMatchObject({ presence: 'WAITING', gaps: waiting });
  });
});

describe('silence', () => {
  test('is a plane that is not heard of, and no loss by itself', async () => {
    const writer = await enrolled();
    await append(context, writer.plane, [writer.write({})]);
    store.nowMs += 90_001;
    expect(await told(writer.plane)).toEqual({ presence: 'SILENT', gaps: [], alarms: [] });
    expect(await told(writer.plane, 120_000)).toMatchObject({ presence: 'IDLE' });
    await beat(writer.head);
    expect(await told(writer.plane)).toMatchObject({ presence: 'IDLE' });
  });

  test('is not that of a plane that there never was: its name is mistyped', async () => {
    const refused = await failure(told(newName('planes')));
    expect(refused.reason).toBe(Reason.NOT_FOUND);
  });

  test('of a plane that had records to come makes them missing; so does a revocation', async () => {
    const [one, two] = [await enrolled(), await enrolled()];
    for (const writer of [one, two]) {
      await append(context, writer.plane, [writer.write({})]);
      await beat({ ...writer.head, seq: 4n });
    }
    await store.database.transaction((session) =>
      revokePlane(store.database, two.plane, context.now(), session),
    );
    expect(await told(two.plane)).toMatchObject({ presence: 'REVOKED', gaps: ['MISSING 1 3-4 by HEAD'] });
    store.nowMs += 90_001;
    expect(await told(one.plane)).toMatchObject({ presence: 'SILENT', gaps: ['MISSING 1 3-4 by HEAD'] });
  });

  test('is not asked for in no time', async () => {
    const refused = await failure(told(newName('planes'), 999));
    expect(refused.reason).toBe(Reason.INVALID_ARGUMENT);
  });
});

describe('loss', () => {
  test('is what a head names of an epoch that is over', async () => {
    const writer = await enrolled();
    await append(context, writer.plane, [writer.write({})]);
    const known = writer.head;
    await beat({ ...known, seq: 6n });
    const next = later(writer, 2n, { ...known, seq: 4n, digest: sha256(Buffer.from('4')) });
    await append(context, writer.plane, [next.begin]);
    expect(await told(writer.plane)).toMatchObject({ presence: 'IDLE', gaps: ['MISSING 1 3-6 by HEAD'] });
  });

  test('is what the next epoch names, also of an epoch of which nothing came', async () => {
    const writer = await enrolled();
    await append(context, writer.plane, [writer.write({}), writer.end()]);
    const next = later(writer, 3n, { ...writer.head, epoch: 2n, seq: 9n });
    await append(context, writer.plane, [next.begin]);
    expect((await told(writer.plane)).gaps).toEqual(['MISSING 2 1-9 by EPOCH_BEGIN']);
  });

  test('is what was stored and is gone: in the middle, at the end, all of it', async () => {
    const writer = await enrolled();
    await append(
      context,
      writer.plane,
      [1, 2, 3, 4, 5, 6].map(() => writer.write({})),
    );
    const records = store.database.db.collection('records');
    const { plane } = writer;
    await records.deleteMany({ plane, seq: { $in: [2, 3, 5, 7] } });
    const gaps = ['MISSING 1 2-3 by STORED', 'MISSING 1 5-5 by STORED', 'MISSING 1 7-7 by STORED'];
    expect((await told(plane)).gaps).toEqual(gaps);
    await records.deleteMany({ plane });
    expect((await told(plane)).gaps).toEqual(['MISSING 1 1-7 by STORED']);
    // The head that was signed for the batch tells of it as well as what was acknowledged.
    await store.database.db.collection('writers').deleteMany({ plane });
    expect((await told(plane)).gaps).toEqual(['MISSING 1 1-7 by STORED']);
  });

  test('is what a plane has no more, because a database of before was put back', async () => {
    const writer = await enrolled();
    await append(context, writer.plane, [writer.write({})]);
    await beat({ ...writer.head, seq: 6n }, 4n);
    expect(await told(writer.plane)).toMatchObject({ presence: 'WAITING', gaps: ['WAITING 1 3-6 by HEAD'] });
    await beat({ ...writer.head, seq: 8n }, 5n);
    expect((await told(writer.plane)).gaps).toEqual(['MISSING 1 3-8 by HEAD']);
    await beat({ ...writer.head, seq: 9n }, 7n);
    expect(await told(writer.plane)).toMatchObject({ presence: 'WAITING' });
  });

  test('is looked for among what was received since a time, and nothing else is counted', async () => {
    const writer = await enrolled();
    const { plane } = writer;
    await append(
      context,
      plane,
      Array.from({ length: 300 }, () => writer.write({})),
    );
    store.nowMs += 3_600_000;
    await append(
      context,
      plane,
      [1, 2, 3, 4].map(() => writer.write({})),
    );
    const { db } = store.database;
    await db.collection('records').deleteMany({ plane, seq: { $in: [100, 303] } });
    expect((await told(plane)).gaps).toEqual(['MISSING 1 100-100 by STORED', 'MISSING 1 303-303 by STORED']);
    await db.command({ profile: 2 });
    expect((await told(plane, undefined, store.nowMs)).gaps).toEqual(['MISSING 1 303-303 by STORED']);
    await db.command({ profile: 0 });
    const operations = await db
      .collection('system.profile')
      .find({ ns: `${db.databaseName}.records` })
      .toArray();
    expect(operations.reduce((sum, { keysExamined = 0 }) => sum + keysExamined, 0)).toBeLessThan(60);
    expect((await told(plane, undefined, store.nowMs + 1)).gaps).toEqual([]);
  });

  test('is not looked for when nobody waits for it any more', async () => {
    const writer = await enrolled();
    await append(context, writer.plane, [writer.write({})]);
    const gone = AbortSignal.abort(new Error('gone'));
    await expect(listGaps(context, create(ListGapsRequestSchema), gone)).rejects.toThrow('gone');
  });

  test('may be behind an epoch that the next one does not close', async () => {
    const writer = await enrolled();
    await append(context, writer.plane, [writer.write({})]);
    const next = later(writer, 2n, undefined);
    await append(context, writer.plane, [next.begin, next.write({})]);
    expect((await told(writer.plane)).gaps).toEqual(['UNCLOSED 1 3-0 by EPOCH_BEGIN']);
    const third = later(writer, 3n, next.head);
    await append(context, writer.plane, [third.begin]);
    expect((await told(writer.plane)).gaps).toEqual(['UNCLOSED 1 3-0 by EPOCH_BEGIN']);
  });

  test('may be behind one that the next one passes over: a disk that was put back', async () => {
    const writer = await enrolled();
    await append(context, writer.plane, [writer.write({})]);
    const lost = later(writer, 2n, writer.head);
    await append(context, writer.plane, [lost.begin]);
    const again = later(writer, 3n, writer.head);
    await append(context, writer.plane, [again.begin]);
    expect((await told(writer.plane)).gaps).toEqual(['UNCLOSED 2 2-0 by EPOCH_BEGIN']);
  });

  test('is told of the control plane’s own records as well', async () => {
    const replica = store.replica();
    for (let count = 0; count < 3; count++) {
      await recordAction(replica, undefined, { caller: undefined, action: 'login', resource: 'tests/1' });
    }
    const plane = `control-plane/${replica.replica}`;
    expect(await told(plane)).toEqual({ presence: undefined, gaps: [], alarms: [] });
    await store.database.db.collection('records').deleteOne({ plane, seq: 2 });
    expect((await told(plane)).gaps).toEqual(['MISSING 1 2-2 by STORED']);
    const everything = await listGaps(context, create(ListGapsRequestSchema), never);
    expect(everything.gaps.filter((gap) => gap.plane === plane)).toHaveLength(1);
    expect(everything.planes.length).toBeGreaterThan(5);
  });
});

test('alarms are told, since a time', async () => {
  const writer = await enrolled();
  await append(context, writer.plane, [writer.write({})]);
  const forger = store.writer(writer.plane);
  const forged = [forger.begin, forger.write({ kind: RecordKind.REFUSAL })];
  await failure(append(context, writer.plane, forged));
  const [alarm, ...more] = (await told(writer.plane)).alarms;
  expect(more).toEqual([]);
  expect(alarm).toMatchObject({ plane: writer.plane, stored: { epoch: 1n, seq: 2n }, offered: { seq: 2n } });
  expect(Buffer.from(alarm?.offered?.digest ?? [])).toEqual(Buffer.from(forger.head.digest));
  const since = timestampFromDate(new Date(store.nowMs + 1));
  const after = await listGaps(context, create(ListGapsRequestSchema, { plane: writer.plane, since }), never);
  expect(after.alarms).toEqual([]);
});
