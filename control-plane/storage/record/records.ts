import { fromBinary } from '@bufbuild/protobuf';
import type { Collection, FindCursor } from 'mongodb';
import { RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { conform } from '../conform.ts';
import type { ClientSession, Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import { recordsSchema } from '../schema/records.ts';
import { readExactly } from '../sealing/exact.ts';
import { isWritten, macOfRecord, RECEIVED_FIELDS, type StoredRecord } from '../sealing/record-mac.ts';
import type { WriterEpoch } from './writers.ts';

/** Where a record's payload is and what it must be. */
export interface PayloadRef {
  /** Of the SealedPayload as it came; what the record states is of its parts alone. */
  readonly sha256: Uint8Array;
  readonly sizeBytes: number;
  readonly chunks: number;
}

/** A record as it is stored. */
export interface RecordDocument {
  /** A UUIDv7: the order of receipt. */
  readonly _id: string;
  readonly plane: string;
  readonly epoch: bigint;
  readonly seq: bigint;
  /** SHA-256 of `bytes`. */
  readonly digest: Uint8Array;
  /** As written, never re-serialised. */
  readonly bytes: Uint8Array;
  /** The RecordKind. */
  readonly kind: number;
  /** `exchanges/{id}`, or empty. */
  readonly exchange: string;
  /** `sessions/{id}`, or empty. */
  readonly session: string;
  readonly action?: string;
  readonly resource?: string;
  readonly time: Date;
  /** By the later one of the clocks of control plane and store (clocks.ts), where a plane wrote it. */
  readonly receiveTime: Date;
  readonly payload?: PayloadRef;
  /** Of who received it (record-mac.ts). */
  readonly mac?: Uint8Array;
}

const asRecord = conform<RecordDocument>(recordsSchema);
type Place = Pick<RecordDocument, 'plane' | 'epoch' | 'seq'>;
const asPlace = conform<Place>(recordsSchema, ['plane', 'epoch', 'seq']);
const PLACED = ['plane', 'epoch', 'seq', 'digest'] as const;
const asPlaced = conform<Place & Pick<RecordDocument, 'digest'>>(recordsSchema, PLACED);
const RECEIVED = ['_id', 'plane', 'epoch', 'seq', 'receiveTime', 'bytes', 'mac', 'digest'] as const;
const asReceived = conform<StoredRecord & Pick<RecordDocument, 'digest'>>(recordsSchema, RECEIVED);

/** Stores new records, in the transaction that advances their writer's head. */
export async function insertRecords(
  database: Database,
  session: ClientSession,
  documents: readonly RecordDocument[],
): Promise<void> {
  const sealed = documents.map((document) => ({ ...document, mac: macOfRecord(database.seal, document) }));
  await records(database).insertMany(sealed, { session });
}

/** The digests of the stored records of an epoch from `first` to `last`, by seq. */
export async function readDigests(
  database: Database,
  session: ClientSession,
  writer: WriterEpoch,
  first: bigint,
  last: bigint,
): Promise<Map<bigint, Uint8Array>> {
  const found = await records(database)
    .find({ plane: writer.plane, epoch: writer.epoch, seq: { $gte: first, $lte: last } }, { session })
    .project<{ seq: bigint; digest: Uint8Array }>({ _id: 0, seq: 1, digest: 1 })
    .toArray();
  return new Map(found.map((document) => [document.seq, document.digest]));
}

/** The digest of one record; undefined when it is not stored. */
export async function findDigest(
  database: Database,
  writer: WriterEpoch,
  seq: bigint,
): Promise<Uint8Array | undefined> {
  const { plane, epoch } = writer;
  const options = { projection: { digest: 1 } };
  return (await records(database).findOne({ plane, epoch, seq }, options))?.digest;
}

/** The kind of one record, in a transaction; undefined when it is not stored. */
export async function readKind(
  database: Database,
  session: ClientSession,
  writer: WriterEpoch,
  seq: bigint,
): Promise<number | undefined> {
  const { plane, epoch } = writer;
  const options = { session, projection: { kind: 1 } };
  return (await records(database).findOne({ plane, epoch, seq }, options))?.kind;
}

/** The `_id` of the record that came last, as the clocks of the control plane have it; undefined when there is none. */
export async function newestRecord(database: Database): Promise<string | undefined> {
  const options = { sort: { _id: -1 }, projection: { _id: 1 } } as const;
  return (await records(database).findOne({}, options))?._id;
}

/** A record by its `_id`; undefined when there is none. */
export async function findRecord(database: Database, id: string): Promise<RecordDocument | undefined> {
  const found = await records(database).findOne({ _id: id });
  return found === null ? undefined : asRecord(found);
}

/** Those of these `_id`s that records have. */
export async function findIds(database: Database, ids: readonly string[]): Promise<Set<string>> {
  const found = records(database).find({ _id: { $in: [...ids] } });
  return new Set(
    await found
      .project<{ _id: string }>({ _id: 1 })
      .map(({ _id }) => _id)
      .toArray(),
  );
}

/** Whether there is a record that this exchange was erased. */
export async function hasErasure(database: Database, exchange: string): Promise<boolean> {
  return (await readActed(database, undefined, ['exchange.erase'], [exchange])).has(exchange);
}

/** Those of these resources of which a control plane has recorded one of these actions. */
export async function readActed(
  database: Database,
  session: ClientSession | undefined,
  actions: readonly string[],
  resources: readonly string[],
): Promise<Set<string>> {
  const found = records(database)
    .find(
      { resource: { $in: [...resources] }, action: { $in: [...actions] } },
      { ...(session && { session }) },
    )
    .project<StoredRecord>(RECEIVED_FIELDS);
  const acted = new Set<string>();
  for await (const document of found) {
    if (!isWritten(database.seal, document)) continue;
    const { action, resource } = fromBinary(RecordSchema, document.bytes);
    if (actions.includes(action) && resources.includes(resource)) acted.add(resource);
  }
  return acted;
}

/** Whether there is a record of one of these actions about a resource. */
export async function hasAction(
  database: Database,
  session: ClientSession,
  actions: readonly string[],
  resource: string,
): Promise<boolean> {
  return (await readActed(database, session, actions, [resource])).has(resource);
}

/** Which records are meant; what is empty or absent says nothing. */
export interface RecordFilter {
  readonly exchange?: string;
  readonly session?: string;
  /** `policy.update`, `policy.*`, or `*` for all that have one. */
  readonly action?: string;
  /** Received at or after. */
  readonly since?: Date;
}

/** The smallest UUIDv7 of a time, RFC 9562 section 5.7: ids are in the order of receipt. */
function firstIdAt(time: Date): string {
  const hex = Math.max(0, time.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

function actionQuery(action: string) {
  if (!action.endsWith('*')) return action;
  const prefix = action.slice(0, -1);
  return prefix === '' ? { $exists: true } : { $gte: prefix, $lt: `${prefix}\uffff` };
}

/** Records in the order of receipt, after the one with the id `after`. Empty filters mean all. */
export function listRecords(
  database: Database,
  filter: RecordFilter,
  after: string | undefined,
  limit: number,
): Promise<RecordDocument[]> {
  const query = {
    ...(filter.exchange ? { exchange: filter.exchange } : {}),
    ...(filter.session ? { session: filter.session } : {}),
    ...(filter.action ? { action: actionQuery(filter.action) } : {}),
    // Any other stands in no order of receipt, in which pages go on.
    _id: {
      $type: 'string' as const,
      ...(filter.since === undefined ? {} : { $gte: firstIdAt(filter.since) }),
      ...(after === undefined ? {} : { $gt: after }),
    },
  };
  return readAll(records(database).find(query, { raw: true }).sort({ _id: 1 }).limit(limit));
}

/** What there is to the first `limit` records of an epoch that there are from `first` to `last`, by seq. */
export async function readRecordBytes(
  database: Database,
  session: ClientSession | undefined,
  writer: WriterEpoch,
  { first, last, limit }: { readonly first: bigint; readonly last: bigint; readonly limit: number },
): Promise<(StoredRecord & Pick<RecordDocument, 'digest'>)[]> {
  const found = records(database)
    .find(
      { plane: writer.plane, epoch: writer.epoch, seq: between(first, last) },
      { ...(session && { session }) },
    )
    .sort({ plane: 1, epoch: 1, seq: 1 })
    .limit(limit)
    .project({ ...RECEIVED_FIELDS, digest: 1 });
  return (await found.toArray()).map(asReceived);
}

/** The records of an epoch that there are from `first` to `last`, by seq. */
export function listEpochRecords(
  database: Database,
  { plane, epoch }: WriterEpoch,
  first: bigint,
  last: bigint,
): Promise<RecordDocument[]> {
  const found = records(database).find({ plane, epoch, seq: between(first, last) }, { raw: true });
  return readAll(found.sort({ plane: 1, epoch: 1, seq: 1 }));
}

/** The seqs of a stretch: a fraction between two is the place of none. */
function between(first: bigint, last: bigint) {
  return { $type: 'long' as const, $gte: first, $lte: last };
}

/** The documents of a query with `raw`, of which it can be told whether they are exact. */
async function readAll(found: FindCursor<RecordDocument>): Promise<RecordDocument[]> {
  const raw = (await found.toArray()) as unknown as Uint8Array[];
  return raw.map((one) => asRecord(readExactly<RecordDocument>(one, PLAIN_TYPES)));
}

/** The places of all records that are about an exchange, or say what was done to it. */
export async function listPlaces(database: Database, exchange: string): Promise<Place[]> {
  const found = records(database)
    .find({ $or: [{ exchange }, { resource: exchange, action: { $exists: true } }] })
    .project({ _id: 0, plane: 1, epoch: 1, seq: 1 });
  return (await found.toArray()).map(asPlace);
}

/** All records of these exchanges, those that came first before others. */
export function listExchangeRecords(
  database: Database,
  session: ClientSession,
  exchanges: readonly string[],
): Promise<RecordDocument[]> {
  return records(database)
    .find({ exchange: { $in: [...exchanges] } }, { session })
    .sort({ _id: 1 })
    .toArray();
}

/** The places of the erasures of these exchanges. */
export async function listErasures(
  database: Database,
  exchanges: readonly string[],
): Promise<(Place & Pick<RecordDocument, 'digest'>)[]> {
  const found = records(database)
    .find({ action: 'exchange.erase', resource: { $in: [...exchanges] } })
    .project({ _id: 0, plane: 1, epoch: 1, seq: 1, digest: 1 });
  return (await found.toArray()).map(asPlaced);
}

function records(database: Database): Collection<RecordDocument> {
  return database.db.collection<RecordDocument>('records', PLAIN_TYPES);
}
