import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HoldScopeSchema } from '#proto/sworn/retention/v1/hold_pb.ts';
import { openContents } from '../../../control-plane/audit/content.ts';
import type { Context } from '../../../control-plane/context.ts';
import { endHold, placeHold } from '../../../control-plane/retention/hold.ts';
import { sweepExpired, sweepRemnants } from '../../../control-plane/retention/sweep.ts';
import { findExchange } from '../../../control-plane/storage/record/exchanges.ts';
import { writePayloads } from '../../../control-plane/storage/record/payloads.ts';
import { auditor } from '../audit/call.ts';
import { openStore, type Store } from '../audit/store.ts';
import { append } from '../audit/writer.ts';
import {
  actions,
  admin,
  type Begun,
  begin,
  collectionsWith,
  erase,
  only,
  outcomeOf,
  payloads,
  secretsOf,
} from './env.ts';

let store: Store;
let context: Context;
beforeAll(async () => {
  store = await openStore();
  context = store.replica();
}, 120_000);
afterAll(() => store.close());

async function erased(): Promise<Begun> {
  const begun = await begin(store, context);
  await erase(context, only(begun.exchange));
  return begun;
}

async function read(exchange: string) {
  const document = await findExchange(store.database, exchange);
  if (document === undefined) throw new Error('no exchange');
  return { document, content: await (await openContents(context, auditor, [document]))(document) };
}

test('content that comes for an erased exchange is destroyed on arrival, and that is recorded; its record is kept', async () => {
  const begun = await erased();
  const outcome = outcomeOf(begun);
  const { acknowledgedSeq } = await append(context, begun.writer.plane, [outcome]);
  expect(acknowledgedSeq).toBe(3n);
  expect(await collectionsWith(store, secretsOf(outcome.payload))).toEqual([]);
  const [first, second, ...more] = await actions(store, 'exchange.erase', begun.exchange);
  expect(more).toEqual([]);
  expect(first?.caller?.subject).toBe('adam');
  expect(second?.caller).toBeUndefined();
  expect(second?.erasure).toMatchObject({ authority: 'Privacy Office', scope: begun.exchange });
  expect(second?.erasure?.reason).toContain('came after');
  const { document, content } = await read(begun.exchange);
  expect(document.sources.outcome?.hasPayload).toBe(true);
  expect(content).toMatchObject({ erasure: { reason: 'case 4711' } });
});

test('a batch that comes again does not bring content back, nor a record more', async () => {
  const begun = await begin(store, context);
  const outcome = outcomeOf(begun);
  await append(context, begun.writer.plane, [outcome]);
  await erase(context, only(begun.exchange));
  // As a batch that had begun before, and wrote its payloads only now.
  const owner = { plane: begun.writer.plane, epoch: 1n, seq: 3n, exchange: begun.exchange };
  await writePayloads(store.database, [{ owner, bytes: outcome.payload }], new Date(store.nowMs));
  expect(await payloads(store, begun.exchange)).toBe(1);
  await append(context, begun.writer.plane, [begun.intent, outcome]);
  expect(await payloads(store, begun.exchange)).toBe(0);
  expect(await actions(store, 'exchange.erase', begun.exchange)).toHaveLength(1);
});

test('what a batch left that failed is swept', async () => {
  const begun = await erased();
  const owner = { plane: begun.writer.plane, epoch: 1n, seq: 3n, exchange: begun.exchange };
  await writePayloads(store.database, [{ owner, bytes: outcomeOf(begun).payload }], new Date(store.nowMs));
  expect(await sweepRemnants(context)).toBe(1);
  expect(await payloads(store, begun.exchange)).toBe(0);
});

test('what a hold keeps is no remnant, even where its record is still to come', async () => {
  const begun = await erased();
  const scope = create(HoldScopeSchema, { exchange: begun.exchange });
  const { name } = await placeHold(context, admin, scope, 'matter 3');
  const outcome = outcomeOf(begun);
  const owner = { plane: begun.writer.plane, epoch: 1n, seq: 3n, exchange: begun.exchange };
  await writePayloads(store.database, [{ owner, bytes: outcome.payload }], new Date(store.nowMs));
  expect(await sweepRemnants(context)).toBe(0);
  await append(context, begun.writer.plane, [outcome]);
  expect((await read(begun.exchange)).content.delivery).toBeDefined();
  await endHold(context, admin, name, 'closed');
});

test('a hold keeps what comes late, which can be read, until it is released', async () => {
  const begun = await erased();
  const scope = create(HoldScopeSchema, { exchange: begun.exchange });
  const { name } = await placeHold(context, admin, scope, 'matter 1');
  await append(context, begun.writer.plane, [outcomeOf(begun)]);
  expect(await payloads(store, begun.exchange)).toBe(1);
  const { content } = await read(begun.exchange);
  expect(String(content.delivery?.frames[0]?.data)).toBe('She is well.');
  expect(content).toMatchObject({ erasure: { reason: 'case 4711' } });
  await sweepExpired(context);
  await sweepRemnants(context);
  expect(await payloads(store, begun.exchange)).toBe(1);
  await endHold(context, admin, name, 'closed');
  await sweepExpired(context);
  expect(await payloads(store, begun.exchange)).toBe(0);
  const told = (await actions(store, 'exchange.erase', begun.exchange)).map(
    ({ erasure }) => erasure?.authority,
  );
  expect(told).toEqual(['Privacy Office', 'retention']);
});
