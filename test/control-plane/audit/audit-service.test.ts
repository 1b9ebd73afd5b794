import { create, fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { HandlerContext } from '@connectrpc/connect';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ExportExchangesRequestSchema,
  GetExchangeRequestSchema,
  ListExchangesRequestSchema,
  ListRecordsRequestSchema,
  ListSessionsRequestSchema,
  ReplaySessionRequestSchema,
} from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { OutcomeStatus, RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { createAuditService } from '../../../control-plane/api/audit-service.ts';
import type { ActionName } from '../../../control-plane/audit/action-names.ts';
import { recordAction } from '../../../control-plane/audit/actions.ts';
import type { Context } from '../../../control-plane/context.ts';
import { auditor, byAuditor, person } from './call.ts';
import { failure } from './failure.ts';
import { openStore, type Store } from './store.ts';
import { append, newName, START_MS, sha256, type Writer } from './writer.ts';

let store: Store;
let context: Context;
let service: ReturnType<typeof createAuditService>;
const SESSIONS = 3;
const EXCHANGES = 4;
const sessions: string[] = [];

beforeAll(async () => {
  store = await openStore();
  context = store.replica();
  service = createAuditService(context);
  const writer = store.writer();
  for (let session = 0; session < SESSIONS; session++) {
    sessions.push(newName('sessions'));
    for (let exchange = 0; exchange < EXCHANGES; exchange++) {
      await append(context, writer.plane, writeExchange(writer, session, exchange));
    }
  }
}, 120_000);
afterAll(() => store.close());

/** Sessions a minute apart, their exchanges at the same millisecond, two frames 400 s apart. */
function writeExchange(writer: Writer, session: number, index: number) {
  const startMs = START_MS + session * 60_000;
  const common = { exchange: newName('exchanges'), session: sessions[session] ?? '' };
  const caller = person(`user-${session}`);
  const outcome = { status: index === 0 ? OutcomeStatus.CLIENT_GONE : OutcomeStatus.COMPLETED };
  const frames = [
    { offsetUs: 100_000_000n, data: Buffer.from('one') },
    { offsetUs: 500_000_000n, data: Buffer.from('two') },
  ];
  return [
    writer.write(
      { ...common, caller, kind: RecordKind.INTENT, model: 'm', time: timestampFromMs(startMs) },
      { content: { case: 'prompt', value: { body: Buffer.from(`prompt ${index}`) } } },
    ),
    writer.write(
      { ...common, caller, kind: RecordKind.OUTCOME, outcome, time: timestampFromMs(startMs + 500) },
      { content: { case: 'delivery', value: { contentType: 'text/plain', frames } } },
    ),
  ];
}

function actions(action: string): Promise<string[]> {
  return store.database.db
    .collection('records')
    .find({ action })
    .sort({ _id: 1 })
    .map((document) => String(document['resource']))
    .toArray();
}

async function listExchanges(filter: object, pageSize = 0): Promise<string[]> {
  const names: string[] = [];
  let token = '';
  do {
    const request = create(ListExchangesRequestSchema, { filter, pageSize, pageToken: token });
    const response = await service.listExchanges(request, byAuditor());
    names.push(...(response.exchanges ?? []).map((exchange) => exchange.name ?? ''));
    token = response.nextPageToken ?? '';
  } while (token !== '');
  return names;
}

async function firstOf(session: number): Promise<string> {
  const [name] = await listExchanges({ session: sessions[session] ?? '' });
  if (name === undefined) throw new Error('no exchange');
  return name;
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of stream) all.push(item);
  return all;
}

