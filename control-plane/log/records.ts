import { inclusionProof } from '#core/evidence/merkle/prove.ts';
import { readNodes } from '#core/evidence/tiles/read.ts';
import type { Database } from '../storage/database.ts';
import { listRuns } from '../storage/log/log-runs.ts';
import { listEpochRecords, type RecordDocument } from '../storage/record/records.ts';
import { tileReader } from './tree.ts';

/** A record with the leaf that it is. */
export interface PlacedRecord {
  readonly index: number;
  readonly document: RecordDocument;
}

/** The records that are the leaves from `begin` on, up to but not including `end`, in order; those that there are. */
export async function readPlaced(database: Database, begin: number, end: number): Promise<PlacedRecord[]> {
  const placed: PlacedRecord[] = [];
  for (const run of await listRuns(database, begin, end)) {
    const skip = Math.max(0, begin - run.index);
    const last = run.seq + BigInt(Math.min(run.count, end - run.index)) - 1n;
    for (const document of await listEpochRecords(database, run, run.seq + BigInt(skip), last)) {
      placed.push({ index: run.index + Number(document.seq - run.seq), document });
    }
  }
  return placed;
}

/** Proves of each of these leaves that it is in the tree of the first `size` leaves. */
export async function proveLeaves(
  database: Database,
  indexes: readonly number[],
  size: number,
): Promise<Uint8Array[][]> {
  const read = readNodes(size, tileReader(database));
  return await Promise.all(indexes.map((index) => inclusionProof(index, size, read)));
}
