import type { Collection } from 'mongodb';
import { conform } from '../conform.ts';
import type { ClientSession, Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import { writersSchema } from '../schema/writers.ts';

/** One epoch of one writer. */
export interface WriterEpoch {
  /** `planes/{id}` or `control-plane/{replica}`. */
  readonly plane: string;
  readonly epoch: bigint;
}

/** The newest stored record of a writer's epoch. */
export interface Head {
  /** 0 when nothing is stored. */
  readonly seq: bigint;
  /** SHA-256 of that record's bytes; 32 zero bytes when nothing is stored. */
  readonly digest: Uint8Array;
}

interface WriterDocument {
  _id: string;
  plane: string;
  epoch: bigint;
  seq: bigint;
  digest: Uint8Array;
  isUnlogged?: true;
  createTime: Date;
  updateTime: Date;
}

const STATED = ['plane', 'epoch', 'seq', 'digest'] as const;
const asHead = conform<WriterEpoch & Head>(writersSchema, STATED);

const START: Head = { seq: 0n, digest: new Uint8Array(32) };

/** How far this epoch is stored. */
export async function readHead(
  database: Database,
  writer: WriterEpoch,
  session?: ClientSession,
): Promise<Head> {
  const options = session === undefined ? {} : { session };
  const document = await writers(database).findOne({ _id: nameOf(writer) }, options);
  return document === null ? START : { seq: document.seq, digest: document.digest };
}

/**
 * Moves the head of an epoch, in the transaction in which it was read and the records are stored. A second writer of
 * the same epoch makes one of the two transactions start again.
 */
export async function advanceHead(
  database: Database,
  session: ClientSession,
  writer: WriterEpoch,
  from: Head,
  to: Head,
  time: Date,
): Promise<void> {
  const _id = nameOf(writer);
  if (from.seq === 0n) {
    const { plane, epoch } = writer;
    await writers(database).insertOne(
      {
        _id,
        plane,
        epoch,
        seq: to.seq,
        digest: to.digest,
        isUnlogged: true,
        createTime: time,
        updateTime: time,
      },
      { session },
    );
    return;
  }
  const result = await writers(database).updateOne(
    { _id, seq: from.seq },
    { $set: { seq: to.seq, digest: to.digest, isUnlogged: true, updateTime: time } },
    { session },
  );
  if (result.matchedCount !== 1) throw new Error(`the head of ${_id} was not where its transaction read it`);
}

/** An epoch that may have records which are no leaves yet. */
export interface UnloggedEpoch extends WriterEpoch {
  /** The newest that is stored. */
  readonly seq: bigint;
  /** The newest that is a leaf; 0 when none is. */
  readonly loggedSeq: bigint;
  /** When the newest was stored. */
  readonly updateTime: Date;
}

/** Every epoch that may have records which are no leaves yet, by plane and epoch. */
export async function listUnlogged(database: Database, session: ClientSession): Promise<UnloggedEpoch[]> {
  const lastRun = {
    $lookup: {
      from: 'logRuns',
      let: { plane: '$plane', epoch: '$epoch' },
      pipeline: [
        { $match: { $expr: { $and: [{ $eq: ['$plane', '$$plane'] }, { $eq: ['$epoch', '$$epoch'] }] } } },
        { $sort: { plane: -1, epoch: -1, seq: -1 } },
        { $limit: 1 },
      ],
      as: 'runs',
    },
  };
  const logged = { $subtract: [{ $add: [{ $first: '$runs.seq' }, { $first: '$runs.count' }] }, 1n] };
  const fields = { _id: 0, plane: 1, epoch: 1, seq: 1, updateTime: 1 };
  return await writers(database)
    .aggregate<UnloggedEpoch>(
      [
        { $match: { isUnlogged: true } },
        { $sort: { isUnlogged: 1, plane: 1, epoch: 1 } },
        lastRun,
        { $project: { ...fields, loggedSeq: { $ifNull: [logged, 0n] } } },
      ],
      { session },
    )
    .toArray();
}

/** Says that all records of these epochs up to the given seqs are leaves; where newer ones came meanwhile, nothing. */
export async function markLogged(
  database: Database,
  epochs: readonly (WriterEpoch & { readonly seq: bigint })[],
): Promise<void> {
  if (epochs.length === 0) return;
  const operations = epochs.map((epoch) => ({
    updateOne: { filter: { _id: nameOf(epoch), seq: epoch.seq }, update: { $unset: { isUnlogged: '' } } },
  }));
  await writers(database).bulkWrite(operations as never, { ordered: false });
}

/** How far every epoch of every writer is stored, by writer and epoch. */
export async function listHeads(database: Database): Promise<(WriterEpoch & Head)[]> {
  const found = writers(database)
    .find()
    .sort({ plane: 1, epoch: -1 })
    .project({ _id: 0, plane: 1, epoch: 1, seq: 1, digest: 1 });
  return (await found.toArray()).map(asHead);
}

/** Says of every epoch that it may have records which are no leaves: for a new log. */
export async function markAllUnlogged(database: Database): Promise<void> {
  await writers(database).updateMany({ isUnlogged: { $exists: false } }, { $set: { isUnlogged: true } });
}

function nameOf(writer: WriterEpoch): string {
  return `${writer.plane}/epochs/${writer.epoch}`;
}

function writers(database: Database): Collection<WriterDocument> {
  return database.db.collection<WriterDocument>('writers', PLAIN_TYPES);
}
