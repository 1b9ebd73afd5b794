import { randomBytes } from 'node:crypto';
import { create, fromBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OutcomeStatus, RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { RecordEntry } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { openContents } from '../../../control-plane/audit/content.ts';
import { listSession, viewExchange } from '../../../control-plane/audit/view.ts';
import type { Context } from '../../../control-plane/context.ts';
import { findExchange } from '../../../control-plane/storage/record/exchanges.ts';
import { PAYLOAD_CHUNK_BYTES } from '../../../control-plane/storage/record/payloads.ts';
import { listRecords } from '../../../control-plane/storage/record/records.ts';
import { listSessions } from '../../../control-plane/storage/record/sessions.ts';
import { failure } from './failure.ts';
import { openStore, type Store } from './store.ts';
import { append, newName, START_MS, sha256, type Writer } from './writer.ts';

let store: Store;
let context: Context;
beforeAll(async () => {
  store = await openStore();
  context = store.replica();
}, 120_000);
afterAll(() => store.close());

const caller = create(CallerSchema, { issuer: 'https://idp', subject: 'alice', email: 'Alice@Example.org' });
const auditor = create(CallerSchema, { issuer: 'https://idp', subject: 'audrey' });

/** Without those that begin epochs. */
function countRecords(plane: string): Promise<number> {
  const kind = { $ne: RecordKind.EPOCH_BEGIN };
  return store.database.db.collection('records').countDocuments({ plane, kind });
}

/** One exchange: an intent with its prompt and an outcome with what was delivered. */
function writeExchange(writer: Writer, session: string, exchange = newName('exchanges')): RecordEntry[] {
  return [
    writer.write(
      { kind: RecordKind.INTENT, exchange, session, caller, model: 'gpt-5', findings: { US_SSN: 2 } },
      {
        content: {
          case: 'prompt',
          value: { body: Buffer.from('{"x":1}'), method: 'POST', path: '/v1/responses' },
        },
      },
    ),
    writer.write(
      {
        kind: RecordKind.OUTCOME,
        exchange,
        session,
        findings: { PERSON: 1 },
        approval: 'approvals/1',
        outcome: { status: OutcomeStatus.COMPLETED, httpStatus: 200 },
      },
      {
        content: {
          case: 'delivery',
          value: { contentType: 'text/plain', frames: [{ offsetUs: 5n, data: Buffer.from('hi') }] },
        },
      },
    ),
  ];
}

describe('appendRecords', () => {
  test('keeps the bytes as written, with unknown fields, and acknowledges the last seq', async () => {
    const writer = store.writer();
    const entry = writer.write({});
    // Field 1000 (varint 7), of a newer writer: it is part of the evidence.
    const bytes = Buffer.concat([entry.record, Buffer.from([0xc0, 0x3e, 7])]);
    const result = await append(context, writer.plane, [{ ...entry, record: bytes }]);
    expect(result).toMatchObject({ epoch: 1n, acknowledgedSeq: 2n });
    const { exchange } = fromBinary(RecordSchema, entry.record);
    const [stored] = await listRecords(store.database, { exchange }, undefined, 10);
    expect(Buffer.from(stored?.bytes ?? [])).toEqual(bytes);
    expect(Buffer.from(stored?.digest ?? [])).toEqual(Buffer.from(sha256(bytes)));
  });

  test('takes the same batch again, whole or overlapping, without storing anything twice', async () => {
    const writer = store.writer();
    const session = newName('sessions');
    const entries = [...writeExchange(writer, session), ...writeExchange(writer, session)];
    await append(context, writer.plane, entries.slice(0, 3));
    expect((await append(context, writer.plane, entries.slice(0, 3))).acknowledgedSeq).toBe(4n);
    expect((await append(context, writer.plane, entries.slice(1))).acknowledgedSeq).toBe(5n);
    // An old batch is told how far everything is.
    expect((await append(context, writer.plane, entries.slice(0, 1))).acknowledgedSeq).toBe(5n);
    expect(await countRecords(writer.plane)).toBe(4);
    const sessions = await listSessions(store.database, {}, undefined, 1000);
    expect(sessions.find((found) => found._id === session)?.exchangeCount).toBe(2);
  });

  test('the same batch ten times at once is stored once', async () => {
    const writer = store.writer();
    const session = newName('sessions');
    const entries = writeExchange(writer, session);
    const replicas = [store.replica(), store.replica()];
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) => append(replicas[index % 2] ?? context, writer.plane, entries)),
    );
    expect(new Set(results.map((result) => result.acknowledgedSeq))).toEqual(new Set([3n]));
    expect(await countRecords(writer.plane)).toBe(2);
  });

  test('refuses a gap and says where to continue', async () => {
    const writer = store.writer();
    const entries = [writer.write({}), writer.write({}), writer.write({}), writer.write({})];
    await append(context, writer.plane, entries.slice(0, 1));
    const expected = { reason: Reason.RECORD_GAP, metadata: { epoch: '1', seq: '3' } };
    expect(await failure(append(context, writer.plane, entries.slice(2)))).toEqual(expected);
    const holed = [entries[1], entries[3]].flatMap((entry) => entry ?? []);
    const inside = { reason: Reason.RECORD_GAP, metadata: { epoch: '1', seq: '4' } };
    expect(await failure(append(context, writer.plane, holed))).toEqual(inside);
    expect(await countRecords(writer.plane)).toBe(1);
  });

  test('refuses a record of a stored seq with other bytes, loudly, and with it the whole batch', async () => {
    const writer = store.writer();
    const first = writer.write({});
    await append(context, writer.plane, [first]);
    const forger = store.writer(writer.plane);
    const forged = [forger.write({ model: 'other' }), forger.write({})];
    store.log.length = 0;
    const expected = { reason: Reason.RECORD_CONFLICT, metadata: { epoch: '1', seq: '2' } };
    expect(await failure(append(context, writer.plane, forged))).toEqual(expected);
    expect(store.log.join('')).toContain('"event":"record_conflict"');
    expect(await countRecords(writer.plane)).toBe(1);
    // Continuing another history than the stored one is found by the chain.
    const tail = forged.slice(1);
    expect((await failure(append(context, writer.plane, tail))).reason).toBe(Reason.RECORD_CONFLICT);
    expect(await countRecords(writer.plane)).toBe(1);
  });

  test('refuses a batch in which one record does not follow the one before', async () => {
    const writer = store.writer();
    const first = writer.write({});
    writer.prevHash = sha256(Buffer.from('other'));
    const expected = { reason: Reason.RECORD_CONFLICT, metadata: { epoch: '1', seq: '3' } };
    expect(await failure(append(context, writer.plane, [first, writer.write({})]))).toEqual(expected);
    expect(await countRecords(writer.plane)).toBe(0);
  });

  test('a new epoch begins at seq 1, while the old one is not complete', async () => {
    const old = store.writer();
    await append(context, old.plane, [old.write({})]);
    const next = store.writer(old.plane, 2n);
    await append(context, old.plane, [next.write({})]);
    expect((await append(context, old.plane, [old.write({})])).acknowledgedSeq).toBe(3n);
    const late = store.writer(old.plane, 4n);
    late.write({});
    const gap = { reason: Reason.RECORD_GAP, metadata: { epoch: '4', seq: '1' } };
    expect(await failure(append(context, old.plane, [late.write({})]))).toEqual(gap);
  });

  test.each<[string, (writer: Writer) => RecordEntry[]]>([
    ['of another plane', (writer) => [store.writer(`${writer.plane}x`).begin]],
    ['of two epochs', (writer) => [writer.write({}), store.writer(writer.plane, 2n).begin]],
    [
      'with another payload',
      (writer) => [{ ...writer.write({}, prompt('a')), payload: new Uint8Array([1]) }],
    ],
    [
      'with keys that it does not state',
      (writer) => [writer.write({ keysSha256: sha256(Buffer.from('x')) }, prompt('a'))],
    ],
    ['without its payload', (writer) => [{ ...writer.write({}, prompt('a')), payload: new Uint8Array(0) }]],
    [
      'with a payload that it does not state',
      (writer) => [{ ...writer.write({}), payload: new Uint8Array([1]) }],
    ],
    ['of a kind that planes do not write', (writer) => [writer.write({ kind: RecordKind.ACTION })]],
    ['without time', (writer) => [writer.write({ time: timestampFromMs(-1000) })]],
    // What cannot be written as JSON could be shown to nobody, nor could a list or an export with it.
    ['with a time that is none', (writer) => [writer.write({ time: { seconds: 1n, nanos: -1 } })]],
    [
      'with a length of time that is none',
      (writer) => [writer.write({ decision: { retention: { seconds: 2n ** 50n } } })],
    ],
    ['without exchange', (writer) => [writer.write({ exchange: '' })]],
    ['that is no record', (writer) => [{ ...writer.write({}), record: new Uint8Array([0xff]) }]],
    [
      'one byte longer than a leaf of the log may be',
      (writer) => {
        // Its tag and length are four bytes.
        const rest = store.writer().write({}).record.length + 4;
        return [writer.write({ model: 'm'.repeat(65_536 - rest) })];
      },
    ],
    ['with an epoch over int64', (writer) => [store.writer(writer.plane, 2n ** 63n).begin]],
  ])('refuses records %s', async (_what, make) => {
    const writer = store.writer();
    const refused = await failure(append(context, writer.plane, make(writer)));
    expect(refused.reason).toBe(Reason.INVALID_ARGUMENT);
    expect(await countRecords(writer.plane)).toBe(0);
  });
});

