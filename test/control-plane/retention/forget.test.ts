import { create } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HoldScopeSchema } from '#proto/sworn/retention/v1/hold_pb.ts';
import { ErasureResult } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import type { Context } from '../../../control-plane/context.ts';
import { eraseBatch } from '../../../control-plane/retention/erase.ts';
import { viewForgotten } from '../../../control-plane/retention/forget.ts';
import { placeHold } from '../../../control-plane/retention/hold.ts';
import {
  listForgotten,
  MAX_FORGOTTEN_SESSIONS,
  noteForgotten,
} from '../../../control-plane/storage/configuration/forgotten-sessions.ts';
import { readSnapshotHead } from '../../../control-plane/storage/configuration/heads.ts';
import { openStore, type Store } from '../audit/store.ts';
import { admin, begin, DAY_MS, erase, only } from './env.ts';

const TOKENS = { tokenized: { PERSON: 2 } };

let store: Store;
let context: Context;
beforeAll(async () => {
  store = await openStore();
  context = store.replica();
}, 120_000);
afterAll(() => store.close());

const listed = () => store.database.transaction((session) => listForgotten(store.database, session));
const revision = async () => (await readSnapshotHead(store.database))?.revision ?? 0n;

test('an erasure of content with tokens makes a revision by which planes forget its session', async () => {
  const { exchange, session } = await begin(store, context, TOKENS);
  const before = await revision();
  await erase(context, only(exchange));
  expect(await revision()).toBe(before + 1n);
  expect(await listed()).toEqual([{ _id: session, revision: before + 1n }]);
  // What was erased before is erased: planes have nothing new to learn.
  await erase(context, only(exchange));
  expect(await revision()).toBe(before + 1n);
  // Its session went on, and is erased again.
  const next = await begin(store, context, { ...TOKENS, session });
  expect(next.session).toBe(session);
  await erase(context, { case: 'session', value: session });
  expect(await listed()).toEqual([{ _id: session, revision: before + 2n }]);
});

test('what has no tokens, is kept by a hold or is only over is no reason to', async () => {
  const before = [await revision(), await listed()];
  const plain = await begin(store, context);
  const [{ result } = {}] = await erase(context, only(plain.exchange));
  expect(result).toBe(ErasureResult.ERASED);

  const held = await begin(store, context, TOKENS);
  await placeHold(context, admin, create(HoldScopeSchema, { session: held.session }), 'case 12');
  const [kept] = await erase(context, only(held.exchange));
  expect(kept?.result).toBe(ErasureResult.HELD);

  const retention = durationFromMs(DAY_MS);
  const over = await begin(store, context, { ...TOKENS, decision: { retention } });
  store.nowMs += 2 * DAY_MS;
  const order = { caller: undefined, authority: 'retention', scope: 'expired', reason: 'its time is over' };
  const [swept] = await eraseBatch(context, order, [over.exchange]);
  expect(swept?.result).toBe(ErasureResult.ERASED);
  expect([await revision(), await listed()]).toEqual(before);
});

test('the newest are kept, and a plane is told from when on none is left out', async () => {
  const names = Array.from({ length: MAX_FORGOTTEN_SESSIONS + 30 }, (_, index) => `sessions/many-${index}`);
  for (const [index, name] of names.entries()) {
    await store.database.transaction((session) =>
      noteForgotten(store.database, session, [name], BigInt(1_000 + index)),
    );
  }
  const all = await listed();
  expect(all.map(({ _id }) => _id)).toEqual(names.slice(30).reverse());
  expect(viewForgotten(all)).toMatchObject({ forgottenSince: 1_030n });
  expect(viewForgotten(all.slice(1))).toMatchObject({ forgottenSince: 0n });
  expect(await store.database.db.collection('forgottenSessions').countDocuments()).toBe(
    MAX_FORGOTTEN_SESSIONS,
  );
});