describe('lists', () => {
  test('exchanges come newest first, every one once, whatever the page size', async () => {
    const all = await listExchanges({});
    expect(all).toHaveLength(SESSIONS * EXCHANGES);
    expect(new Set(all).size).toBe(all.length);
    for (const pageSize of [1, 2, 5]) expect(await listExchanges({}, pageSize)).toEqual(all);
  });

  test.each<[string, () => object, number]>([
    ['session', () => ({ session: sessions[1] }), EXCHANGES],
    ['subject', () => ({ caller: 'user-1' }), EXCHANGES],
    ['e-mail, in any case', () => ({ caller: 'USER-1@example.org' }), EXCHANGES],
    ['status', () => ({ status: OutcomeStatus.CLIENT_GONE }), SESSIONS],
    ['since', () => ({ since: timestampFromMs(START_MS + 60_000) }), 2 * EXCHANGES],
    ['until', () => ({ until: timestampFromMs(START_MS + 60_000) }), EXCHANGES],
    ['all of them', () => ({ caller: 'user-1', status: OutcomeStatus.CLIENT_GONE }), 1],
    ['nobody', () => ({ caller: 'nobody' }), 0],
  ])('exchanges are found by %s', async (_what, filter, count) => {
    expect(await listExchanges(filter())).toHaveLength(count);
  });

  test('a page token is good for its own query only', async () => {
    const request = create(ListExchangesRequestSchema, { pageSize: 1 });
    const { nextPageToken = '' } = await service.listExchanges(request, byAuditor());
    const other = create(ListExchangesRequestSchema, {
      pageToken: nextPageToken,
      filter: { caller: 'user-1' },
    });
    const refused = await failure(Promise.resolve(service.listExchanges(other, byAuditor())));
    expect(refused.reason).toBe(Reason.INVALID_PAGE_TOKEN);
  });

  test('sessions come newest first with what they sum up', async () => {
    const first = await service.listSessions(create(ListSessionsRequestSchema, { pageSize: 2 }), byAuditor());
    const pageToken = first.nextPageToken ?? '';
    const rest = await service.listSessions(
      create(ListSessionsRequestSchema, { pageSize: 2, pageToken }),
      byAuditor(),
    );
    const all = [...(first.sessions ?? []), ...(rest.sessions ?? [])];
    expect(all.map((session) => session.name)).toEqual([...sessions].reverse());
    expect(all[0]).toMatchObject({ exchangeCount: EXCHANGES, refusedCount: 0, models: ['m'] });
    expect(all[0]?.caller?.subject).toBe('user-2');
    const mine = await service.listSessions(
      create(ListSessionsRequestSchema, { caller: 'User-1@example.org' }),
      byAuditor(),
    );
    expect(mine.sessions?.map((session) => session.name)).toEqual([sessions[1]]);
  });

  test('records of an exchange come in the order of receipt, without reading content', async () => {
    const exchange = await firstOf(0);
    const read = await actions('content.read');
    const page = await service.listRecords(create(ListRecordsRequestSchema, { exchange }), byAuditor());
    expect(page.records?.map((stored) => stored.record?.kind)).toEqual([
      RecordKind.INTENT,
      RecordKind.OUTCOME,
    ]);
    expect(await actions('content.read')).toEqual(read);
  });

  test('records of what was done are found by action and time, in pages', async () => {
    const list = async (request: MessageInitShape<typeof ListRecordsRequestSchema>) => {
      const page = await service.listRecords(create(ListRecordsRequestSchema, request), byAuditor());
      const done = page.records?.map(({ record }) => `${record?.action} ${record?.resource}`) ?? [];
      return { done, next: page.nextPageToken ?? '' };
    };
    const caller = auditor;
    const done = [
      'policy.create a',
      'policyx.create b',
      'policy.update a',
      'plane.revoke p',
      'policy.delete a',
    ];
    const before = Date.now();
    for (const [action = '', resource = ''] of done.map((one) => one.split(' '))) {
      await recordAction(context, undefined, { caller, action: action as ActionName, resource });
    }
    const ofPolicies = done.filter((one) => one.startsWith('policy.'));
    expect((await list({ action: 'policy.*' })).done).toEqual(ofPolicies);
    expect((await list({ action: 'policy.update' })).done).toEqual(['policy.update a']);
    expect((await list({ action: '*' })).done.slice(-done.length)).toEqual(done);
    const since = timestampFromMs(before);
    expect((await list({ since })).done).toEqual(done);
    expect((await list({ since: timestampFromMs(Date.now() + 60_000) })).done).toEqual([]);

    const first = await list({ action: 'policy.*', since, pageSize: 2 });
    expect(first.done).toEqual(ofPolicies.slice(0, 2));
    const second = await list({ action: 'policy.*', since, pageSize: 2, pageToken: first.next });
    expect(second).toEqual({ done: ofPolicies.slice(2), next: '' });
    // A token is for what it was given for.
    expect(await failure(list({ action: '*', since, pageToken: first.next }))).toMatchObject({
      reason: Reason.INVALID_PAGE_TOKEN,
    });
  });
});

