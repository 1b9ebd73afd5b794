import { type Db, MongoServerError } from 'mongodb';
import type { CollectionSchema } from '../schema/collection.ts';
import { SCHEMAS } from '../schema/index.ts';

const NAMESPACE_EXISTS_CODE = 48;

/** Creates every collection with its validator and indexes; where one is there already, gives it these. */
export async function createCollections(db: Db): Promise<void> {
  for (const schema of SCHEMAS) await createCollection(db, schema);
}

async function createCollection(db: Db, schema: CollectionSchema): Promise<void> {
  const validation = { validator: schema.validator, validationLevel: 'strict', validationAction: 'error' };
  try {
    await db.createCollection(schema.name, validation);
  } catch (error) {
    if (!(error instanceof MongoServerError && error.code === NAMESPACE_EXISTS_CODE)) throw error;
    await db.command({ collMod: schema.name, ...validation });
  }
  if (schema.indexes.length === 0) return;
  await db.collection(schema.name).createIndexes(schema.indexes.map((index) => ({ ...index }) as never));
}
