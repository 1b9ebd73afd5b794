import type { Db } from 'mongodb';
import { createCollections } from './0001-create-collections.ts';

/** Adds what joins sessions, and says of exchanges from before in which session they are. */
export async function createStitching(db: Db): Promise<void> {
  await createCollections(db);
  await db
    .collection('exchanges')
    .updateMany({ sessions: { $exists: false } }, [{ $set: { sessions: ['$session'] } }]);
}
