import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { leafHash } from '#core/evidence/merkle/hash.ts';
import { verifyInclusion } from '#core/evidence/merkle/verify.ts';
import type { ExportEvidenceResponse } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import type { LogRecord } from '#proto/sworn/audit/v1/evidence_pb.ts';
import { recordAction } from '../../../control-plane/audit/actions.ts';
import { exportEvidence } from '../../../control-plane/audit/evidence/export.ts';
import { listStored } from '../../../control-plane/audit/stored-exchanges.ts';
import type { Context } from '../../../control-plane/context.ts';
import { type Log, openLog } from '../../../control-plane/log/open.ts';
import { runLog } from '../../../control-plane/log/run.ts';
import { openCheckpoint } from '../../env/checkpoints.ts';
import { createSealer, type Sealer, strangerKey } from '../../env/seal.ts';
import { type LogStore, openLogStore, stops } from '../log/env.ts';
import { auditor, person } from './call.ts';
import { append, newName, Writer } from './writer.ts';

let store: LogStore;
let sealer: Sealer;
let context: Context;
let log: Log;
let running: Promise<void>;
beforeAll(async () => {
  store = await openLogStore();
  sealer = await createSealer(strangerKey());
  context = store.replica();
  log = await openLog(context);
  running = runLog(context, log, { setLog: () => undefined, setWitnessesAway: () => undefined });
});
afterAll(async () => {
  stops.get(context)?.abort();
  await running;
  await store.close();
});

let exchange: string;
let writer: Writer;
beforeEach(async () => {
  exchange = newName('exchanges');
  writer = new Writer(sealer);
  const prompt = { content: { case: 'prompt' as const, value: { body: Buffer.from('How is he?') } } };
  await append(context, writer.plane, [writer.write({ exchange, caller: person('ana') }, prompt)]);
});

const request = { query: undefined, includePayloads: true, includeCheckpoints: false, reader: auditor };
type Pieces = ExportEvidenceResponse['piece'][];

async function collect(more: object = {}, onBegin = async (): Promise<void> => undefined): Promise<Pieces> {
  const pieces: Pieces = [];
  for await (const { piece } of exportEvidence(context, { ...request, ...more }, context.shutdown)) {
    pieces.push(piece);
    if (piece.case === 'begin') await onBegin();
  }
  return pieces;
}
const recordsOf = (pieces: Pieces): LogRecord[] =>
  pieces.flatMap((piece) => (piece.case === 'record' ? [piece.value] : []));

test('what was stored before is under the checkpoint, every leaf once and in order', async () => {
  const pieces = await collect();
  const [first] = pieces;
  const note = first?.case === 'begin' ? first.value.checkpoint : '';
  const { size } = openCheckpoint(note, log.key);
  expect(recordsOf(pieces).map(({ index }) => Number(index))).toEqual(
    Array.from({ length: size }, (_, at) => at),
  );
  expect(recordsOf(pieces).filter(({ payload }) => payload.length > 0).length).toBeGreaterThan(0);
  const cases = pieces.map((piece) => piece.case);
  expect(cases.indexOf('head')).toBeLessThan(cases.indexOf('record'));
  expect(cases.lastIndexOf('receipt')).toBeLessThan(cases.indexOf('record'));
});

test('what is stored meanwhile is told at the end', async () => {
  const pieces = await collect({}, async () => {
    await append(context, writer.plane, [writer.write({ exchange, caller: person('ana') })]);
  });
  const late = pieces.slice(pieces.findLastIndex((piece) => piece.case === 'record') + 1);
  expect(late.map((piece) => piece.case)).toEqual(['head', 'receipt']);
});

