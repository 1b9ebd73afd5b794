import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { Long } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { verifyOnline } from '../../../cli/commands/audit/verify/online.ts';
import type { RecordDocument } from '../../../control-plane/storage/record/records.ts';
import { until } from '../../env/until.ts';
import { type Evidence, startEvidence } from './evidence.ts';
import { insert, remove } from './tamper.ts';

let evidence: Evidence;
beforeAll(async () => {
  evidence = await startEvidence();
});
afterAll(() => evidence.close());
const db = () => evidence.database;

test('an erasure that nobody ordered, in the name of a control plane, accounts for nothing', async () => {
  const { plane } = evidence.env.stack;
  const { exchange = '' } =
    (await db().db.collection<RecordDocument>('records').findOne({ plane, seq: 2n })) ?? {};
  const writer = 'control-plane/made-up';
  const bytes = toBinary(
    RecordSchema,
    create(RecordSchema, {
      ...{ plane: writer, epoch: 1n, seq: 1n, prevHash: new Uint8Array(32), time: { seconds: 1n } },
      ...{ kind: RecordKind.ACTION, action: 'exchange.erase', resource: exchange, exchange },
      erasure: { authority: 'Nobody', scope: exchange },
    }),
  );
  const digest = createHash('sha256').update(bytes).digest();
  const place = { plane: writer, epoch: Long.fromNumber(1), seq: Long.fromNumber(1), digest };
  const like = await db().db.collection('records').findOne({ action: 'login' });
  const made = { ...like, _id: 'made-up', ...place, bytes: Buffer.from(bytes), exchange, resource: exchange };
  const times = { createTime: new Date(), updateTime: new Date() };
  await remove(db(), 'payloads', { _id: /records\/2\// as never });
  await insert(db(), 'records', { ...made, action: 'exchange.erase', time: new Date(1_000) });
  await insert(db(), 'writers', { _id: `${writer}/epochs/1`, ...place, isUnlogged: true, ...times });
  await until('the alarm', async () => {
    const alarm = { action: 'alarm.record_altered', resource: writer };
    return (await db().db.collection('records').countDocuments(alarm)) === 1;
  });
  const listed = await evidence.audit('records', '--action', 'exchange.erase');
  expect(listed.stdout).toContain('ALTERED IN THE STORE (mac): exchange.erase');
  const { exitCode, stdout } = await evidence.inProcess((invocation) =>
    verifyOnline(invocation, { payloads: true }),
  );
  const { faults } = JSON.parse(stdout) as { readonly faults: readonly { readonly code: string }[] };
  expect([exitCode, faults.map(({ code }) => code)]).toEqual([
    6,
    expect.arrayContaining(['payload_missing', 'record_missing']),
  ]);
});
