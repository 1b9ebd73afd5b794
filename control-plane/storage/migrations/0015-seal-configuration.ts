import type { AnyBulkWriteOperation, Db } from 'mongodb';
import { StoreError } from '../error.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import { macOf, SEALED, type SealedName, uncoveredOf } from '../sealing/sealing.ts';
import { createCollections } from './0001-create-collections.ts';
import type { Means } from './means.ts';

interface Unsealed {
  readonly _id: string;
  readonly mac?: Uint8Array;
}

const WITHOUT_MAC = { mac: { $exists: false } } as const;
const BATCH = 500;

/**
 * Makes the MACs of what is there, once: it is trusted as it stands. A control plane that has seen the configuration sealed does
 * not trust it a second time: somebody would only have to set the version of the store back.
 * @throws StoreError in that case
 */
export async function sealConfiguration(db: Db, means: Means): Promise<void> {
  await createCollections(db);
  for (const name of Object.keys(SEALED) as SealedName[]) {
    const count = await sealCollection(db, means, name);
    if (count === 0) continue;
    const about = { event: 'configuration_sealed', collection: name, count };
    means.logger.warn(about, 'what the database has was taken as it stands, and is sealed from now on');
  }
}

/** Makes the MACs that are missing in a collection. @returns how many. @throws StoreError where they have been made before */
export async function sealCollection(
  db: Db,
  { seal, hasSeenSealed }: Means,
  name: SealedName,
): Promise<number> {
  const collection = db.collection<Unsealed>(name, PLAIN_TYPES);
  let count = 0;
  let batch: AnyBulkWriteOperation<Unsealed>[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) count += (await collection.bulkWrite(batch)).modifiedCount;
    batch = [];
  };
  // What no MAC covers may be large.
  const projection = Object.fromEntries(uncoveredOf(name).map((field) => [field, 0]));
  for await (const document of collection.find(WITHOUT_MAC, { projection })) {
    if (hasSeenSealed) throw seenBefore(db, document._id);
    const update = { $set: { mac: macOf(seal, name, document) } };
    batch.push({ updateOne: { filter: { _id: document._id, ...WITHOUT_MAC }, update } });
    if (batch.length === BATCH) await flush();
  }
  await flush();
  return count;
}

function seenBefore({ databaseName }: Db, id: string): StoreError {
  return new StoreError(
    `the database ${databaseName} has configuration that no control plane sealed (${id}), though this one has seen it sealed: ` +
      'it was set back, or is a dump of before. To trust what it has now, remove configuration.sealed from the state directory',
  );
}
