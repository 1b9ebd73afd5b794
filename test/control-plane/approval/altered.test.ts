import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { readApproval } from '../../../control-plane/approval/read.ts';
import { requestApproval } from '../../../control-plane/approval/request.ts';
import type { Context } from '../../../control-plane/context.ts';
import { AlteredError } from '../../../control-plane/storage/sealing/altered.ts';
import { failure } from '../audit/failure.ts';
import { openStore, type Store } from '../audit/store.ts';
import { sha256 } from '../audit/writer.ts';
import { insertTestPolicy, question, readableQuestion, rita } from './question.ts';

const PLANE = 'planes/one';
let store: Store;
let context: Context;
let count = 0;
let name = '';
let asked: Uint8Array;
const approvals = () => store.database.db.collection<{ _id: string }>('approvals');
const read = () => readApproval(context, { caller: rita, roles: new Set([Role.REVIEWER]) }, name);
const recordsOf = async (action: string) =>
  (await store.database.db.collection('records').find({ action, resource: name }).toArray()).map((document) =>
    fromBinary(RecordSchema, document['bytes'].buffer),
  );

beforeAll(async () => {
  store = await openStore();
  context = store.replica();
  await insertTestPolicy(store);
}, 120_000);
beforeEach(async () => {
  const sealed = readableQuestion(store, `all patients ${++count}`, PLANE);
  asked = sealed.sealedQuestion;
  ({ name } = await requestApproval(context, PLANE, question(`text ${count}`, sealed)));
});
afterAll(() => store.close());

test('what was asked is shown, and its record has the digest', async () => {
  expect((await read()).prompt[0]?.text).toBe(`all patients ${count}`);
  const [record] = await recordsOf('approval.request');
  expect(record?.questionSha256 && Buffer.from(record.questionSha256)).toEqual(Buffer.from(sha256(asked)));
  expect(await recordsOf('alarm.question_altered')).toEqual([]);
});

test.each<[string, () => object | Promise<object>]>([
  [
    'another question, sealed to the right key for the right exchange',
    async () => {
      const document = await approvals().findOne({ _id: name });
      const { payload } = store.sealer.seal(
        { plane: PLANE, exchange: document?.['exchange' as never] ?? '', kind: 'question' },
        { case: 'question', value: { texts: [{ place: 'input', text: 'what is a fever?' }] } },
      );
      return { $set: { question: Buffer.from(payload) } };
    },
  ],
  ['no question', () => ({ $unset: { question: '' } })],
])('%s in the store is refused, with an alarm', async (_what, change) => {
  await approvals().updateOne({ _id: name }, await change());
  expect(await failure(read())).toEqual({ reason: Reason.CONTENT_ALTERED, metadata: { resource: name } });
  expect(await recordsOf('alarm.question_altered')).toHaveLength(1);
});

test.each<[string, () => object | Promise<object>]>([
  ['no mark', () => ({ $unset: { questionMark: '' } })],
  ['fewer findings', () => ({ $set: { findings: [] } })],
  ['another model', () => ({ $set: { model: 'gpt-5-mini' } })],
  [
    'the mark of another one',
    async () => {
      const other = await requestApproval(context, PLANE, question(`other ${count}`));
      const document = await approvals().findOne({ _id: other.name });
      return { $set: { questionMark: document?.['questionMark' as never] } };
    },
  ],
])('%s in the store is refused as well', async (_what, change) => {
  await approvals().updateOne({ _id: name }, await change());
  await expect(read()).rejects.toThrow(AlteredError);
});