describe('getExchange', () => {
  test('returns prompt and answer, and records the reading first', async () => {
    const name = await firstOf(0);
    const before = (await actions('content.read')).length;
    const request = create(GetExchangeRequestSchema, { name });
    const { exchange } = await service.getExchange(request, byAuditor());
    expect(Buffer.from(exchange?.prompt?.body ?? []).toString()).toMatch(/^prompt/);
    expect(exchange?.delivery?.frames?.map((frame) => String(frame.data))).toHaveLength(2);
    expect((await actions('content.read')).slice(before)).toEqual([name]);
  });

  test('returns nothing when the reading cannot be recorded', async () => {
    const broken = { ...context, now: () => new Date(Number.NaN) };
    const request = create(GetExchangeRequestSchema, { name: await firstOf(0) });
    await expect(createAuditService(broken).getExchange(request, byAuditor())).rejects.toThrow();
  });

  test('does not know what does not exist', async () => {
    const request = create(GetExchangeRequestSchema, { name: 'exchanges/none' });
    const refused = await failure(Promise.resolve(service.getExchange(request, byAuditor())));
    expect(refused.reason).toBe(Reason.NOT_FOUND);
  });
});

describe('replaySession', () => {
  const replay = (name: string, speed: number, call: HandlerContext) =>
    service.replaySession(create(ReplaySessionRequestSchema, { name, speed }), call);

  test('sends each exchange of a session: begin with the prompt, frames, end; readings recorded', async () => {
    const before = (await actions('content.read')).length;
    const events = await collect(replay(sessions[0] ?? '', 0, byAuditor()));
    const cases = events.map((response) => response.event?.case);
    expect(cases).toEqual(Array.from({ length: EXCHANGES }, () => ['begin', 'frame', 'frame', 'end']).flat());
    const [begin] = events;
    if (begin?.event?.case !== 'begin') throw new Error('no begin');
    expect(begin.event.value.prompt?.body).toBeDefined();
    expect(begin.event.value.delivery).toBeUndefined();
    expect((await actions('content.read')).length).toBe(before + EXCHANGES);
  });

  test('keeps the original intervals, scaled', async () => {
    const times: number[] = [];
    const name = await firstOf(0);
    for await (const response of replay(name, 4_000, byAuditor())) {
      if (response.event?.case === 'frame') times.push(performance.now());
    }
    const [first = 0, second = 0] = times;
    // 100 ms at this speed; timers may fire 1 ms early. At its original pace the test would not end in its time.
    expect(second - first).toBeGreaterThanOrEqual(98);
  });

  test('ends at once with an error when the reader goes away', async () => {
    const abort = new AbortController();
    const name = await firstOf(0);
    const events: unknown[] = [];
    const reading = (async () => {
      // At this speed the first frame is due after 1,000 s.
      for await (const response of replay(name, 0.1, byAuditor(abort.signal))) {
        events.push(response);
        abort.abort();
      }
    })();
    expect((await failure(reading)).reason).toBe(Reason.DRAINING);
    expect(events).toHaveLength(1);
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses speed %d', async (speed) => {
    const refused = await failure(collect(replay(sessions[0] ?? '', speed, byAuditor())));
    expect(refused.reason).toBe(Reason.INVALID_ARGUMENT);
  });

  test('does not know what does not exist', async () => {
    const refused = await failure(collect(replay('sessions/none', 0, byAuditor())));
    expect(refused.reason).toBe(Reason.NOT_FOUND);
  });
});

