import type { Database } from './database.ts';

/** The time by the clock of the machine that the store's primary runs on. */
export async function readStoreTime({ db }: Database): Promise<Date> {
  const { localTime } = await db.command({ hello: 1 });
  if (!(localTime instanceof Date)) throw new Error('the store does not tell its time');
  return localTime;
}
