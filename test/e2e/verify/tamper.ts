import type { Document, Filter } from 'mongodb';
import type { Database } from '../../../control-plane/storage/database.ts';

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
  return async () => {
    if (fields.length > 0) await collection.updateOne({ _id: before['_id'] }, { $set: old }, options);
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
