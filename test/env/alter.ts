import type { Document } from 'mongodb';
import type { Database } from '../../control-plane/storage/database.ts';
import { macOf, type SealedName } from '../../control-plane/storage/sealed.ts';

const PAST_CHECKS = { bypassDocumentValidation: true };

/** Any document of a collection, past all checks of the store: what somebody can do who may write to the database. */
export function rawOf(database: Database, name: SealedName) {
  return database.db.collection<Document & { _id: string }>(name, { promoteLongs: false });
}

/** The document of this id. */
export async function rawDocument(database: Database, name: SealedName, id: string) {
  const document = await rawOf(database, name).findOne({ _id: id });
  if (document === null) throw new Error(`there is no ${id} in ${name}`);
  return document;
}

/** Puts a document into the database, in the place of the one of its id. */
export async function putRaw(
  database: Database,
  name: SealedName,
  document: Document & { _id: string },
): Promise<void> {
  const { _id } = document;
  await rawOf(database, name).replaceOne({ _id }, document, { ...PAST_CHECKS, upsert: true });
}

/** Changes a document and gives it a right MAC, as an older version of Sworn would have stored it. */
export async function storeAsOlder(
  database: Database,
  name: SealedName,
  document: Document & { _id: string },
): Promise<void> {
  const mac = macOf(database.seal, name, document);
  await putRaw(database, name, { ...document, mac });
}
