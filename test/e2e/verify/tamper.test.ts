import { type Document, Long } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyOnline } from '../../../cli/commands/audit/verify/online.ts';
import type { VerifyCommandOptions } from '../../../cli/commands/audit/verify/options.ts';
import { findLeafIndex } from '../../../control-plane/storage/log/log-runs.ts';
import { SCHEMAS } from '../../../control-plane/storage/schema/index.ts';
import { type Evidence, startEvidence } from './evidence.ts';
import {
  change,
  flip,
  insert,
  moveExchange,
  OTHER_FIELDS,
  OTHERS,
  putFirst,
  remove,
  replaceKeys,
  respell,
  swapPayloads,
  swapRuns,
  twice,
  type Undo,
} from './tamper.ts';

let evidence: Evidence;
beforeAll(async () => {
  evidence = await startEvidence();
  // Or its heartbeats would put heads back.
  await evidence.env.stack.stopDataPlane();
});
afterAll(() => evidence.close());

interface Report {
  readonly faults: readonly {
    code: string;
    index: number | null;
    plane: string;
    seq: string;
    message: string;
  }[];
}

/** As the command does it, in this process: to start one takes longer than to verify. */
async function verify(
  options: Partial<VerifyCommandOptions> = {},
): Promise<{ readonly exitCode: number; readonly faults: Report['faults'] }> {
  const { exitCode, stdout } = await evidence.inProcess((invocation) =>
    verifyOnline(invocation, { payloads: true, ...options }),
  );
  return { exitCode, faults: (JSON.parse(stdout) as Report).faults };
}

const plane = () => evidence.env.stack.plane;
/** The exchange whose intent has this seq. */
const exchangeOf = (seq: number) => ({ 'sources.base.seq': seq, plane: plane() });
const record = (seq: number) => ({ plane: plane(), epoch: 1, seq });
const db = () => evidence.database;
/** The record with which the plane ended its epoch. */
const LAST = 7;

/** What is done to the store, the fault that must be told, and with which record or what else. */
type Case = readonly [what: string, tamper: () => Promise<Undo>, code: string, seq?: number];

/** A document of this collection says something else than it did, and than follows from the record. */
const others = (name: keyof typeof OTHER_FIELDS, filter: () => Document, seq?: number): Case[] =>
  OTHER_FIELDS[name].map(([field, other]) => {
    const tamper = () =>
      change(db(), name, filter(), (doc) => ({
        ...doc,
        [field]: typeof other === 'function' ? other(doc[field]) : other,
      }));
    const what = `${name}: another ${field}, ${typeof other}`;
    return seq === undefined ? [what, tamper, 'list_contradicted'] : [what, tamper, 'list_contradicted', seq];
  });

