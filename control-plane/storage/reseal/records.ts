import { createHash } from 'node:crypto';
import type { AnyBulkWriteOperation, Collection, Filter } from 'mongodb';
import type { Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import type { RecordDocument } from '../record/records.ts';
import { isReceived, isReceivedAs, macOfRecord } from '../sealing/record-mac.ts';
import type { Seal } from '../sealing/seal.ts';
import type { Resealed } from './documents.ts';

const BATCH = 1_000;
/** Not the bytes, of which the digest is read instead. */
const FIELDS = { plane: 1, epoch: 1, seq: 1, digest: 1, receiveTime: 1, mac: 1 } as const;

type Placed = Pick<RecordDocument, '_id' | keyof typeof FIELDS>;

/** How many records have a MAC that is not of the master key in force. */
export function countRecordsBehind(database: Database): Promise<number> {
  return records(database).countDocuments(behind(database));
}

/**
 * Gives records MACs of the master key in force, where they have a right one of another key. Each is written if it still has that one;
 * nothing else of it changes. Where it is interrupted it goes on when it is called again.
 */
export async function* resealRecords(database: Database): AsyncGenerator<Resealed> {
  let batch: Placed[] = [];
  for await (const record of records(database).find(behind(database)).project<Placed>(FIELDS)) {
    batch.push(record);
    if (batch.length < BATCH) continue;
    yield await resealBatch(database, batch);
    batch = [];
  }
  if (batch.length > 0) yield await resealBatch(database, batch);
}

async function resealBatch(database: Database, batch: readonly Placed[]): Promise<Resealed> {
  const operations: AnyBulkWriteOperation<RecordDocument>[] = [];
  const passedOver: string[] = [];
  for (const record of batch) {
    const { _id, mac } = record;
    const digest = isReceivedAs(database.seal, record) ? record.digest : await digestOf(database, _id);
    if (digest === undefined) passedOver.push(`records/${_id}`);
    else {
      const update = { $set: { mac: macOfRecord(database.seal, { ...record, digest }) } };
      operations.push({ updateOne: { filter: { _id, mac } as Filter<RecordDocument>, update } });
    }
  }
  if (operations.length > 0) await records(database).bulkWrite(operations, { ordered: false });
  return { count: operations.length, passedOver };
}

/** The digest of a record's bytes, where its MAC is of these: the digest that is stored beside them is but what it is found by. */
async function digestOf(database: Database, id: string): Promise<Uint8Array | undefined> {
  const found = await records(database).findOne({ _id: id });
  return found === null ? undefined : receivedDigest(database.seal, found);
}

function receivedDigest(seal: Seal, record: RecordDocument): Uint8Array | undefined {
  return isReceived(seal, record) ? createHash('sha256').update(record.bytes).digest() : undefined;
}

/** Binary data of another length, or beyond the MACs of the key in force. */
function behind({ seal }: Database): Filter<RecordDocument> {
  const [first, last] = seal.currentMacs();
  return { $or: [{ mac: { $lt: first } }, { mac: { $gt: last } }] };
}

function records({ db }: Database): Collection<RecordDocument> {
  return db.collection<RecordDocument>('records', PLAIN_TYPES);
}
