import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { create, fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import {
  ListEvidenceKeysRequestSchema,
  RotateEvidenceKeyRequestSchema,
} from '#proto/sworn/evidence/v1/evidence_service_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { SnapshotSchema } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { createEvidenceService } from '../../../control-plane/api/evidence-service.ts';
import { pageToken } from '../../../control-plane/api/paging.ts';
import { openContents } from '../../../control-plane/audit/content.ts';
import type { Context } from '../../../control-plane/context.ts';
import { buildSnapshot } from '../../../control-plane/distribution/build.ts';
import { loadSigningKey } from '../../../control-plane/distribution/signing-key.ts';
import { createFileKeys } from '../../../control-plane/evidence-key/file.ts';
import { loadEvidenceKeys } from '../../../control-plane/evidence-key/load.ts';
import { EvidenceKeyError } from '../../../control-plane/evidence-key/provider.ts';
import { findExchange } from '../../../control-plane/storage/record/exchanges.ts';
import { openTestKeys } from '../../env/evidence-keys.ts';
import { createSealer } from '../../env/seal.ts';
import { auditor, callBy, person } from '../audit/call.ts';
import { failure } from '../audit/failure.ts';
import { append, newName, Writer } from '../audit/writer.ts';
import { type Env, startEnv } from '../identity/env.ts';

let env: Env;
let context: Context;
beforeAll(async () => {
  env = await startEnv();
  context = env.context;
  await loadEvidenceKeys(context);
}, 120_000);
afterAll(() => env.close());

const byAdmin = () => callBy(person('root'), [Role.ADMIN]);

async function snapshot(as = context) {
  const built = await buildSnapshot(as, await loadSigningKey(as, 'snapshot'));
  return fromBinary(SnapshotSchema, built?.signed.snapshot ?? new Uint8Array());
}

async function list(as = context, pageSize = 0) {
  const service = createEvidenceService(as);
  const keys = [];
  let pageToken = '';
  do {
    const request = create(ListEvidenceKeysRequestSchema, { pageSize, pageToken });
    const page = await service.listEvidenceKeys(request, byAdmin());
    keys.push(...(page.evidenceKeys ?? []));
    pageToken = page.nextPageToken ?? '';
  } while (pageToken !== '');
  return keys;
}

async function rotate(as = context) {
  const service = createEvidenceService(as);
  const { evidenceKey } = await service.rotateEvidenceKey(create(RotateEvidenceKeyRequestSchema), byAdmin());
  return evidenceKey;
}

/** Records a prompt, sealed to the key of the newest snapshot, and gives its exchange. */
async function sealed(text: string): Promise<string> {
  const { evidenceKey } = await snapshot();
  if (evidenceKey === undefined) throw new Error('no evidence key');
  const writer = new Writer(await createSealer(evidenceKey));
  const exchange = newName('exchanges');
  const content = { case: 'prompt' as const, value: { body: Buffer.from(text) } };
  await append(context, writer.plane, [writer.write({ exchange }, { content })]);
  return exchange;
}

async function read(exchange: string, as = context): Promise<string> {
  const document = await findExchange(as.database, exchange);
  if (document === undefined) throw new Error('no exchange');
  const load = await openContents(as, auditor, [document]);
  return String((await load(document)).prompt?.body);
}

describe('the snapshot', () => {
  test('has the key in force and the key of receipts, the same for every replica', async () => {
    const [one, other] = [await snapshot(), await snapshot(await env.replica())];
    const [key] = await list();
    expect(`evidenceKeys/${one.evidenceKey?.id}`).toBe(key?.name);
    expect(one.evidenceKey?.publicKey).toHaveLength(32);
    const { publicKey } = await loadSigningKey(context, 'receipt');
    expect(Buffer.from(one.receiptKey)).toEqual(Buffer.from(publicKey));
    expect(other).toEqual(one);
  });
});

describe('rotation', () => {
  test('puts a new key in force for planes, is recorded, and what is old opens as before', async () => {
    const before = await snapshot();
    const old = await sealed('old words');
    const made = await rotate();
    expect(made).toMatchObject({ current: true, available: true });
    const after = await snapshot();
    expect(after.revision).toBe(before.revision + 1n);
    expect(`evidenceKeys/${after.evidenceKey?.id}`).toBe(made?.name);
    expect(after.evidenceKey?.id).not.toBe(before.evidenceKey?.id);
    const fresh = await sealed('new words');
    expect([await read(old), await read(fresh)]).toEqual(['old words', 'new words']);
    const query = { action: 'evidenceKey.rotate', resource: made?.name ?? '' };
    expect(await context.database.db.collection('records').countDocuments(query)).toBe(1);
  });

  test('by several at once makes a row of keys, listed newest first, one of them current', async () => {
    const count = (await list()).length;
    await Promise.all([rotate(), rotate(await env.replica()), rotate()]);
    const keys = await list(context, 2);
    expect(keys).toHaveLength(count + 3);
    expect(new Set(keys.map(({ name }) => name)).size).toBe(count + 3);
    expect(keys.map(({ current }) => current)).toEqual(keys.map((_, index) => index === 0));
  });

  test('that the keeper of the keys does not take changes nothing', async () => {
    const before = await list();
    const create = () => Promise.reject(new EvidenceKeyError('unavailable', 'x', 'AWS KMS does not answer'));
    const refused = await failure(rotate({ ...context, evidenceKeys: { ...context.evidenceKeys, create } }));
    expect(refused.reason).toBe(Reason.EVIDENCE_KEY_UNAVAILABLE);
    expect(await list()).toEqual(before);
  });

  test('on one replica is no use to another until the file is there, and no start is needed then', async () => {
    const exchange = await sealed('words');
    const elsewhere = await openTestKeys();
    const other = { ...(await env.replica()), evidenceKeys: elsewhere.provider };
    expect((await list(other)).every(({ available }) => !available)).toBe(true);
    expect((await failure(read(exchange, other))).reason).toBe(Reason.EVIDENCE_KEY_UNAVAILABLE);
    await cp(env.keysDirectory, elsewhere.directory, { recursive: true });
    expect(await read(exchange, other)).toBe('words');
    expect((await list(other)).every(({ available }) => available)).toBe(true);
    await elsewhere.close();
  });
});

describe('at the start', () => {
  test('a replica without the key in force ends, with the words to mend it; older ones are only said', async () => {
    const elsewhere = await openTestKeys();
    const replica = { ...(await env.replica()), evidenceKeys: elsewhere.provider };
    await expect(loadEvidenceKeys(replica)).rejects.toThrow(/copy the folder/);
    expect(await elsewhere.provider.list()).toEqual([]);
    const [current, old] = await list();
    const fileOf = (directory: string, name = '') =>
      join(directory, 'evidence-keys', `${name.replace('evidenceKeys/', '')}.json`);
    await cp(fileOf(env.keysDirectory, current?.name), fileOf(elsewhere.directory, current?.name));
    env.logs.length = 0;
    await loadEvidenceKeys({ ...replica, evidenceKeys: createFileKeys(elsewhere.directory) });
    expect(env.logs.join()).toContain('"event":"evidence_key_missing"');
    expect(env.logs.join()).toContain(old?.name?.replace('evidenceKeys/', ''));
    await rm(elsewhere.directory, { recursive: true });
  });

  test('replicas that share a folder and start at once agree on one key', async () => {
    const fresh = await startEnv();
    const replicas = [fresh.context, await fresh.replica(), await fresh.replica()];
    await Promise.all(replicas.map(loadEvidenceKeys));
    expect(await list(fresh.context)).toHaveLength(1);
    const query = { action: 'evidenceKey.create' };
    expect(await fresh.context.database.db.collection('records').countDocuments(query)).toBe(1);
    await fresh.close();
  });
});

test('planes get no key that only the store has, nor one that the store says otherwise', async () => {
  const own = await rotate();
  const keys = context.database.db.collection('evidenceKeys');
  const mine = { _id: own?.name as never };
  const foreign = { _id: `evidenceKeys/${'f'.repeat(43)}` as never, ordinal: 1_000 };
  const publicKey = Buffer.alloc(32, 9);
  await keys.insertOne({ ...foreign, publicKey, createTime: new Date() });
  expect(`evidenceKeys/${(await snapshot()).evidenceKey?.id}`).toBe(own?.name);
  const before = await keys.findOne(mine);
  await keys.updateOne(mine, { $set: { publicKey } });
  const { evidenceKey } = await snapshot();
  expect(evidenceKey?.id).not.toBe(before?._id.toString().split('/')[1]);
  expect(Buffer.from(evidenceKey?.publicKey ?? [])).not.toEqual(publicKey);
  expect(evidenceKey?.publicKey).toHaveLength(32);
  await keys.updateOne(mine, { $set: { publicKey: before?.['publicKey'] } });
  await keys.deleteOne({ _id: foreign._id });
});

test('a page token that somebody made up is refused', async () => {
  const request = create(ListEvidenceKeysRequestSchema, { pageToken: pageToken('evidenceKeys', 'NaN') });
  const refused = createEvidenceService(context).listEvidenceKeys(request, byAdmin());
  expect(await failure(Promise.resolve(refused))).toMatchObject({ reason: Reason.INVALID_PAGE_TOKEN });
});
