import { Binary, BSON, Decimal128, type Document, Long, Timestamp } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { verifyOnline } from '../../../cli/commands/audit/verify/online.ts';
import { findLeafIndex } from '../../../control-plane/storage/log/log-runs.ts';
import { type Evidence, startEvidence } from './evidence.ts';
import { change, insert, remove, type Undo } from './tamper.ts';

let evidence: Evidence;
beforeAll(async () => {
  evidence = await startEvidence();
  // Or its heartbeats would put heads back.
  await evidence.env.stack.stopDataPlane();
});
afterAll(() => evidence.close());

const plane = () => evidence.env.stack.plane;
const record = (seq: number) => ({ plane: plane(), epoch: 1, seq });

/** Of each collection with evidence a document. */
const DOCUMENTS: Readonly<Record<string, () => Document>> = {
  records: () => record(2),
  exchanges: () => ({ 'sources.base.seq': 2, plane: plane() }),
  sessions: () => ({}),
  payloads: () => ({ _id: /records\/2\// }),
  planeHeads: () => ({}),
  planes: () => ({}),
  writers: () => ({ plane: plane() }),
  log: () => ({}),
  logRuns: () => ({ plane: plane() }),
  logTiles: () => ({ _id: '0/0' }),
  checkpoints: () => ({ _id: { $gt: Long.fromNumber(0) } }),
};

/** Values of types of which none of the fields is but one or two; each field gets one of them in turn. */
const VALUES: readonly (readonly [type: string, value: unknown])[] = [
  ['a text', 'x'],
  ['an int64 that is too large', Long.MAX_VALUE],
  ['null', null],
  ['an object', {}],
  ['a number below zero', Long.fromNumber(-7)],
  ['a list', ['x', 1]],
  ['other bytes', new Binary(Buffer.from('xyz'))],
  ['a fraction', 1.5],
  ['a truth', true],
  ['a time that is none of MongoDB', new Timestamp(7n)],
  ['a decimal', Decimal128.fromString('7')],
  ['an expression', new BSON.BSONRegExp('a')],
  ['missing', undefined],
];
/** Types as they are. */
const AS_STORED = { promoteValues: false, promoteLongs: false } as const;

/** Says nothing of what is recorded: a checkpoint that is gone is none that anybody has seen. */
const UNSAID =
  /^(?:planes\.(?:displayName|createTime|seenTime|mac|report.*)|payloads\.(?:exchange|receiveTime)|writers\.(?:_id|isUnlogged|createTime|updateTime)|log\.(?:createTime|updateTime)|checkpoints\.(?:_id|root|time|cosignatures)|planeHeads\.(?:_id|heartbeat|.*receiveTime|.*depth)|exchanges\.(?:traces|sources.*|expireTime)|sessions\.(?:startExchange|traces|sources))$/;

/** The ways to all fields, objects and what is in them. */
function* pathsIn(document: Document, before = ''): Generator<string> {
  for (const [name, value] of Object.entries(document)) {
    yield before + name;
    const isObject =
      typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
    if (isObject) yield* pathsIn(value, `${before}${name}.`);
  }
}

/** A document with another value in a field; without it where that is undefined. */
function put(document: Document, path: string, value: unknown): Document {
  const [name = '', ...rest] = path.split('.');
  const inner = rest.length === 0 ? value : put(document[name], rest.join('.'), value);
  return Object.fromEntries(
    Object.entries({ ...document, [name]: inner }).filter(([, field]) => field !== undefined),
  );
}

/** Has another value in a field of a document, and puts it back; undefined where another document has that already. */
async function alter(name: string, id: unknown, path: string, value: unknown): Promise<Undo | undefined> {
  const { database } = evidence;
  const filter = { _id: id as never };
  try {
    if (path !== '_id') return await change(database, name, filter, (document) => put(document, path, value));
    const [before] = await database.db.collection(name, AS_STORED).find(filter).toArray();
    const back = await remove(database, name, filter);
    const other = put(before as Document, path, value);
    const away = await insert(database, name, other).catch(async (error: unknown) => {
      await back();
      throw error;
    });
    return async () => {
      await away();
      // MongoDB has given one to that which had none.
      if (value === undefined) await database.db.collection(name).deleteOne({ _id: { $type: 'objectId' } });
      await back();
    };
  } catch (error) {
    expect(String(error)).toMatch(/E11000|can't use|_id/);
    return undefined;
  }
}

/** What is said of the evidence, and by the lists. */
async function hear() {
  const audit = evidence.env.api(AuditService, 'auditor');
  const { records } = await audit.listRecords({});
  const { exchanges } = await audit.listExchanges({});
  const { stdout } = await evidence.inProcess((invocation) => verifyOnline(invocation, { payloads: true }));
  return {
    faults: JSON.parse(stdout).faults as Document[],
    listed: Math.min(records.length, exchanges.length),
  };
}

test.each(Object.keys(DOCUMENTS))(
  '%s: a field of any type, or none, is told as altered, and everything else is heard of',
  async (name) => {
    const { database } = evidence;
    const index = await findLeafIndex(database, { plane: plane(), epoch: 1n }, 2n);
    const before = await database.db.collection(name, AS_STORED).findOne(DOCUMENTS[name]?.() as never, {
      sort: { _id: -1 },
    });
    const there = await hear();
    expect(there.faults).toEqual([]);
    let turn = 0;
    for (const path of pathsIn(before as Document)) {
      // There is one, by which all of them are found.
      if (`${name}.${path}` === 'log._id') continue;
      const [type, value] = VALUES[turn++ % VALUES.length] as (typeof VALUES)[number];
      // All fields are read by their schemas (conform.test.ts); a third of them shows what becomes of that.
      if (turn % 3 > 0) continue;
      const undo = await alter(name, before?._id, path, value);
      if (undo === undefined) continue;
      const what = `${name}.${path} as ${type}`;
      try {
        const { faults, listed } = await hear();
        expect([what, listed >= there.listed - 1]).toEqual([what, true]);
        if (UNSAID.test(`${name}.${path}`)) continue;
        expect([what, faults.length > 0]).toEqual([what, true]);
        if (name !== 'records') continue;
        const named = faults.some((fault) => fault['index'] === index || fault['seq'] === '2');
        expect([what, named]).toEqual([what, true]);
      } finally {
        await undo();
      }
    }
  },
);
