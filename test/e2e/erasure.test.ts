import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { TimestampSchema } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { RecordSchema, SealedPayloadSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { ErasureResult, RetentionService } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import type { Database } from '../../control-plane/storage/database.ts';
import { PLAIN_TYPES } from '../../control-plane/storage/plain-types.ts';
import type { RecordDocument } from '../../control-plane/storage/record/records.ts';
import { loadMasterKey } from '../../control-plane/storage/sealing/master-key.ts';
import { macOfRecord } from '../../control-plane/storage/sealing/record-mac.ts';
import { createSeal } from '../../control-plane/storage/sealing/seal.ts';
import { answerText } from '../env/answers.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv, TEST_POLICY } from '../env/env.ts';
import { openToLook } from '../env/mongo.ts';
import { pausingAnswer } from '../env/pausing.ts';
import { textOf } from '../env/reading.ts';
import { recordOf } from '../env/record.ts';
import { until } from '../env/until.ts';

/** A plane lets a segment go every half minute, when all of it is handed in and its exchanges have ended. */
const SPOOL_DEADLINE_MS = 90_000;

const DAY_SECONDS = 86_400n;

let env: Env;
let database: Database;
beforeAll(async () => {
  env = await startEnv({ policies: [`${TEST_POLICY}  retention: 30d\n`] });
  database = await openToLook(env.stack.mongodbUri, env.database);
});
afterAll(async () => {
  await database.close();
  await env.close();
});

/** Asks for something that a reviewer approves, streamed, so that there is a prompt, a question, frames and an answer. */
async function ask(): Promise<string> {
  env.provider.behave(answerText('walrus-0815 is well'));
  const token = await env.stack.token({ user: 'clinician' });
  const asking = fetch(`${env.stack.dataPlaneUrl}/v1/responses`, {
    method: 'POST',
    body: JSON.stringify({ model: 'gpt-test', input: 'bulk zebra-4711', stream: true }),
    headers: { authorization: `Bearer ${token}` },
  });
  const { name } = await pendingApproval(env);
  await env.api(ApprovalService, 'reviewer').approveApproval({ name, reason: 'so be it' });
  const answer = await asking;
  await answer.text();
  const id = answer.headers.get('x-request-id') ?? '';
  await recordOf(env, id);
  return `exchanges/${id}`;
}

/** The wrapped keys and ciphertexts of an exchange, as they are stored. */
async function sealedOf(exchange: string): Promise<Buffer[]> {
  const chunks = await database.db.collection('payloads').find({ exchange }).toArray();
  const asked = await database.db.collection('approvals').find({ exchange }).toArray();
  const sealed = [...chunks.map(({ data }) => data), ...asked.map(({ question }) => question)];
  return sealed.flatMap((binary) => {
    const { wrappedKey, parts } = fromBinary(SealedPayloadSchema, new Uint8Array(binary.buffer));
    return [wrappedKey, ...parts].map((bytes) => Buffer.from(bytes));
  });
}

async function collectionsWith(secrets: readonly Buffer[]): Promise<string[]> {
  const found: string[] = [];
  for (const { name } of await database.db.listCollections().toArray()) {
    const documents = await database.db.collection(name).find({}, { raw: true }).toArray();
    const raw = Buffer.concat(documents.map((document) => document as unknown as Buffer));
    if (secrets.some((secret) => raw.includes(secret))) found.push(name);
  }
  return found.sort();
}

/** The programs' files with any of these bytes; MongoDB's own are read through it. */
async function filesWith(secrets: readonly Buffer[]): Promise<string[]> {
  const { directory } = env.stack;
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    if (!file.isFile() || path.startsWith(join(directory, 'mongodb'))) continue;
    // What is handed in goes while this reads.
    const content = await readFile(path).catch(() => Buffer.alloc(0));
    if (secrets.some((secret) => content.includes(secret))) found.push(file.name);
  }
  return found;
}

/** As if an exchange had been so long ago, and the control plane had received it so. */
async function makeOlder(exchange: string, seconds: number): Promise<void> {
  const seal = createSeal(await loadMasterKey(join(env.stack.directory, 'control-plane')));
  const records = database.db.collection<RecordDocument>('records', PLAIN_TYPES);
  for (const document of await records.find({ exchange }).toArray()) {
    const { _id } = document;
    const record = fromBinary(RecordSchema, document.bytes);
    const time = { nanos: 0, ...record.time, seconds: (record.time?.seconds ?? 0n) - BigInt(seconds) };
    const older = Buffer.from(toBinary(RecordSchema, { ...record, time: create(TimestampSchema, time) }));
    const digest = createHash('sha256').update(older).digest();
    const mac = macOfRecord(seal, { ...document, digest });
    await records.updateOne({ _id }, { $set: { bytes: older, digest, mac } });
  }
  const exchanges = database.db.collection<{ _id: string }>('exchanges');
  await exchanges.updateOne({ _id: exchange }, { $set: { expireTime: new Date(0) } });
}

test('what is over goes by itself, and is recorded by the authority of retention', async () => {
  const exchange = await ask();
  await makeOlder(exchange, 31 * Number(DAY_SECONDS));
  const payloads = () => database.db.collection('payloads').countDocuments({ exchange });
  expect(await payloads()).toBe(2);
  // It looks every minute, and first when it starts.
  await env.stack.stopControlPlane();
  await env.stack.startControlPlane();
  await until('the sweep', async () => (await payloads()) === 0);
  const { erasure, prompt } = await recordOf(env, exchange.replace('exchanges/', ''));
  expect([erasure?.authority, prompt]).toEqual(['retention', undefined]);
}, 180_000);

test('after an erasure and the hand-in, ciphertext and wrapped keys are in no collection and in no file', async () => {
  // What is still under way keeps the segment of all of it, until it was looked at.
  const { behaviour, goOn } = pausingAnswer('still here');
  env.provider.behave(behaviour);
  const running = await env.openai().responses.create({ model: 'gpt-test', input: 'hello', stream: true });
  const exchange = await ask();
  const kept = await recordOf(env, exchange.replace('exchanges/', ''));
  // As policy said it in the snapshot that the plane runs.
  expect(kept.decision?.retention?.seconds).toBe(30n * DAY_SECONDS);
  const days = Number(kept.expireTime?.seconds ?? 0n) - Number(kept.endTime?.seconds ?? 0n);
  expect(Math.round(days / Number(DAY_SECONDS))).toBe(30);
  const secrets = await sealedOf(exchange);
  // Prompt, answer and question, each with the one wrapped key of the exchange.
  expect(secrets.length).toBeGreaterThanOrEqual(6);
  expect(await collectionsWith(secrets)).toEqual(['approvals', 'payloads']);
  expect((await filesWith(secrets)).length).toBeGreaterThan(0);
  goOn();
  expect(await textOf(running)).toBe('still here');

  const request = { scope: { case: 'exchange' as const, value: exchange }, authority: 'A', reason: 'r' };
  const results = [];
  for await (const one of env.api(RetentionService, 'admin').eraseExchanges(request))
    results.push(one.result);
  expect(results).toEqual([ErasureResult.ERASED]);
  expect(await collectionsWith(secrets)).toEqual([]);
  const isGone = async () => (await filesWith(secrets)).length === 0;
  await until('the spool lets it go', isGone, SPOOL_DEADLINE_MS, 500);
  expect((await recordOf(env, exchange.replace('exchanges/', ''))).erasure?.authority).toBe('A');
}, 180_000);
