import type { Collection } from 'mongodb';
import type { TreeHead } from '#core/evidence/merkle/head.ts';
import { conform } from '../conform.ts';
import { type ClientSession, type Database, isDuplicateKey } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import { logSchema } from '../schema/log.ts';
import { isLogOurs, macOfLog } from '../sealing/record-mac.ts';
import { bytesOf } from '../sealing/sealing.ts';

const LOG_ID = 'log';
/** Without a majority a linearizable read would wait for ever. */
const READ_TIMEOUT_MS = 10_000;

/** The log as it is stored. */
export interface LogState {
  /** Its name, the first line of its checkpoints. */
  readonly origin: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Its tree. */
  readonly head: TreeHead;
}

/** The log, and whether a control plane wrote that it is so. */
export interface StoredLog extends LogState {
  readonly isOurs: boolean;
}

interface LogDocument {
  readonly _id: string;
  readonly origin: string;
  readonly publicKey: Uint8Array;
  readonly size: bigint;
  readonly root: Uint8Array;
  /** Of all that is above (record-mac.ts). */
  readonly mac?: Uint8Array;
  readonly createTime: Date;
  readonly updateTime: Date;
}

const asLog = conform<LogDocument>(logSchema);

/** The log; undefined before its first start. */
export async function findLog(database: Database, session?: ClientSession): Promise<StoredLog | undefined> {
  return toLog(database, await logs(database).findOne({ _id: LOG_ID }, { ...(session && { session }) }));
}

/**
 * The log as it is now: after an election, too, no older state of it, which would look like a rollback. Slower than
 * `findLog`.
 */
export async function readLogSurely(database: Database): Promise<StoredLog | undefined> {
  const options = { readConcern: { level: 'linearizable' }, maxTimeMS: READ_TIMEOUT_MS } as const;
  return toLog(database, await logs(database).findOne({ _id: LOG_ID }, options));
}

/** Stores a new log; false when another replica was first, whose log it is then. */
export async function insertLog(database: Database, log: LogState, time: Date): Promise<boolean> {
  const { origin, publicKey, head } = log;
  const tree = { size: BigInt(head.size), root: head.root };
  try {
    await logs(database).insertOne({
      _id: LOG_ID,
      origin,
      publicKey,
      ...tree,
      mac: macOfLog(database.seal, log),
      createTime: time,
      updateTime: time,
    });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/**
 * Moves the log from one tree to the next, in the transaction that stores what the next one has more.
 * @returns false when the log is not as it was read: another sequencer was faster, and the transaction must not commit
 */
export async function advanceLogHead(
  database: Database,
  session: ClientSession,
  { origin, publicKey, head: from }: LogState,
  to: TreeHead,
  time: Date,
): Promise<boolean> {
  const mac = macOfLog(database.seal, { origin, publicKey, head: to });
  const result = await logs(database).updateOne(
    { _id: LOG_ID, size: BigInt(from.size), root: from.root },
    { $set: { size: BigInt(to.size), root: to.root, mac, updateTime: time } },
    { session },
  );
  return result.matchedCount === 1;
}

/** Whether the log has a MAC that is not of the master key in force. */
export async function isLogBehind({ db, seal }: Database): Promise<boolean> {
  const document = await db.collection<LogDocument>('log', PLAIN_TYPES).findOne({ _id: LOG_ID });
  return document !== null && !seal.isMacCurrent(bytesOf(document.mac) ?? new Uint8Array());
}

/** Gives the log a MAC of the master key in force, if it is ours; one that grows meanwhile gets it by that. */
export async function resealLog(database: Database): Promise<boolean> {
  const log = await findLog(database);
  if (log?.isOurs !== true) return false;
  const { size, root } = { ...log.head, size: BigInt(log.head.size) };
  await logs(database).updateOne(
    { _id: LOG_ID, size, root },
    { $set: { mac: macOfLog(database.seal, log) } },
  );
  return true;
}

function toLog({ seal }: Database, document: LogDocument | null): StoredLog | undefined {
  if (document === null) return undefined;
  const { origin, publicKey, size, root, mac } = asLog(document);
  const log = { origin, publicKey, head: { size: Number(size), root } };
  return { ...log, isOurs: isLogOurs(seal, mac, log) };
}

function logs(database: Database): Collection<LogDocument> {
  return database.db.collection<LogDocument>('log', PLAIN_TYPES);
}
