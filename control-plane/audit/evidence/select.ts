import type { Database } from '../../storage/database.ts';
import { findLeafIndex } from '../../storage/log/log-runs.ts';
import type { ExchangeQuery } from '../../storage/record/exchanges.ts';
import { listPlaces } from '../../storage/record/records.ts';
import { listStored } from '../stored-exchanges.ts';

const PAGE = 200;

/**
 * The leaves that are about these exchanges, or say what was done to them, in the order of the log: a number for each, in
 * memory.
 * @param size of the tree; later leaves are left out
 */
export async function selectLeaves(
  database: Database,
  query: ExchangeQuery,
  size: number,
): Promise<number[]> {
  const indexes = new Set<number>();
  for await (const page of listStored(database, query, PAGE)) {
    for (const { _id } of page) {
      for (const { plane, epoch, seq } of await listPlaces(database, _id)) {
        const index = await findLeafIndex(database, { plane, epoch }, seq);
        if (index !== undefined && index < size) indexes.add(index);
      }
    }
  }
  return [...indexes].sort((a, b) => a - b);
}
