import { create } from '@bufbuild/protobuf';
import type { Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ExportExchangesRequestSchema,
  type ExportExchangesResponse,
  GetExchangeRequestSchema,
  ReplaySessionRequestSchema,
} from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { ErasureResult } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { createAuditService } from '../../../control-plane/api/audit-service.ts';
import { decideApproval } from '../../../control-plane/approval/decide.ts';
import { readApproval } from '../../../control-plane/approval/read.ts';
import { requestApproval } from '../../../control-plane/approval/request.ts';
import type { Context } from '../../../control-plane/context.ts';
import { eraseBatch } from '../../../control-plane/retention/erase.ts';
import { insertTestPolicy, question, readableQuestion, rita, rob } from '../approval/question.ts';
import { auditor, byAuditor } from '../audit/call.ts';
import { failure } from '../audit/failure.ts';
import { openStore, type Store } from '../audit/store.ts';
import { append } from '../audit/writer.ts';
import {
  actions,
  admin,
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
let audit: ReturnType<typeof createAuditService>;
beforeAll(async () => {
  store = await openStore();
  context = store.replica();
  audit = createAuditService(context);
  await insertTestPolicy(store);
}, 120_000);
afterAll(() => store.close());

async function whole() {
  const begun = await begin(store, context);
  const outcome = outcomeOf(begun);
  await append(context, begun.writer.plane, [outcome]);
  return { ...begun, outcome };
}

async function read(name: string) {
  const { exchange } = await audit.getExchange(create(GetExchangeRequestSchema, { name }), byAuditor());
  return exchange;
}

async function records(exchange: string) {
  const found = store.database.db.collection('records').find({ exchange, kind: { $ne: RecordKind.ACTION } });
  return await found.sort({ _id: 1 }).toArray();
}

describe('an erasure', () => {
  test('of a session leaves nothing of its content and all of its records, and is recorded for each exchange', async () => {
    const one = await whole();
    const two = await begin(store, context, { session: one.session });
    const other = await whole();
    const asked = readableQuestion(store, 'Bulk?', one.writer.plane);
    const approval = question('q', { ...asked, exchange: one.exchange, session: one.session });
    await requestApproval(context, one.writer.plane, approval);
    const secrets = [one.intent, one.outcome, two.intent].flatMap(({ payload }) =>
      secretsOf(payload ?? new Uint8Array()),
    );
    secrets.push(...secretsOf(asked.sealedQuestion));
    expect(await collectionsWith(store, secrets)).toEqual(['approvals', 'payloads']);
    const before = await records(one.exchange);

    const results = await erase(context, { case: 'session', value: one.session });
    expect(results.map(({ exchange, result }) => [exchange, result])).toEqual(
      [one.exchange, two.exchange].sort().map((name) => [name, ErasureResult.ERASED]),
    );
    expect(await collectionsWith(store, secrets)).toEqual([]);
    expect(await records(one.exchange)).toEqual(before);
    const [action, ...more] = await actions(store, 'exchange.erase', one.exchange);
    expect(more).toEqual([]);
    expect(action).toMatchObject({ kind: RecordKind.ACTION, exchange: one.exchange, session: one.session });
    expect(action?.erasure).toMatchObject({
      authority: 'Privacy Office',
      scope: one.session,
      reason: 'case 4711',
    });
    expect(action?.caller?.subject).toBe(admin.subject);
    expect(await payloads(store, other.exchange)).toBe(2);
    expect(String((await read(other.exchange))?.prompt?.body)).toContain('Maria');
  });

  test('is said where the exchange is shown, replayed and exported, and no reading is recorded of it', async () => {
    const { exchange, session } = await whole();
    await erase(context, only(exchange));
    const told = { erasure: { authority: 'Privacy Office', scope: exchange, reason: 'case 4711' } };
    const shown = await read(exchange);
    expect(shown).toMatchObject(told);
    expect(shown?.eraseTime?.seconds).toBe(BigInt(store.nowMs / 1_000));
    expect([shown?.prompt, shown?.delivery, shown?.expireTime]).toEqual([undefined, undefined, undefined]);
    const events = [];
    const replayed = create(ReplaySessionRequestSchema, { name: exchange, speed: 0 });
    for await (const { event } of audit.replaySession(replayed, byAuditor())) events.push(event);
    expect(events).toMatchObject([
      { case: 'begin', value: told },
      { case: 'end', value: told },
    ]);
    const request = create(ExportExchangesRequestSchema, { filter: { session }, includeContent: true });
    const exported: ExportExchangesResponse[] = [];
    for await (const one of audit.exportExchanges(request, byAuditor()))
      exported.push(one as ExportExchangesResponse);
    expect(exported).toMatchObject([{ exchange: told }]);
    expect(exported[0]?.records.at(-1)?.record?.erasure).toMatchObject(told.erasure);
    expect(await actions(store, 'content.read', exchange)).toEqual([]);
  });

  test('is done once, however often and by however many it is asked for', async () => {
    const { exchange } = await whole();
    const replicas = Array.from({ length: 4 }, () => store.replica());
    const results = (await Promise.all(replicas.map((one) => erase(one, only(exchange))))).flat();
    expect(results.filter(({ result }) => result === ErasureResult.ERASED)).toHaveLength(1);
    expect(results.filter(({ result }) => result === ErasureResult.ERASED_BEFORE)).toHaveLength(3);
    expect(await actions(store, 'exchange.erase', exchange)).toHaveLength(1);
  });

  test('that a restored backup has undone is done again', async () => {
    const { exchange } = await whole();
    const { db } = store.database;
    const dump = new Map<string, Document[]>();
    for (const { collectionName } of await db.collections()) {
      dump.set(collectionName, await db.collection(collectionName, { promoteLongs: false }).find().toArray());
    }
    await erase(context, only(exchange));
    for (const [name, documents] of dump) {
      await db.collection(name).deleteMany({});
      if (documents.length > 0) await db.collection(name).insertMany(documents);
    }
    expect(await payloads(store, exchange)).toBe(2);
    // The control plane was started on it.
    const [again] = await erase(store.replica(), only(exchange));
    expect(again?.result).toBe(ErasureResult.ERASED);
    expect(await payloads(store, exchange)).toBe(0);
    expect(await actions(store, 'exchange.erase', exchange)).toHaveLength(1);
  });

  test('that is only tried does nothing', async () => {
    const { exchange } = await whole();
    const [tried] = await erase(context, only(exchange), { validateOnly: true });
    expect(tried?.result).toBe(ErasureResult.ERASED);
    expect([await payloads(store, exchange), await actions(store, 'exchange.erase', exchange)]).toEqual([
      2,
      [],
    ]);
  });

  test('of what is not there, or by the authority of the control plane itself, is refused', async () => {
    expect((await failure(erase(context, only('exchanges/none')))).reason).toBe(Reason.NOT_FOUND);
    const { exchange } = await begin(store, context);
    const claimed = await failure(erase(context, only(exchange), { authority: 'retention' }));
    expect(claimed.reason).toBe(Reason.INVALID_ARGUMENT);
    expect(await payloads(store, exchange)).toBe(1);
  });

  test('takes many exchanges, in batches', async () => {
    const first = await begin(store, context);
    for (let count = 1; count < 45; count++) await begin(store, context, { session: first.session });
    const results = await erase(context, { case: 'session', value: first.session });
    expect(new Set(results.map(({ exchange }) => exchange)).size).toBe(45);
    expect(results.every(({ result }) => result === ErasureResult.ERASED)).toBe(true);
  });

  test('is believed only where a record says so', async () => {
    const { exchange } = await whole();
    const { db } = store.database;
    await db.collection('payloads').deleteMany({ exchange });
    expect((await failure(read(exchange))).reason).toBe(Reason.CONTENT_ALTERED);
    const erasure = { authority: 'Nobody', scope: exchange, reason: 'none', time: new Date() };
    await db
      .collection('exchanges')
      .updateOne({ _id: exchange as never }, { $set: { erasure }, $unset: { expireTime: '' } });
    expect((await failure(read(exchange))).reason).toBe(Reason.CONTENT_ALTERED);
  });

  test('between the finding of an exchange and the reading is said as well', async () => {
    const { exchange } = await whole();
    const racing: Context = {
      ...context,
      database: {
        ...context.database,
        transaction: async (run) => {
          const result = await context.database.transaction(run);
          await eraseBatch(store.replica(), { caller: admin, authority: 'A', scope: exchange, reason: 'r' }, [
            exchange,
          ]);
          return result;
        },
      },
    };
    const service = createAuditService(racing);
    const got = await service.getExchange(create(GetExchangeRequestSchema, { name: exchange }), byAuditor());
    expect(got.exchange).toMatchObject({ erasure: { authority: 'A' } });
    expect(got.exchange?.prompt).toBeUndefined();
  });
});

describe('an approval of an erased exchange', () => {
  test('has no prompt, cannot be approved and can be denied', async () => {
    const { exchange, session, writer } = await begin(store, context);
    const asked = { ...readableQuestion(store, 'Bulk?', writer.plane), exchange, session };
    const asking = question('erased', asked);
    const { name } = await requestApproval(context, writer.plane, asking);
    expect(await collectionsWith(store, [Buffer.from(asking.requestDigest)])).toEqual(['approvals']);
    await erase(context, only(exchange));
    const person = { caller: auditor, roles: new Set([Role.AUDITOR]) };
    const shown = await readApproval(context, person, name);
    expect(shown.prompt).toEqual([]);
    expect(shown.eraseTime).toBeDefined();
    expect(shown.requestDigest).toHaveLength(0);
    expect(await collectionsWith(store, [Buffer.from(asking.requestDigest)])).toEqual([]);
    const refused = await failure(decideApproval(context, rita, name, { state: 'APPROVED', reason: '' }));
    expect(refused).toEqual({ reason: Reason.CONTENT_ERASED, metadata: { name, exchange } });
    expect(await decideApproval(context, rita, name, { state: 'DENIED', reason: '' })).toMatchObject({
      name,
    });
    const again = await failure(requestApproval(context, writer.plane, question('later', asked)));
    expect(again.reason).toBe(Reason.CONTENT_ERASED);
  });

  test.each([
    ['approved', 'APPROVED'],
    ['denied', 'DENIED'],
  ] as const)('that was %s says by whom, and not why any more', async (what, state) => {
    const { exchange, session, writer } = await begin(store, context);
    const asked = { ...readableQuestion(store, 'Bulk?', writer.plane), exchange, session, rule: 'ask-two' };
    const { name } = await requestApproval(context, writer.plane, question(`reasons-${what}`, asked));
    const words = ['Eva Muster is his wife', 'so says Eva Muster'];
    await decideApproval(context, rita, name, { state: 'APPROVED', reason: words[0] ?? '' });
    await decideApproval(context, rob, name, { state, reason: words[1] ?? '' });
    const secrets = words.map((word) => Buffer.from(word));
    expect(await collectionsWith(store, secrets)).toEqual(['approvals']);
    await erase(context, only(exchange));
    const person = { caller: auditor, roles: new Set([Role.AUDITOR]) };
    const { votes, reason, reasonKey, decidedBy } = await readApproval(context, person, name);
    expect([reason, reasonKey?.length ?? 0, decidedBy?.subject]).toEqual(['', 0, 'rob']);
    expect(votes[0]).toMatchObject({ reviewer: { subject: 'rita' }, reason: '' });
    expect(votes.every(({ reasonKey: key }) => key.length === 0)).toBe(true);
    expect(
      await collectionsWith(
        store,
        words.map((word) => Buffer.from(word)),
      ),
    ).toEqual([]);
  });
});
