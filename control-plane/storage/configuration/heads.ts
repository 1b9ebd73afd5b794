import { Long } from 'mongodb';
import { v7 as uuidv7 } from 'uuid';
import type { ClientSession, Database } from '../database.ts';
import { MEND_ROSTER } from '../roster/rosters.ts';
import { AlteredError } from '../sealing/altered.ts';

/** The collection to watch for hints that something was changed by anyone, on any replica. */
export const HEADS_COLLECTION = 'heads';

const HEAD_ID = 'head';

interface HeadDocument {
  readonly _id: string;
  readonly epoch: string;
  readonly revision: Long | number;
  readonly reviseTime: Date;
  readonly change: Long | number;
}

/** Which snapshot is the newest. */
export interface SnapshotHead {
  /** Changes when the store is made anew. */
  readonly epoch: string;
  /** Grows with every change of what planes get. */
  readonly revision: bigint;
  readonly reviseTime: Date;
}

const heads = (database: Database) => database.db.collection<HeadDocument>(HEADS_COLLECTION);

/** The head; undefined in a store in which nothing was ever changed. */
export async function readSnapshotHead(
  database: Database,
  session?: ClientSession,
): Promise<SnapshotHead | undefined> {
  const document = await heads(database).findOne({ _id: HEAD_ID }, { ...(session && { session }) });
  if (document === null) return undefined;
  return {
    epoch: document.epoch,
    revision: BigInt(document.revision.toString()),
    reviseTime: document.reviseTime,
  };
}

/**
 * The head, in a transaction that builds what planes get.
 * @throws AlteredError where it is less than this control plane has seen, or no number that it can come to: planes would get nothing
 *   newer, and nobody would learn of it
 */
export async function readHeldHead(
  database: Database,
  session: ClientSession,
): Promise<SnapshotHead | undefined> {
  const head = await readSnapshotHead(database, session);
  const revision = Number(head?.revision ?? 0n);
  const isHeld = Number.isSafeInteger(revision) && database.memory.see(session, HEADS_COLLECTION, revision);
  const resource = `${HEADS_COLLECTION}/${HEAD_ID}`;
  if (!isHeld) throw new AlteredError([resource], MEND_ROSTER);
  database.alterations.forget(resource);
  return head;
}

/** Puts a head in the place of the one there is, whatever that says: beyond what this control plane has seen. */
export async function replaceHead(database: Database, session: ClientSession, now: Date): Promise<void> {
  const stored = Number((await readSnapshotHead(database, session))?.revision ?? 0n);
  const seen = database.memory.highest(HEADS_COLLECTION);
  const revision = Math.max(seen, Number.isSafeInteger(stored) ? stored : 0) + 1;
  await heads(database).updateOne(
    { _id: HEAD_ID },
    {
      $set: { revision: Long.fromNumber(revision), change: Long.ONE, reviseTime: now },
      $setOnInsert: { epoch: uuidv7() },
    },
    { upsert: true, session },
  );
}

/**
 * Notes a change, in its transaction: two changes at once conflict here, and one is run again after the other.
 * @param revises whether planes get another snapshot by it
 */
export async function bumpHead(
  database: Database,
  session: ClientSession,
  now: Date,
  revises: boolean,
): Promise<void> {
  const revision = { revision: Long.fromNumber(revises ? 1 : 0) };
  await heads(database).updateOne(
    { _id: HEAD_ID },
    {
      $inc: { ...revision, change: Long.fromNumber(1) },
      $setOnInsert: { epoch: uuidv7(), ...(!revises && { reviseTime: now }) },
      ...(revises && { $set: { reviseTime: now } }),
    },
    { upsert: true, session },
  );
}