describe('exportExchanges', () => {
  const exported = (includeContent: boolean) =>
    collect(service.exportExchanges(create(ExportExchangesRequestSchema, { includeContent }), byAuditor()));

  test('sends all, oldest first, with their records and without content', async () => {
    const before = (await actions('content.read')).length;
    const all = await exported(false);
    expect(all.map((one) => one.exchange?.name)).toEqual((await listExchanges({})).reverse());
    expect(all.every((one) => one.records?.length === 2 && one.exchange?.prompt === undefined)).toBe(true);
    expect((await actions('content.read')).length).toBe(before);
  });

  test('has what came while the clock of the control plane was ahead', async () => {
    const exchanges = store.database.db.collection('exchanges');
    const records = store.database.db.collection<{ _id: string }>('records');
    const [exchange] = await exchanges.find().limit(1).toArray();
    const came = { _id: exchange?.['sources'].base.record };
    const record = await records.findOne(came, { promoteLongs: false });
    if (exchange === undefined || record === null) throw new Error('nothing is stored');
    const ahead = uuidv7({ msecs: Date.now() + 3_600_000 });
    await records.deleteOne(came);
    await records.insertOne({ ...record, _id: ahead });
    await exchanges.updateOne({ _id: exchange._id }, { $set: { 'sources.base.record': ahead } });
    expect((await exported(false)).map((one) => one.exchange?.name)).toEqual(
      (await listExchanges({})).reverse(),
    );
  });

  test('does not pass over what says that it came later, where no record did', async () => {
    const exchanges = store.database.db.collection('exchanges');
    const [exchange] = await exchanges.find().limit(1).toArray();
    if (exchange === undefined) throw new Error('nothing is stored');
    const set = (record: string) =>
      exchanges.updateOne({ _id: exchange._id }, { $set: { 'sources.base.record': record } });
    await set('z');
    try {
      await expect(exported(false)).rejects.toThrow(`${exchange._id}`);
    } finally {
      await set(exchange['sources'].base.record);
    }
  });

  test('records every reading when content is included', async () => {
    const before = (await actions('content.read')).length;
    const all = await exported(true);
    expect(all.every((one) => one.exchange?.prompt && one.exchange.delivery)).toBe(true);
    expect((await actions('content.read')).slice(before)).toEqual(all.map((one) => one.exchange?.name));
  });
});

describe('recordAction', () => {
  test('many at once make one chain without gaps, also with transactions between', async () => {
    const replica = store.replica();
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => {
        const action = { caller: auditor, action: 'joinToken.create' as const, resource: `tests/${index}` };
        return index % 8 === 0
          ? store.database.transaction((session) => recordAction(replica, session, action))
          : recordAction(replica, undefined, action);
      }),
    );
    const plane = `control-plane/${replica.replica}`;
    const found = await store.database.db.collection('records').find({ plane }).sort({ seq: 1 }).toArray();
    expect(found).toHaveLength(40);
    let before: Uint8Array = new Uint8Array(32);
    for (const [index, document] of found.entries()) {
      const bytes: Uint8Array = document['bytes'].buffer;
      const record = fromBinary(RecordSchema, bytes);
      expect(record).toMatchObject({ plane, epoch: 1n, seq: BigInt(index + 1) });
      expect(Buffer.from(record.prevHash)).toEqual(Buffer.from(before));
      before = sha256(bytes);
    }
  });

  test('in a transaction that fails nothing is recorded', async () => {
    const action = { caller: auditor, action: 'notifier.test' as const, resource: 'tests/1' };
    const failing = store.database.transaction(async (session) => {
      await recordAction(context, session, action);
      throw new Error('undone');
    });
    await expect(failing).rejects.toThrow('undone');
    expect(await actions('notifier.test')).toEqual([]);
  });

  test('one that is too long fails alone', async () => {
    const long = { caller: auditor, action: 'notifier.update' as const, resource: 'x'.repeat(70_000) };
    const good = { caller: auditor, action: 'notifier.delete' as const, resource: 'tests/1' };
    const [first, second] = await Promise.allSettled([
      recordAction(context, undefined, long),
      recordAction(context, undefined, good),
    ]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
    expect(await actions('notifier.delete')).toEqual(['tests/1']);
  });
});