function prompt(body: string | Buffer) {
  return { content: { case: 'prompt' as const, value: { body: Buffer.from(body as string) } } };
}

describe('payloads', () => {
  test('one larger than a document comes back whole', async () => {
    const writer = store.writer();
    const exchange = newName('exchanges');
    const body = randomBytes(PAYLOAD_CHUNK_BYTES * 2 + 10);
    const entry = writer.write({ exchange }, { content: { case: 'prompt', value: { body } } });
    await append(context, writer.plane, [entry]);
    const chunks = await store.database.db.collection('payloads').find({ exchange }).toArray();
    expect(chunks).toHaveLength(3);
    const document = await findExchange(store.database, exchange);
    if (document === undefined) throw new Error('no exchange');
    const load = await openContents(context, auditor, [document]);
    expect(Buffer.compare((await load(document)).prompt?.body ?? Buffer.alloc(0), body)).toBe(0);
    await store.database.db.collection('payloads').deleteOne({ _id: /\/1$/, exchange } as object);
    expect((await failure(load(document))).reason).toBe(Reason.CONTENT_ALTERED);
  });

  test('an attempt that broke off before its record is completed by the next one', async () => {
    const writer = store.writer();
    const exchange = newName('exchanges');
    const entry = writer.write({ exchange }, prompt(randomBytes(PAYLOAD_CHUNK_BYTES)));
    await append(context, writer.plane, [entry]);
    const { db } = store.database;
    // As after a crash between the two: chunks without a record, one of them missing.
    await db.collection('records').deleteMany({ plane: writer.plane });
    await db.collection('writers').deleteMany({ plane: writer.plane });
    await db.collection('exchanges').deleteMany({ plane: writer.plane });
    await db.collection('payloads').deleteOne({ exchange, _id: /\/0$/ } as object);
    await append(context, writer.plane, [entry]);
    const document = await findExchange(store.database, exchange);
    if (document === undefined) throw new Error('no exchange');
    const load = await openContents(context, auditor, [document]);
    expect((await load(document)).prompt?.body).toHaveLength(PAYLOAD_CHUNK_BYTES);
  });
});

