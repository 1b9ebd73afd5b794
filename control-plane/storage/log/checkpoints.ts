import type { Collection } from 'mongodb';
import { conform } from '../conform.ts';
import { type Database, isDuplicateKey } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import { checkpointsSchema } from '../schema/checkpoints.ts';

/** A checkpoint that was published. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  /** The note as the log signed it. */
  readonly note: string;
  /** Signature lines of witnesses, each with its newline. */
  readonly cosignatures: readonly string[];
  readonly time: Date;
}

interface CheckpointDocument extends Omit<StoredCheckpoint, 'size'> {
  readonly _id: bigint;
}

const MAX_SIZE = BigInt(Number.MAX_SAFE_INTEGER);
const asCheckpoint = conform<CheckpointDocument>(checkpointsSchema);

/** The newest one; undefined before the first. */
export async function findNewestCheckpoint(database: Database): Promise<StoredCheckpoint | undefined> {
  // One that is no number, or larger than any, would be the newest for ever.
  const ours = { _id: { $lte: MAX_SIZE } };
  const [document] = await checkpoints(database).find(ours).sort({ _id: -1 }).limit(1).toArray();
  return document && toCheckpoint(document);
}

/** Those of trees of more than `above` and at most `upTo` leaves, the smallest first. */
export async function listCheckpoints(
  database: Database,
  above: number,
  upTo: number,
): Promise<StoredCheckpoint[]> {
  const documents = await checkpoints(database)
    .find({ _id: { $gt: BigInt(above), $lte: BigInt(upTo) } })
    .sort({ _id: 1 })
    .toArray();
  return documents.map(toCheckpoint);
}

/** Publishes a checkpoint; false when there is one of this size. */
export async function insertCheckpoint(
  database: Database,
  { size, root, note, cosignatures, time }: StoredCheckpoint,
): Promise<boolean> {
  try {
    await checkpoints(database).insertOne({
      _id: BigInt(size),
      root,
      note,
      cosignatures: [...cosignatures],
      time,
    });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** Adds cosignatures to a published checkpoint; those that it has stay once. */
export async function addCosignatures(
  database: Database,
  size: number,
  lines: readonly string[],
): Promise<void> {
  await checkpoints(database).updateOne(
    { _id: BigInt(size) },
    { $addToSet: { cosignatures: { $each: [...lines] } } },
  );
}

function toCheckpoint(document: CheckpointDocument): StoredCheckpoint {
  const { _id, ...rest } = asCheckpoint(document);
  return { size: Number(_id), ...rest };
}

function checkpoints(database: Database): Collection<CheckpointDocument> {
  return database.db.collection<CheckpointDocument>('checkpoints', PLAIN_TYPES);
}
