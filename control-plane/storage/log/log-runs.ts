import type { Collection } from 'mongodb';
import { conform } from '../conform.ts';
import type { ClientSession, Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import type { WriterEpoch } from '../record/writers.ts';
import { logRunsSchema } from '../schema/log-runs.ts';

/** Records of one epoch that stand side by side in the log. */
export interface LogRun extends WriterEpoch {
  /** The leaf that the first one is. */
  readonly index: number;
  /** The first one's seq. */
  readonly seq: bigint;
  readonly count: number;
}

interface RunDocument extends WriterEpoch {
  readonly _id: bigint;
  readonly seq: bigint;
  readonly count: bigint;
}

const asRun = conform<RunDocument>(logRunsSchema);

/** Stores where records came to stand, in the transaction that advances the log. */
export async function insertRuns(
  database: Database,
  session: ClientSession,
  written: readonly LogRun[],
): Promise<void> {
  const documents = written.map(({ index, plane, epoch, seq, count }) => ({
    _id: BigInt(index),
    plane,
    epoch,
    seq,
    count: BigInt(count),
  }));
  await runs(database).insertMany(documents, { session });
}

/** The runs that have the leaves from `begin` on, up to but not including `end`, in order; the first may begin before. */
export async function listRuns(database: Database, begin: number, end: number): Promise<LogRun[]> {
  const first = runs(database)
    .find({ _id: { $lte: BigInt(begin) } })
    .sort({ _id: -1 })
    .limit(1);
  const rest = runs(database)
    .find({ _id: { $gt: BigInt(begin), $lt: BigInt(end) } })
    .sort({ _id: 1 });
  const documents = [...(await first.toArray()), ...(await rest.toArray())];
  return documents.map(toRun).filter(({ index, count }) => index + count > begin);
}

/** Which leaf a record is; undefined while it is none yet. */
export async function findLeafIndex(
  database: Database,
  { plane, epoch }: WriterEpoch,
  seq: bigint,
): Promise<number | undefined> {
  const [found] = await runs(database)
    .find({ plane, epoch, seq: { $lte: seq } })
    .sort({ seq: -1 })
    .limit(1)
    .toArray();
  const document = found && asRun(found);
  if (document === undefined || seq >= document.seq + document.count) return undefined;
  return Number(document._id + seq - document.seq);
}

function toRun(document: RunDocument): LogRun {
  const { _id, plane, epoch, seq, count } = asRun(document);
  return { index: Number(_id), plane, epoch, seq, count: Number(count) };
}

function runs(database: Database): Collection<RunDocument> {
  return database.db.collection<RunDocument>('logRuns', PLAIN_TYPES);
}