describe('exchanges and sessions', () => {
  test('an exchange is put together from its records', async () => {
    const writer = store.writer();
    const session = newName('sessions');
    const exchange = newName('exchanges');
    await append(context, writer.plane, writeExchange(writer, session, exchange));
    const document = await findExchange(store.database, exchange);
    if (document === undefined) throw new Error('no exchange');
    const view = viewExchange(document);
    expect(view).toMatchObject({
      name: exchange,
      session,
      plane: writer.plane,
      model: 'gpt-5',
      approval: 'approvals/1',
      promptFindings: { US_SSN: 2 },
      responseFindings: { PERSON: 1 },
      outcome: { status: OutcomeStatus.COMPLETED },
    });
    expect(view.caller?.subject).toBe('alice');
    const load = await openContents(context, auditor, [document]);
    const content = await load(document);
    expect(Buffer.from(content.prompt?.body ?? []).toString()).toBe('{"x":1}');
    expect(content.delivery?.frames[0]?.offsetUs).toBe(5n);
  });

  test('the projection is the same in whatever order epochs come', async () => {
    const session = newName('sessions');
    const views = [];
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const exchange = `exchanges/order-${order.join('')}-${session.slice(-12)}`;
      const plane = newName('planes');
      const [intent, outcome] = [store.writer(plane, 1n), store.writer(plane, 2n)];
      const parts = [
        intent.write({ exchange, session, caller, model: 'm', time: timestampFromMs(START_MS) }),
        outcome.write({
          kind: RecordKind.OUTCOME,
          exchange,
          session,
          outcome: { status: OutcomeStatus.INTERRUPTED },
          time: timestampFromMs(START_MS + 500),
        }),
      ];
      for (const index of order)
        await append(
          context,
          plane,
          [parts[index]].flatMap((part) => part ?? []),
        );
      const document = await findExchange(store.database, exchange);
      if (document === undefined) throw new Error('no exchange');
      views.push({ ...viewExchange(document), name: '', plane: '' });
    }
    expect(views[0]).toEqual(views[1]);
    expect(views[0]?.outcome?.status).toBe(OutcomeStatus.INTERRUPTED);
    const found = (await listSessions(store.database, {}, undefined, 1000)).find(
      ({ _id }) => _id === session,
    );
    expect(found && listSession(found)).toMatchObject({ exchangeCount: 2, refusedCount: 0, models: ['m'] });
    expect(found?.subject).toBe('alice');
  });

  test('another plane cannot change an exchange', async () => {
    const honest = store.writer();
    const exchange = newName('exchanges');
    await append(context, honest.plane, writeExchange(honest, '', exchange));
    const before = await findExchange(store.database, exchange);
    const other = store.writer();
    store.log.length = 0;
    await append(context, other.plane, [other.write({ exchange, model: 'forged' })]);
    expect(await findExchange(store.database, exchange)).toEqual(before);
    expect(store.log.join('')).toContain('"event":"foreign_exchange"');
    expect(await listRecords(store.database, { exchange }, undefined, 10)).toHaveLength(3);
  });

  test('sessions count refusals and span their exchanges, over two planes in random order', async () => {
    const plan = fc.array(
      fc.record({
        plane: fc.nat(1),
        offsetMs: fc.nat(3),
        refused: fc.boolean(),
        model: fc.constantFrom('a', 'b$', '$c'),
      }),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(plan, fc.boolean(), async (exchanges, isOneBatch) => {
        const session = newName('sessions');
        const writers = [store.writer(), store.writer()];
        const batches = exchanges.map(({ plane, offsetMs, refused, model }) => {
          const writer = writers[plane] ?? store.writer();
          const kind = refused ? RecordKind.REFUSAL : RecordKind.INTENT;
          const outcome = refused ? { outcome: { status: OutcomeStatus.REFUSED } } : {};
          const time = timestampFromMs(START_MS + offsetMs);
          const exchange = newName('exchanges');
          const fields = { kind, exchange, session, model, time, ...outcome };
          return {
            plane: writer.plane,
            start: `${offsetMs + 1_000} ${exchange}`,
            entry: writer.write(fields),
          };
        });
        await Promise.all(
          writers.map(async ({ plane }) => {
            const mine = batches.filter((batch) => batch.plane === plane).map(({ entry }) => entry);
            const parts = isOneBatch
              ? [mine].filter(({ length }) => length > 0)
              : mine.map((entry) => [entry]);
            for (const part of parts) await append(context, plane, part);
          }),
        );
        const found = await store.database.db.collection('sessions').findOne({ _id: session } as object);
        const starts = exchanges.map(({ offsetMs }) => START_MS + offsetMs);
        expect(found).toMatchObject({
          exchangeCount: exchanges.length,
          refusedCount: exchanges.filter(({ refused }) => refused).length,
          startTime: new Date(Math.min(...starts)),
          startExchange: batches
            .map(({ start }) => start)
            .sort()[0]
            ?.slice(5),
          updateTime: new Date(Math.max(...starts)),
        });
        expect(found?.['models'].toSorted()).toEqual(
          [...new Set(exchanges.map(({ model }) => model))].sort(),
        );
      }),
      { numRuns: 12 },
    );
  });
});