const CASES: readonly Case[] = [
  [
    'records: flip a byte',
    () => change(db(), 'records', record(3), (doc) => ({ ...doc, bytes: flip(doc['bytes']) })),
    'leaf_altered',
    3,
  ],
  [
    'records: flip a byte, with its digest',
    () =>
      change(db(), 'records', record(4), (doc) => {
        const bytes = flip(doc['bytes']);
        return { ...doc, bytes, digest: bytes };
      }),
    'leaf_altered',
    4,
  ],
  // By what is not in the log it is found, or not: in lists, and by the control plane itself.
  ...others('records', () => record(4), 4),
  [
    'records: put before others in the order of receipt',
    () => putFirst(db(), record(4)),
    'list_contradicted',
    4,
  ],
  [
    'records: another exchange before its own',
    () => twice(db(), 'records', record(4), { exchange: 'exchanges/none' }),
    'list_contradicted',
    4,
  ],
  [
    'exchanges: another status before its own',
    () => twice(db(), 'exchanges', exchangeOf(2), { status: 2 }),
    'list_contradicted',
    2,
  ],
  ['records: delete one', () => remove(db(), 'records', record(3)), 'leaf_missing', 3],
  [
    'records: truncate an epoch',
    () => remove(db(), 'records', { plane: plane(), seq: { $gte: 5 } }),
    'record_missing',
    LAST,
  ],
  [
    'records: swap the bytes of two',
    async () => {
      const other: { bytes?: unknown } = {};
      const first = await change(db(), 'records', record(3), (doc) => {
        other.bytes = doc['bytes'];
        return doc;
      });
      const second = await change(db(), 'records', record(5), (doc) => {
        const { bytes } = doc;
        const next = { ...doc, bytes: other.bytes };
        other.bytes = bytes;
        return next;
      });
      const third = await change(db(), 'records', record(3), (doc) => ({ ...doc, bytes: other.bytes }));
      return async () => {
        for (const undo of [third, second, first]) await undo();
      };
    },
    'leaf_altered',
    5,
  ],
  [
    'payloads: flip a byte',
    () =>
      change(db(), 'payloads', { _id: /records\/2\// as never }, (doc) => ({
        ...doc,
        data: flip(doc['data']),
      })),
    'payload_altered',
    2,
  ],
  [
    'payloads: delete one',
    () => remove(db(), 'payloads', { _id: /records\/2\// as never }),
    'payload_missing',
    2,
  ],
  [
    'payloads: truncate one',
    () =>
      change(db(), 'payloads', { _id: /records\/2\// as never }, (doc) => ({
        ...doc,
        data: Buffer.from(doc['data'].buffer).subarray(0, -9),
      })),
    'payload_malformed',
    2,
  ],
  ['payloads: swap two', () => swapPayloads(db(), record(2), record(3)), 'payload_altered', 2],
  [
    'payloads: other keys, and all that the store says of them',
    () => replaceKeys(db(), record(2)),
    'payload_altered',
    2,
  ],
  [
    'planeHeads: flip a byte of a signature',
    () =>
      change(db(), 'planeHeads', {}, (doc) => ({
        ...doc,
        batch: { ...doc['batch'], signature: flip(doc['batch'].signature) },
      })),
    'head_signature_invalid',
    LAST,
  ],
  [
    'planeHeads: another digest',
    () =>
      change(db(), 'planeHeads', {}, (doc) => ({
        ...doc,
        batch: { ...doc['batch'], digest: flip(doc['batch'].digest) },
      })),
    'head_signature_invalid',
    LAST,
  ],
  ['planeHeads: delete all', () => remove(db(), 'planeHeads', {}), 'head_missing', LAST],
  [
    'planeHeads: put an older one back',
    () =>
      change(db(), 'planeHeads', {}, (doc) => ({
        ...doc,
        batch: evidence.firstHead,
        heartbeat: evidence.firstHead,
      })),
    'head_behind',
    LAST,
  ],
  [
    'planes: another key',
    () => change(db(), 'planes', {}, (doc) => ({ ...doc, publicKey: flip(doc['publicKey']) })),
    'plane_key_contradicted',
  ],
  ['planes: delete it', () => remove(db(), 'planes', {}), 'plane_key_missing'],
  [
    'writers: flip a byte of the digest',
    () => change(db(), 'writers', { plane: plane() }, (doc) => ({ ...doc, digest: flip(doc['digest']) })),
    'receipt_contradicted',
    LAST,
  ],
  ['writers: delete one', () => remove(db(), 'writers', { plane: plane() }), 'receipt_missing', LAST],
  [
    'writers: put one back',
    () => change(db(), 'writers', { plane: plane() }, (doc) => ({ ...doc, seq: Long.fromNumber(5) })),
    'receipt_behind',
    LAST,
  ],
  [
    'log: flip a byte of the key',
    () => change(db(), 'log', {}, (doc) => ({ ...doc, publicKey: flip(doc['publicKey']) })),
    'log_contradicted',
  ],
  [
    'log: fewer leaves',
    () => change(db(), 'log', {}, (doc) => ({ ...doc, size: Long.fromNumber(4) })),
    'log_contradicted',
  ],
  ['log: delete it', () => remove(db(), 'log', {}), 'log_contradicted'],
  ['logRuns: swap two', () => swapRuns(db(), { plane: plane() }), 'leaf_altered'],
  [
    'logRuns: delete one',
    () => remove(db(), 'logRuns', { _id: Long.fromNumber(0) as never }),
    'leaf_missing',
  ],
  [
    'logTiles: flip a byte',
    () => change(db(), 'logTiles', { _id: '0/0' as never }, (doc) => ({ ...doc, bytes: flip(doc['bytes']) })),
    'tile_altered',
  ],
  [
    'logTiles: truncate one',
    () =>
      change(db(), 'logTiles', { _id: '0/0' as never }, (doc) => ({
        ...doc,
        bytes: Buffer.from(doc['bytes'].buffer).subarray(0, 64),
      })),
    'tile_missing',
  ],
  ['logTiles: delete one', () => remove(db(), 'logTiles', { _id: '0/0' as never }), 'tile_missing'],
  [
    'checkpoints: another root, not signed',
    () =>
      change(
        db(),
        'checkpoints',
        { _id: { $gt: Long.fromNumber(0) } as never },
        (doc) => ({ ...doc, note: `${doc['note']}`.replace(/[A-Y](?=[^\n]*=\n)/, 'Z') }),
        { _id: 1 },
      ),
    'checkpoint_refused',
  ],
  [
    'checkpoints: one in the place of another',
    async () => {
      const [older, newer] = await db()
        .db.collection('checkpoints')
        .find({ _id: { $gt: 0 } as never })
        .sort({ _id: 1 })
        .limit(2)
        .toArray();
      return await change(db(), 'checkpoints', { _id: newer?._id as never }, (doc) => ({
        ...doc,
        note: older?.['note'],
      }));
    },
    'checkpoint_inconsistent',
  ],
  [
    'checkpoints: one of more leaves than could be read',
    async () => {
      const newest = await db()
        .db.collection('checkpoints')
        .findOne({}, { sort: { _id: -1 } });
      return await insert(db(), 'checkpoints', { ...newest, _id: Long.fromString('4000000000000') as never });
    },
    'record_missing',
  ],
  [
    'exchanges: another model in the view',
    () => change(db(), 'exchanges', exchangeOf(2), (doc) => ({ ...doc, view: respell(doc['view']) })),
    'list_contradicted',
    2,
  ],
  ...others('exchanges', () => exchangeOf(2), 2),
  [
    'exchanges: in another session, with all that says so',
    () => moveExchange(db(), exchangeOf(2), exchangeOf(5)),
    'list_contradicted',
    2,
  ],
  ['exchanges: delete one', () => remove(db(), 'exchanges', exchangeOf(2)), 'list_contradicted', 2],
  [
    'exchanges: one that was not',
    async () => {
      const found = await db().db.collection('exchanges').findOne(exchangeOf(2));
      return await insert(db(), 'exchanges', { ...found, _id: 'exchanges/none' as never });
    },
    'list_contradicted',
  ],
  [
    'sessions: another count',
    () => change(db(), 'sessions', {}, (doc) => ({ ...doc, exchangeCount: 7 })),
    'list_contradicted',
  ],
  ...others('sessions', () => ({})),
  [
    'sessions: another subject before its own',
    () => twice(db(), 'sessions', {}, { subject: 'nobody' }),
    'list_contradicted',
  ],
  ['sessions: delete all', () => remove(db(), 'sessions', {}), 'list_contradicted'],
  [
    'alarms: one that was not',
    () => {
      const head = { seq: Long.fromNumber(1), digest: Buffer.alloc(32) };
      const place = { plane: plane(), epoch: Long.fromNumber(1), time: new Date() };
      return insert(db(), 'alarms', { _id: 'none' as never, ...place, stored: head, offered: head });
    },
    'list_contradicted',
  ],
];

