import { type Db, MongoServerError } from 'mongodb';
import { createCollections } from './0001-create-collections.ts';

const INDEX_NOT_FOUND_CODE = 27;
/** By which nothing is looked for any more. */
const UNUSED = ['planes_state', 'planes_update', 'reviewers_update'];

/**
 * Adds indexes by which exchanges are found by policy and by entity, and for how approvals are watched; takes those away that were
 * for the latter before.
 */
export async function addIndexes(db: Db): Promise<void> {
  await createCollections(db);
  for (const name of UNUSED) {
    try {
      await db.collection('approvals').dropIndex(name);
    } catch (error) {
      if (!(error instanceof MongoServerError && error.code === INDEX_NOT_FOUND_CODE)) throw error;
    }
  }
}
