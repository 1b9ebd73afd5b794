import type { Collection } from 'mongodb';
import type { ClientSession, Database } from './database.ts';
import { PLAIN_TYPES } from './plain-types.ts';

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
  createTime: Date;
  updateTime: Date;
}

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
      { _id, plane, epoch, seq: to.seq, digest: to.digest, createTime: time, updateTime: time },
      { session },
    );
    return;
  }
  const result = await writers(database).updateOne(
    { _id, seq: from.seq },
    { $set: { seq: to.seq, digest: to.digest, updateTime: time } },
    { session },
  );
  if (result.matchedCount !== 1) throw new Error(`the head of ${_id} was not where its transaction read it`);
}

function nameOf(writer: WriterEpoch): string {
  return `${writer.plane}/epochs/${writer.epoch}`;
}

function writers(database: Database): Collection<WriterDocument> {
  return database.db.collection<WriterDocument>('writers', PLAIN_TYPES);
}
