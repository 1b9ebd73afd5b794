import type { Document, Filter } from 'mongodb';
import { conform } from '../conform.ts';
import type { Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import { recordsSchema } from '../schema/records.ts';
import { writersSchema } from '../schema/writers.ts';
import type { WriterEpoch } from './writers.ts';

/** How far an epoch was acknowledged: what its writer was told. */
export interface Acknowledged extends WriterEpoch {
  readonly seq: bigint;
  readonly updateTime: Date;
}

/** The first or last record of an epoch, as far as wholeness goes. */
export interface EdgeRecord {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

/** A stretch of seqs, both ends included. */
export interface SeqRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** The last record of an epoch. */
export interface LastRecord extends EdgeRecord {
  readonly seq: bigint;
  readonly receiveTime: Date;
}

const asAcknowledged = conform<Acknowledged>(writersSchema, ['plane', 'epoch', 'seq', 'updateTime']);
const asEdge = conform<EdgeRecord>(recordsSchema, ['kind', 'bytes']);
const asLast = conform<LastRecord>(recordsSchema, ['kind', 'bytes', 'seq', 'receiveTime']);
type Next = Pick<LastRecord, 'seq' | 'receiveTime'>;
const asNext = conform<Next>(recordsSchema, ['seq', 'receiveTime']);
/** What is of another type comes before all of these in the index, or behind. */
const WRITTEN = { plane: { $type: 'string' }, epoch: { $gte: 1n } } as const;
/** More than any writer gets to, and less than what an int64 ends at. */
const MAX_SEQ = 2n ** 62n;

/** Every epoch that has records, found in the index from one to the next. */
export async function listStored(database: Database, plane: string | undefined): Promise<WriterEpoch[]> {
  const epochs: WriterEpoch[] = [];
  let place: WriterEpoch | undefined;
  do {
    const after: Filter<Document> = place
      ? { $or: [{ plane: place.plane, epoch: { $gt: place.epoch } }, { plane: { $gt: place.plane } }] }
      : {};
    const filter = { $and: [plane === undefined ? {} : { plane }, after, WRITTEN] };
    const options = {
      projection: { _id: 0, plane: 1, epoch: 1 },
      sort: { plane: 1, epoch: 1, seq: 1 },
    } as const;
    place = (await records(database).findOne<WriterEpoch>(filter, options)) ?? undefined;
    if (typeof place?.epoch === 'bigint') epochs.push(place);
  } while (place !== undefined);
  return epochs;
}

/** Of every epoch: up to where its writer was told that it is stored. */
export async function listAcknowledged(
  database: Database,
  plane: string | undefined,
): Promise<Acknowledged[]> {
  const found = database.db
    .collection('writers', PLAIN_TYPES)
    .find(plane === undefined ? {} : { plane })
    .project({ _id: 0, plane: 1, epoch: 1, seq: 1, updateTime: 1 });
  return (await found.toArray()).map(asAcknowledged);
}

/**
 * The stretches of a range of an epoch that are not stored, at most `limit`. Stretch by stretch the records are counted, in the
 * index alone, and read where some are missing. Throws the signal's reason when it aborts.
 */
export async function findHoles(
  database: Database,
  writer: WriterEpoch,
  range: SeqRange,
  limit: number,
  signal: AbortSignal,
): Promise<SeqRange[]> {
  const holes: SeqRange[] = [];
  let { first } = range;
  while (first <= range.last && holes.length < limit) {
    signal.throwIfAborted();
    // Where nothing is stored, on to where something is.
    const start = (await findNext(database, writer, first))?.seq ?? range.last + 1n;
    if (start > first) holes.push({ first, last: start - 1n });
    first = await passStretch(database, writer, { first: start, last: range.last }, holes);
  }
  return holes.slice(0, limit);
}

/** Looks at the records from the first of a range on, which is stored. @returns the first seq that was not looked at */
async function passStretch(
  database: Database,
  { plane, epoch }: WriterEpoch,
  range: SeqRange,
  holes: SeqRange[],
): Promise<bigint> {
  const { first } = range;
  const after = first + STRETCH <= range.last ? first + STRETCH : range.last + 1n;
  const filter = { plane, epoch, seq: { $gte: first, $lt: after } };
  const count = await records(database).countDocuments(filter, { hint: 'plane_epoch_seq' });
  if (BigInt(count) >= after - first) return after;
  let next = first;
  const cursor = records(database)
    .find(filter)
    .project<{ seq: bigint }>({ _id: 0, seq: 1 })
    .sort({ plane: 1, epoch: 1, seq: 1 });
  for await (const { seq } of cursor) {
    if (typeof seq !== 'bigint') continue;
    if (seq > next) holes.push({ first: next, last: seq - 1n });
    next = seq + 1n;
  }
  return next;
}

/** The first seq up to `last` that was received at or after a time: those of an epoch are received in their order. */
export async function firstSince(
  database: Database,
  writer: WriterEpoch,
  last: bigint,
  since: Date,
): Promise<bigint> {
  let [low, high] = [1n, last];
  while (low < high) {
    const middle = (low + high) / 2n;
    const found = await findNext(database, writer, middle);
    if (found === undefined || found.receiveTime >= since) high = middle;
    else low = middle + 1n;
  }
  return low;
}

/** The last record of an epoch; undefined when none is stored. */
export async function findLast(
  database: Database,
  { plane, epoch }: WriterEpoch,
): Promise<LastRecord | undefined> {
  const projection = { _id: 0, kind: 1, bytes: 1, seq: 1, receiveTime: 1 };
  const sort = { plane: -1, epoch: -1, seq: -1 } as const;
  const filter = { plane, epoch, seq: { $gte: 1n, $lte: MAX_SEQ } };
  const found = await records(database).findOne(filter, { projection, sort });
  return found === null ? undefined : asLast(found);
}

/** The first record of an epoch that is stored from a seq on; undefined when none is. */
async function findNext(
  database: Database,
  { plane, epoch }: WriterEpoch,
  from: bigint,
): Promise<Next | undefined> {
  const options = {
    projection: { _id: 0, seq: 1, receiveTime: 1 },
    sort: { plane: 1, epoch: 1, seq: 1 },
  } as const;
  const filter = { plane, epoch, seq: { $gte: from } };
  const found = await records(database).findOne(filter, options);
  return found === null ? undefined : asNext(found);
}

/** One record of an epoch; undefined when it is not stored. */
export async function findEdge(
  database: Database,
  { plane, epoch }: WriterEpoch,
  seq: bigint,
): Promise<EdgeRecord | undefined> {
  const options = { projection: { _id: 0, kind: 1, bytes: 1 } };
  const found = await records(database).findOne({ plane, epoch, seq }, options);
  return found === null ? undefined : asEdge(found);
}

/** So many records are counted at a time. */
const STRETCH = 1_000_000n;

function records(database: Database) {
  return database.db.collection<Document>('records', PLAIN_TYPES);
}
