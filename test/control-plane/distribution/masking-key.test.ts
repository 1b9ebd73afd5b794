import { randomBytes } from 'node:crypto';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SnapshotSchema } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import type { Context } from '../../../control-plane/context.ts';
import { buildSnapshot } from '../../../control-plane/distribution/build.ts';
import { loadMaskingKey } from '../../../control-plane/distribution/masking-key.ts';
import { loadSigningKey } from '../../../control-plane/distribution/signing-key.ts';
import { bootstrapIdentity } from '../../../control-plane/identity/bootstrap.ts';
import { createSeal, SealError } from '../../../control-plane/storage/sealing/seal.ts';
import { type Env, startEnv } from '../identity/env.ts';

let env: Env;
beforeAll(async () => {
  env = await startEnv({ issuer: 'https://idp.example.com' });
  await bootstrapIdentity(env.context);
}, 120_000);
afterAll(() => env.close());

const snapshotOf = async (context: Context) => {
  const built = await buildSnapshot(context, await loadSigningKey(context, 'snapshot'));
  return fromBinary(SnapshotSchema, built?.signed.snapshot ?? new Uint8Array());
};

test('replicas that make the key at once agree on one, which every snapshot has', async () => {
  const replicas = [env.context, await env.replica(), await env.replica()];
  const keys = await Promise.all(replicas.map(loadMaskingKey));
  expect(keys[0]).toHaveLength(32);
  expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
  const [one, other] = [await snapshotOf(env.context), await snapshotOf(replicas[1] ?? env.context)];
  expect(Buffer.compare(one.maskingKey, keys[0] ?? new Uint8Array())).toBe(0);
  expect(toBinary(SnapshotSchema, other)).toEqual(toBinary(SnapshotSchema, one));
});

test('the key lies sealed in the store, and opens under its own master key and name only', async () => {
  const key = Buffer.from(await loadMaskingKey(env.context));
  const { db } = env.context.database;
  for (const { name } of await db.listCollections().toArray()) {
    for (const document of await db.collection(name).find({}, { raw: true }).toArray()) {
      expect((document as unknown as Buffer).includes(key), name).toBe(false);
    }
  }
  const stranger = { ...env.context, seal: createSeal(randomBytes(32)) };
  await expect(loadMaskingKey(stranger)).rejects.toThrow(SealError);
  expect(env.logs.join()).not.toContain(key.toString('hex'));
  expect(env.logs.join()).not.toContain(key.toString('base64'));
});
