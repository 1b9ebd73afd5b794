import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';

const COLLECTION = 'migrationLease';
/** A holder that is gone is waited for this long. */
const LEASE_MS = 15_000;
const RENEW_INTERVAL_MS = 5_000;
const POLL_INTERVAL_MS = 250;

interface Lease {
  readonly _id: 'lease';
  readonly holder: string;
  readonly expireTime: Date;
}

/**
 * Runs `run` while no other replica does; waits for its turn, or throws when `signal` aborts. Times are the store's
 * own, so replicas' clocks do not matter. A replica that stalls may lose its turn: what runs must stand that.
 */
export async function withLease<T>(
  db: Db,
  holder: string,
  signal: AbortSignal,
  run: () => Promise<T>,
): Promise<T> {
  while (!(await takeLease(db, holder))) await sleep(POLL_INTERVAL_MS, undefined, { signal });
  const renewal = setInterval(() => {
    takeLease(db, holder).catch(() => undefined);
  }, RENEW_INTERVAL_MS);
  try {
    return await run();
  } finally {
    clearInterval(renewal);
    await db.collection<Lease>(COLLECTION).deleteOne({ _id: 'lease', holder });
  }
}

/** Takes or renews the lease; false while another replica has it. One atomic step, by the store's clock. */
async function takeLease(db: Db, holder: string): Promise<boolean> {
  const isMine = { $eq: ['$holder', { $literal: holder }] };
  // A missing time is less than any other: the first replica finds it free.
  const isFree = { $or: [isMine, { $lt: ['$expireTime', '$$NOW'] }] };
  const take = {
    holder: { $cond: [isFree, { $literal: holder }, '$holder'] },
    expireTime: { $cond: [isFree, { $add: ['$$NOW', LEASE_MS] }, '$expireTime'] },
  };
  const lease = await db
    .collection<Lease>(COLLECTION)
    .findOneAndUpdate({ _id: 'lease' }, [{ $set: take }], { upsert: true, returnDocument: 'after' });
  return lease?.holder === holder;
}
