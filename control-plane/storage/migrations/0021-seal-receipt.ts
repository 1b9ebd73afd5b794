import type { Db } from 'mongodb';
import { isPlane } from '#core/evidence/verify/chain.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import type { RecordDocument } from '../record/records.ts';
import { macOfRecord, receivedBytes } from '../sealing/record-mac.ts';
import { isMac } from '../sealing/sealing.ts';
import { placeBytes, SEALED_RECORDS, seenBefore } from './0019-seal-records.ts';
import type { Means } from './means.ts';

/** What a control plane remembers once all records have a MAC: one more than migration 19 had it remember. */
export const ALL_SEALED = 2;
const BATCH = 1_000;
const FIELDS = { plane: 1, epoch: 1, seq: 1, digest: 1, receiveTime: 1, mac: 1 } as const;

type Unsealed = Pick<RecordDocument, '_id' | keyof typeof FIELDS>;

/**
 * Gives all records a MAC that also says when, and in which order, they came. Those of planes are taken as they stand, once, as in
 * migration 19; of control planes those that had one.
 * @throws StoreError where this control plane has seen them sealed before
 */
export async function sealReceipt(db: Db, { database, isTrusted, logger, seal }: Means): Promise<void> {
  if (!isTrusted && database.memory.highest(SEALED_RECORDS) >= ALL_SEALED) throw seenBefore(db);
  const records = db.collection<Unsealed>('records', PLAIN_TYPES);
  const operations: Parameters<typeof records.bulkWrite>[0][number][] = [];
  let count = 0;
  const write = async (): Promise<void> => {
    if (operations.length > 0) await records.bulkWrite(operations.splice(0), { ordered: false });
  };
  for await (const record of records.find().project<Unsealed>(FIELDS)) {
    const isTaken = isPlane(record.plane) || isMac(seal, record.mac, placeBytes(record));
    if (!isTaken || isMac(seal, record.mac, receivedBytes(record))) continue;
    const mac = macOfRecord(seal, record);
    operations.push({ updateOne: { filter: { _id: record._id }, update: { $set: { mac } } } });
    count += 1;
    if (operations.length === BATCH) await write();
  }
  await write();
  if (count === 0) return;
  const about = { event: 'receipt_sealed', count };
  logger.warn(about, 'when records came was taken as it stands; further ones need a MAC');
}
