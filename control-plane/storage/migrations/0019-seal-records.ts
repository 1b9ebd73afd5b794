import type { Db } from 'mongodb';
import { StoreError } from '../error.ts';
import type { LogState } from '../log/log.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import type { RecordDocument } from '../record/records.ts';
import { canonicalBytes } from '../sealing/canonical.ts';
import { macOfLog } from '../sealing/record-mac.ts';
import type { Seal } from '../sealing/seal.ts';
import { createCollections } from './0001-create-collections.ts';
import type { Means } from './means.ts';

/** By what a control plane remembers that it has seen them sealed. */
export const SEALED_RECORDS = 'records';
const BATCH = 1_000;
/** Those of control planes. */
const WRITERS = { $gte: 'control-plane/', $lt: 'control-plane0' };

type Unsealed = Pick<RecordDocument, '_id' | 'plane' | 'epoch' | 'seq' | 'digest'>;
type Place = Pick<RecordDocument, 'plane' | 'epoch' | 'seq' | 'digest'>;
type StoredLog = Omit<LogState, 'head'> & {
  readonly _id: string;
  readonly size: bigint;
  readonly root: Uint8Array;
};

/**
 * Seals the records of control planes, and the log, once: what is there is trusted as it stands. A control plane that has seen them
 * sealed does not trust them a second time: somebody would only have to set the version of the store back.
 * @throws StoreError in that case
 */
export async function sealRecords(db: Db, means: Means): Promise<void> {
  await createCollections(db);
  const { database, isTrusted, logger, seal } = means;
  if (!isTrusted && database.memory.highest(SEALED_RECORDS) > 0) throw seenBefore(db);
  const records = db.collection<Unsealed>('records', PLAIN_TYPES);
  const unsealed = { plane: WRITERS, mac: { $exists: false } };
  const fields = { plane: 1, epoch: 1, seq: 1, digest: 1 } as const;
  const operations: Parameters<typeof records.bulkWrite>[0][number][] = [];
  let count = 0;
  const write = async (): Promise<void> => {
    if (operations.length > 0) await records.bulkWrite(operations.splice(0), { ordered: false });
  };
  for await (const record of records.find(unsealed).project<Unsealed>(fields)) {
    const mac = macOfPlace(seal, record);
    operations.push({ updateOne: { filter: { _id: record._id }, update: { $set: { mac } as never } } });
    count += 1;
    if (operations.length === BATCH) await write();
  }
  await write();
  const logs = db.collection<StoredLog>('log', PLAIN_TYPES);
  for await (const { _id, origin, publicKey, size, root } of logs.find({
    mac: { $exists: false },
  } as never)) {
    const mac = macOfLog(seal, { origin, publicKey, head: { size: Number(size), root } });
    await logs.updateOne({ _id, size, root } as never, { $set: { mac } as never });
  }
  if (count === 0) return;
  const about = { event: 'records_sealed', count };
  logger.warn(about, 'the records of control planes were taken as they stand; further ones need a MAC');
}

/** The MAC that records of control planes had before those of planes had one (migration 21). */
export function macOfPlace(seal: Seal, record: Place): Uint8Array {
  return seal.mac(placeBytes(record));
}

/** What it was of. */
export function placeBytes({ plane, epoch, seq, digest }: Place): Uint8Array {
  return canonicalBytes(['records', { plane, epoch, seq, digest }]);
}

/** Why a database that says it is from before is not taken as it stands. */
export function seenBefore({ databaseName }: Db): StoreError {
  return new StoreError(
    `the database ${databaseName} has the version of before records were sealed, though this control plane has seen them sealed: it was ` +
      'set back, or is a dump of before. To trust what it has now, put an empty file configuration.trust into the state directory',
  );
}
