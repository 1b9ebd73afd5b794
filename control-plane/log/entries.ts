import { encodeBundle } from '#core/evidence/tiles/bundle.ts';
import { TILE_WIDTH } from '#core/evidence/tiles/tile.ts';
import type { Database } from '../storage/database.ts';
import { listRuns } from '../storage/log/log-runs.ts';
import { readRecordBytes } from '../storage/record/records.ts';

/**
 * The records that are the leaves from `begin` on, up to but not including `end`, as they are stored, in order.
 * Undefined when one is missing.
 */
export async function readLeaves(
  database: Database,
  begin: number,
  end: number,
): Promise<Uint8Array[] | undefined> {
  const leaves: Uint8Array[] = [];
  for (const run of await listRuns(database, begin, end)) {
    const skip = Math.max(0, begin - run.index);
    const limit = Math.min(run.count, end - run.index) - skip;
    const first = run.seq + BigInt(skip);
    const last = first + BigInt(limit) - 1n;
    const records = await readRecordBytes(database, undefined, run, { first, last, limit });
    leaves.push(...records.map(({ bytes }) => bytes));
  }
  return leaves.length === end - begin ? leaves : undefined;
}

/** The bundle of these entries (https://c2sp.org/tlog-tiles, "Log entries"); undefined when one is missing. */
export async function readBundle(
  database: Database,
  index: number,
  width: number,
): Promise<Uint8Array | undefined> {
  const begin = index * TILE_WIDTH;
  const leaves = await readLeaves(database, begin, begin + width);
  return leaves && encodeBundle(leaves);
}