test('a payload that is erased meanwhile has its erasure under a later checkpoint', async () => {
  const pieces = await collect({}, async () => {
    await store.database.db.collection('payloads').deleteMany({ exchange });
    await recordAction(context, undefined, { caller: auditor, action: 'exchange.erase', resource: exchange });
  });
  const later = pieces.flatMap((piece) => (piece.case === 'later' ? [piece.value] : []));
  expect(later).toHaveLength(1);
  const { checkpoint = '', record } = later[0] ?? {};
  const head = openCheckpoint(checkpoint, log.key);
  const { index = 0n, record: bytes = new Uint8Array(), proof = [] } = record ?? {};
  verifyInclusion({ leafHash: leafHash(bytes), index: Number(index), proof, head });
  // From then on the tree says so itself.
  expect((await collect()).some((piece) => piece.case === 'later')).toBe(false);
});

test('a part has the records of its exchanges, and of what was done to them, with proofs', async () => {
  await recordAction(context, undefined, { caller: auditor, action: 'content.read', resource: exchange });
  const { plane } = writer;
  const pieces = await collect({ query: { caller: 'ana' } });
  const [first] = pieces;
  const head = openCheckpoint(first?.case === 'begin' ? first.value.checkpoint : '', log.key);
  const records = recordsOf(pieces);
  for (const { index, record, proof } of records) {
    verifyInclusion({ leafHash: leafHash(record), index: Number(index), proof, head });
  }
  const texts = records.map(({ record }) => Buffer.from(record).toString('latin1'));
  expect(texts.filter((text) => text.includes(exchange) && text.includes('content.read'))).toHaveLength(1);
  expect(texts.filter((text) => text.includes(plane))).toHaveLength(1);
  expect(recordsOf(await collect({ query: { caller: 'nobody' } }))).toEqual([]);
});

test('exports end, also where more comes in than is read: what is stored later is left out, whatever a plane says of the time', async () => {
  const { db } = store.database;
  const [exchanges, records] = ['exchanges', 'records'].map((name) => db.collection<{ _id: string }>(name));
  const known = await exchanges?.findOne({ _id: exchange });
  const make = (count: number, startTime: Date, sources: object) =>
    Array.from({ length: count }, () => ({ ...known, startTime, _id: newName('exchanges'), ...sources }));
  const head = make(50, new Date('2038-06-01'), {});
  await exchanges?.insertMany(head as never);
  const ids = Array.from({ length: 450 }, () => uuidv7({ msecs: Date.now() + 120_000 }));
  const tail = ids.flatMap((record) => make(1, new Date('2039-01-01'), { sources: { base: { record } } }));
  const pages: string[][] = [];
  for await (const page of listStored(store.database, { since: new Date('2038-01-01') }, 50)) {
    pages.push(page.map(({ _id }) => _id));
    if (pages.length > 1) break;
    const came = ids.map((_id, at) => ({ _id, plane: 'planes/later', epoch: 1n, seq: BigInt(at + 1) }));
    await exchanges?.insertMany(tail as never);
    await records?.insertMany(came as never, { bypassDocumentValidation: true });
  }
  await exchanges?.deleteMany({ _id: { $in: [...head, ...tail].map(({ _id }) => _id) } });
  await records?.deleteMany({ _id: { $in: ids } });
  expect(pages.map((page) => page.toSorted())).toEqual([head.map(({ _id }) => _id).toSorted()]);
});

test('an export says what was asked for, and whether payloads went with it', async () => {
  await collect({ query: { caller: 'ana@example.org', since: new Date(0) }, includePayloads: false });
  const [newest] = await store.database.db
    .collection('records')
    .find({ action: { $exists: true } })
    .sort({ _id: -1 })
    .limit(1)
    .toArray();
  expect(newest).toMatchObject({
    action: 'evidence.export',
    resource: 'log?caller=ana%40example.org&since=1970-01-01T00%3A00%3A00.000Z',
  });
});

test('records that are gone are not waited for, and leave a hole', async () => {
  await collect();
  await store.database.db.collection('records').deleteMany({ plane: writer.plane, seq: 2 });
  const pieces = await collect();
  const indexes = recordsOf(pieces).map(({ index }) => Number(index));
  const { size } = openCheckpoint(pieces[0]?.case === 'begin' ? pieces[0].value.checkpoint : '', log.key);
  expect(indexes).toHaveLength(size - 1);
});