test('every collection has cases here, or a reason', async () => {
  const tampered = new Set(CASES.map(([what]) => what.split(':')[0] ?? ''));
  expect([...tampered, ...Object.keys(OTHERS)].sort()).toEqual(SCHEMAS.map(({ name }) => name).sort());
});

const NAMED = CASES.map(([what, tamper, code, seq]) => ({ what, tamper, code, seq }));

test.each(NAMED)('$what: $code', async ({ tamper, code, seq }) => {
  const index =
    seq === undefined ? undefined : await findLeafIndex(db(), { plane: plane(), epoch: 1n }, BigInt(seq));
  const undo = await tamper();
  try {
    const { exitCode, faults } = await verify();
    expect([exitCode, faults.map((fault) => fault.code)]).toEqual([6, expect.arrayContaining([code])]);
    if (seq !== undefined) {
      const named = faults.filter(
        (fault) => fault.index === index || (fault.plane === plane() && fault.seq === `${seq}`),
      );
      expect(named.map((fault) => fault.code)).toContain(code);
    }
  } finally {
    await undo();
  }
});

test('records that nobody wrote are no leaves, and are told by their chain or not at all', async () => {
  const [last] = await db()
    .db.collection('records', { promoteLongs: false })
    .find({ plane: plane() })
    .sort({ seq: -1 })
    .limit(1)
    .toArray();
  const undo = await insert(db(), 'records', {
    ...last,
    _id: 'forged' as never,
    seq: Long.fromNumber(LAST + 1),
  });
  try {
    expect((await verify()).faults).toEqual([]);
  } finally {
    await undo();
  }
});

test('with all of it put back, the record verifies', async () => {
  expect(await verify({ evidenceKey: [evidence.evidenceKey] })).toEqual({ exitCode: 0, faults: [] });
});
