import type { Db } from 'mongodb';
import { createCollections } from './0001-create-collections.ts';

/** 2,192 days: what is kept where no policy says, in milliseconds. */
const SIX_YEARS_MS = 189_388_800_000;

/** Adds holds, and gives exchanges from before the time that there was no policy to say: six years from their start. */
export async function createRetention(db: Db): Promise<void> {
  await createCollections(db);
  await db
    .collection('exchanges')
    .updateMany({ expireTime: { $exists: false }, erasure: { $exists: false } }, [
      { $set: { expireTime: { $add: ['$startTime', SIX_YEARS_MS] } } },
    ]);
}
