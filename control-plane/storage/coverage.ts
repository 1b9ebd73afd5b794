import type { Document } from 'mongodb';
import type { Database } from './database.ts';
import { PLAIN_TYPES } from './plain-types.ts';
import type { WriterEpoch } from './writers.ts';

/** How much of an epoch the store has. */
export interface Coverage extends WriterEpoch {
  /** Records that are stored. */
  readonly count: bigint;
  /** The highest seq among them; 0 when there are none. */
  readonly last: bigint;
}

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

/** Of every epoch that has records: how many, and the highest seq. Counted in the index alone. */
export async function countByEpoch(database: Database, plane: string | undefined): Promise<Coverage[]> {
  const found = await records(database)
    .aggregate<{ _id: WriterEpoch; count: bigint | number; last: bigint }>(
      [
        { $match: plane === undefined ? {} : { plane } },
        { $project: { _id: 0, plane: 1, epoch: 1, seq: 1 } },
        { $group: { _id: { plane: '$plane', epoch: '$epoch' }, count: { $sum: 1 }, last: { $max: '$seq' } } },
      ],
      { hint: 'plane_epoch_seq' },
    )
    .toArray();
  return found.map(({ _id, count, last }) => ({ ..._id, count: BigInt(count), last }));
}

/** Of every epoch: up to where its writer was told that it is stored. */
export async function listAcknowledged(
  database: Database,
  plane: string | undefined,
): Promise<Acknowledged[]> {
  return await database.db
    .collection<Acknowledged>('writers', PLAIN_TYPES)
    .find(plane === undefined ? {} : { plane })
    .project<Acknowledged>({ _id: 0, plane: 1, epoch: 1, seq: 1, updateTime: 1 })
    .toArray();
}

/** The stretches between 1 and the highest stored seq of an epoch that are not stored, at most `limit`. */
export async function findHoles(
  database: Database,
  { plane, epoch }: WriterEpoch,
  limit: number,
): Promise<SeqRange[]> {
  const holes: SeqRange[] = [];
  let next = 1n;
  const cursor = records(database)
    .find({ plane, epoch })
    .project<{ seq: bigint }>({ _id: 0, seq: 1 })
    .sort({ plane: 1, epoch: 1, seq: 1 });
  for await (const { seq } of cursor) {
    if (seq > next) holes.push({ first: next, last: seq - 1n });
    if (holes.length === limit) break;
    next = seq + 1n;
  }
  return holes;
}

/** One record of an epoch; undefined when it is not stored. */
export async function findEdge(
  database: Database,
  { plane, epoch }: WriterEpoch,
  seq: bigint,
): Promise<EdgeRecord | undefined> {
  const options = { projection: { _id: 0, kind: 1, bytes: 1 } };
  const found = await records(database).findOne<EdgeRecord>({ plane, epoch, seq }, options);
  return found ?? undefined;
}

function records(database: Database) {
  return database.db.collection<Document>('records', PLAIN_TYPES);
}
