import { createHash } from 'node:crypto';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Document, type Filter, Long } from 'mongodb';
import { ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { SealedPayloadSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Database } from '../../../control-plane/storage/database.ts';
import { putTwice } from '../../env/alter.ts';

/** Collections that no evidence is in, and why. */
export const OTHERS = {
  approvals: 'each decision is a record; the prompt that waits is opened under its own key',
  holds: 'each is a record as well',
  rosters: 'what of the configuration has to be there; its changes are records',
  grants: 'each is a record as well',
  revocations: 'each is a record as well',
  policyRevisions: 'what each says is recorded by its digest',
  proposals: 'each step is a record; what they say is sealed',
  reviews: 'what is to be reviewed is in intents, and what was found is a record',
  notifications: 'what is yet to be told; what it tells of is in records',
  sessionLinks: 'derived from records',
  holdTurns: 'a counter',
  usage: 'counters of limits; what each exchange has come to is in its record',
  usageReports: 'a counter',
  forgottenSessions: 'which sessions planes forget; each erasure is a record',
  heads: 'which configuration is in force; its changes are records',
  evidenceKeys: 'configuration',
  issuers: 'configuration',
  policies: 'configuration',
  roleBindings: 'configuration',
  notifiers: 'configuration',
  upstreams: 'configuration',
  joinTokens: 'secrets of a moment',
  logins: 'each is a record as well',
  maskingKeys: 'secrets',
  signingKeys: 'secrets',
  masterKeys: 'which master keys there are; each step of a rotation is a record',
  replicas: 'which control planes run, of a moment',
};

/** What a document may say otherwise than it did: by field, another value, or what comes of its own. */
export const OTHER_FIELDS: Readonly<
  Record<'records' | 'exchanges' | 'sessions', readonly (readonly [field: string, other: unknown])[]>
> = {
  records: [
    ['action', 'login'],
    ['resource', 'planes/none'],
    ['exchange', 'exchanges/none'],
    ['session', 'sessions/none'],
    ['kind', 1],
    ['time', new Date(0)],
    // The same, but no query by times finds it.
    ['time', (own: Date) => `${own.getTime()}`],
    ['digest', Buffer.alloc(32)],
    ['receiveTime', new Date(0)],
  ],
  exchanges: [
    ['subject', 'nobody'],
    ['entities', []],
    ['status', 2],
    ['breakGlass', true],
    ['startTime', new Date(0)],
    ['sessions', []],
    ['isInferred', true],
  ],
  sessions: [
    ['subject', 'nobody'],
    ['email', 'nobody@example.org'],
    ['caller', Buffer.alloc(0)],
    ['startTime', new Date('2100-01-01')],
    ['updateTime', new Date(0)],
  ],
};

/** Puts back what was changed. */
export type Undo = () => Promise<void>;

/** A document as it is stored, byte for byte and type for type. */
async function find(
  database: Database,
  name: string,
  filter: Filter<Document>,
  sort: Document = {},
): Promise<Document> {
  const collection = database.db.collection(name, { promoteLongs: false });
  const found = await collection.findOne(filter, { sort });
  if (found === null) throw new Error(`there is no such document in ${name}`);
  return found;
}

/** Changes one document, past every check of the store. */
export async function change(
  database: Database,
  name: string,
  filter: Filter<Document>,
  how: (document: Document) => Document,
  sort?: Document,
): Promise<Undo> {
  const before = await find(database, name, filter, sort);
  const after = how({ ...before });
  const collection = database.db.collection<Document>(name);
  const options = { bypassDocumentValidation: true };
  await collection.replaceOne({ _id: before['_id'] }, after, options);
  // Only what was changed: the programs may have written the rest meanwhile.
  const fields = Object.keys(before).filter((field) => before[field] !== after[field]);
  const old = Object.fromEntries(fields.map((field) => [field, before[field]]));
  const added = Object.keys(after).filter((field) => !(field in before));
  const update = {
    ...(fields.length > 0 && { $set: old }),
    ...(added.length > 0 && { $unset: Object.fromEntries(added.map((field) => [field, ''])) }),
  };
  return async () => {
    if (Object.keys(update).length > 0) await collection.updateOne({ _id: before['_id'] }, update, options);
  };
}

/** Deletes documents. */
export async function remove(database: Database, name: string, filter: Filter<Document>): Promise<Undo> {
  const collection = database.db.collection(name, { promoteLongs: false });
  const gone = await collection.find(filter).toArray();
  if (gone.length === 0) throw new Error(`there is no such document in ${name}`);
  await collection.deleteMany({ _id: { $in: gone.map(({ _id }) => _id) } });
  return async () => {
    await collection.insertMany(gone, { bypassDocumentValidation: true });
  };
}

/** Adds a document. */
export async function insert(database: Database, name: string, document: Document): Promise<Undo> {
  const collection = database.db.collection<Document>(name);
  await collection.insertOne(document, { bypassDocumentValidation: true });
  return async () => {
    await collection.deleteOne({ _id: document['_id'] });
  };
}

/** Bytes with one bit in the middle changed. */
export function flip(stored: { readonly buffer: Uint8Array }): Buffer {
  const bytes = Buffer.from(stored.buffer);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

/** The one chunk of a record's payload. */
const chunkOf = ({ plane, epoch, seq }: Document) => ({
  _id: new RegExp(`^${plane}/epochs/${epoch}/records/${seq}/`) as never,
});

/** Puts the payload of each of two records in the place of the other's. */
export async function swapPayloads(database: Database, one: Document, other: Document): Promise<Undo> {
  const [first, second] = [
    await find(database, 'payloads', chunkOf(one)),
    await find(database, 'payloads', chunkOf(other)),
  ];
  const put = (to: Document, from: Document) =>
    change(database, 'payloads', { _id: to['_id'] }, (doc) => ({ ...doc, data: from['data'] }));
  const undo = [await put(first, second), await put(second, first)];
  return async () => {
    for (const one of undo) await one();
  };
}

/** A stored exchange with another model. */
export function respell(view: { readonly buffer: Uint8Array }): Buffer {
  const exchange = fromBinary(ExchangeSchema, Uint8Array.from(view.buffer));
  return Buffer.from(toBinary(ExchangeSchema, { ...exchange, model: 'gpt-other' }));
}

/** Has a document say something else by a field that comes before those that it has: queries go by that, and drivers by the last. */
export async function twice(
  database: Database,
  name: string,
  filter: Document,
  first: Document,
): Promise<Undo> {
  const found = await find(database, name, filter);
  const back = await remove(database, name, filter);
  await putTwice(database, name, first, found);
  return async () => {
    await database.db.collection(name).deleteOne({ _id: found['_id'] });
    await back();
  };
}

/** Gives a record the id of one that came before all others. */
export async function putFirst(database: Database, filter: Document): Promise<Undo> {
  const found = await find(database, 'records', filter);
  const back = await remove(database, 'records', filter);
  const away = await insert(database, 'records', { ...found, _id: '00000000-0000-7000-8000-000000000000' });
  return async () => {
    await away();
    await back();
  };
}

/** Puts an exchange into the session of another one, as if records had joined it to that, and counts it there. */
export async function moveExchange(database: Database, one: Document, other: Document): Promise<Undo> {
  const [from, into] = [
    (await find(database, 'exchanges', one))['session'],
    (await find(database, 'exchanges', other))['session'],
  ];
  const counted = (name: string, more: number) =>
    change(database, 'sessions', { _id: name as never }, (doc) => ({
      ...doc,
      exchangeCount: doc['exchangeCount'] + more,
    }));
  const undo = [
    await change(database, 'exchanges', one, (doc) => ({ ...doc, session: into, sessions: [from, into] })),
    await counted(from, -1),
    await counted(into, 1),
  ];
  return async () => {
    for (const one of undo) await one();
  };
}

/** Puts another wrapped key into a payload, with the digest and size that the record's document states of it. */
export async function replaceKeys(database: Database, place: Document): Promise<Undo> {
  const chunk = await find(database, 'payloads', chunkOf(place));
  const sealed = fromBinary(SealedPayloadSchema, Uint8Array.from(chunk['data'].buffer));
  const data = toBinary(SealedPayloadSchema, {
    ...sealed,
    wrappedKey: Uint8Array.from(sealed.wrappedKey).reverse(),
  });
  const sha256 = createHash('sha256').update(data).digest();
  const _id = `${chunk['_id']}`.replace(/[0-9a-f]{64}/, sha256.toString('hex'));
  const undo = [
    await insert(database, 'payloads', { ...chunk, _id, data: Buffer.from(data) }),
    await change(database, 'records', place, (doc) => ({ ...doc, payload: { ...doc['payload'], sha256 } })),
  ];
  return async () => {
    for (const one of undo) await one();
  };
}

/**
 * Lets the first and the last run of a writer name each other's records; how many there are depends on the sequencer, which
 * may look at them meanwhile, and finds the same last record.
 */
export async function swapRuns(database: Database, filter: Document): Promise<Undo> {
  const [first, last] = [
    await find(database, 'logRuns', filter, { _id: 1 }),
    await find(database, 'logRuns', filter, { _id: -1 }),
  ];
  const put = (run: Document, { seq, count }: Document) =>
    change(database, 'logRuns', { _id: run['_id'] }, (doc) => ({ ...doc, seq, count }));
  // No two may have the same.
  const undo = [
    await put(first, { ...first, seq: Long.fromNumber(1_000_000) }),
    await put(last, first),
    await put(first, last),
  ];
  return async () => {
    for (const one of undo.reverse()) await one();
  };
}
