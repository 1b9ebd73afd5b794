import { v7 as uuidv7 } from 'uuid';
import type { Database } from '../storage/database.ts';
import { type ExchangeDocument, type ExchangeQuery, listExchanges } from '../storage/record/exchanges.ts';
import { findIds, newestRecord } from '../storage/record/records.ts';

/** Clocks of replicas may differ by so much. */
const SKEW_MS = 60_000;

/**
 * All exchanges that match and are stored by now, oldest first, page by page as they are taken. What is stored later is passed
 * over without a look: where more comes in than can be read, there would be no end. Their own times do not tell, since those are of
 * the clocks of planes.
 */
export async function* listStored(
  database: Database,
  query: ExchangeQuery,
  pageSize: number,
): AsyncGenerator<readonly ExchangeDocument[]> {
  // Records have ids of the time at which they came; a clock that was ahead, and was set back, left some of a time to come.
  const now = uuidv7({ msecs: Date.now() + SKEW_MS });
  const newest = (await newestRecord(database)) ?? now;
  let end: ExchangeDocument | undefined;
  do {
    const after = end && { timeMs: end.startTime.getTime(), id: end._id };
    const page: readonly ExchangeDocument[] = await listExchanges(database, query, 1, after, pageSize);
    const isLater = ({ sources }: ExchangeDocument) =>
      sources.base.record > now && sources.base.record > newest;
    const ids = page.filter(isLater).map(({ sources }) => sources.base.record);
    const came = ids.length === 0 ? new Set() : await findIds(database, ids);
    // What names a record that there is not was changed by somebody, and is not to be passed over for that.
    const here = page.filter((document) => !isLater(document) || !came.has(document.sources.base.record));
    if (here.length > 0) yield here;
    end = page.length === pageSize ? page.at(-1) : undefined;
  } while (end !== undefined);
}
