import { EvidenceError } from '#core/evidence/error.ts';
import { leafHash } from '#core/evidence/merkle/hash.ts';
import { verifyInclusion } from '#core/evidence/merkle/verify.ts';
import { lookAtOwnRecord, ownWriter } from '../audit/actions.ts';
import type { Context } from '../context.ts';
import { findLog } from '../storage/log/log.ts';
import { findLeafIndex } from '../storage/log/log-runs.ts';
import type { Damage } from '../storage/record/own-records.ts';
import { readRecordBytes } from '../storage/record/records.ts';
import { LogFault } from './fault.ts';
import { proveLeaves } from './records.ts';

/** A record is a leaf within some tenths of a second, where nobody holds it up. */
const PATIENCE_MS = 30_000;

/** Looks after what this process itself records. */
export interface OwnWatch {
  /**
   * Compares the end of its own record with what it has stored, and sees that it gets into the log: who holds that up could
   * take it away unseen once the process has stopped.
   * @param isHalted whether nothing is added to the log, which is told already
   */
  look(isHalted: boolean): Promise<(Damage | Late)[]>;
}

/** Records that are not in the log, though there was time. */
export interface Late extends Pick<Damage, 'plane' | 'epoch' | 'first' | 'last'> {
  readonly what: 'late';
}

/** @param patienceMs how long a record may take to be a leaf */
export function createOwnWatch(context: Context, patienceMs = PATIENCE_MS): OwnWatch {
  const { database } = context;
  const writer = ownWriter(context);
  let waiting: { readonly seq: bigint; readonly sinceMs: number; isTold: boolean } | undefined;
  return {
    async look(isHalted) {
      const found: (Damage | Late)[] = [];
      await lookAtOwnRecord(context);
      found.push(...database.own.take());
      const sinceMs = performance.now();
      const seq = database.own.reached(writer);
      if (waiting === undefined && seq > 0n) waiting = { seq, sinceMs, isTold: false };
      if (waiting === undefined) return found;
      if (isHalted) waiting = { ...waiting, sinceMs };
      if (await isLeaf(context, waiting.seq)) waiting = undefined;
      else if (sinceMs - waiting.sinceMs >= patienceMs && !waiting.isTold) {
        waiting.isTold = true;
        found.push({ ...writer, first: waiting.seq, last: waiting.seq, what: 'late' });
      }
      return found;
    },
  };
}

/** Whether the record of this seq is in the tree, by its proof: the places of leaves anybody can write who writes to the database. */
async function isLeaf(context: Context, seq: bigint): Promise<boolean> {
  const { database } = context;
  const writer = ownWriter(context);
  const log = await findLog(database);
  const index = await findLeafIndex(database, writer, seq);
  const [record] = await readRecordBytes(database, undefined, writer, { first: seq, last: seq, limit: 1 });
  if (log?.isOurs !== true || record === undefined) return false;
  if (index === undefined || index < 0 || index >= log.head.size) return false;
  try {
    const [proof = []] = await proveLeaves(database, [index], log.head.size);
    verifyInclusion({ leafHash: leafHash(record.bytes), index, proof, head: log.head });
    return true;
  } catch (error) {
    if (error instanceof EvidenceError || error instanceof LogFault) return false;
    throw error;
  }
}
