import { hash } from 'node:crypto';
import { equalBytes, leafHash } from '#core/evidence/merkle/hash.ts';
import type { TreeHead } from '#core/evidence/merkle/head.ts';
import { growTiles } from '#core/evidence/tiles/grow.ts';
import type { ReadTile } from '#core/evidence/tiles/read.ts';
import type { Context } from '../context.ts';
import { type ClientSession, isWriteConflict } from '../storage/database.ts';
import { advanceLogHead, findLog } from '../storage/log/log.ts';
import { insertRuns, type LogRun } from '../storage/log/log-runs.ts';
import { findTiles, writeTiles } from '../storage/log/log-tiles.ts';
import type { Damage } from '../storage/record/own-records.ts';
import { readRecordBytes } from '../storage/record/records.ts';
import { listUnlogged, markLogged, type UnloggedEpoch, type WriterEpoch } from '../storage/record/writers.ts';
import { isReceived } from '../storage/sealing/record-mac.ts';
import { LogFault, requireOurs } from './fault.ts';
import { type Share, shareOut } from './share-out.ts';
import { edgeTiles, missing, openFrontier } from './tree.ts';

/** Leaves that one transaction adds at most: with the longest records, 64 MiB to read. */
export const MAX_LEAVES = 1_024;
/** How often more is read in place of what is no record: who makes up more holds up the records of that plane, and no others. */
const MAX_READS = 16;
/** An epoch of which nothing came for this long is no longer looked at until something comes. */
const SETTLE_MS = 10_000;

/** What one step of the sequencer did. */
export interface Advance {
  /** Leaves that were added. */
  readonly added: number;
  /** Whether another sequencer was faster: nothing was added, and there may be more to do. */
  readonly isBeaten: boolean;
  /** Records that were found to be gone, or became leaves with bytes other than those received. */
  readonly damage: readonly Damage[];
}

interface Entry {
  readonly seq: bigint;
  readonly leaf: Uint8Array;
}

class Beaten extends Error {}

/**
 * Gives the next stored records their places in the log: all of it in one transaction that commits only if the log is
 * still at the size and root that it began with. Any number of replicas may do so at once; of those that collide one
 * goes on.
 *
 * @param signed the tree that must be in the log at least
 * @throws LogFault when the stored log is not sound, and then nothing is added
 */
export async function advanceLog(
  context: Context,
  signed: TreeHead | undefined,
  maxLeaves: number = MAX_LEAVES,
): Promise<Advance> {
  const { database, now } = context;
  let epochs: UnloggedEpoch[] = [];
  try {
    const done = await database.transaction(async (session) => {
      epochs = await listUnlogged(database, session);
      const shares = shareOut(epochs, maxLeaves);
      return shares.length === 0 ? { added: 0, damage: [] } : await append(context, session, shares, signed);
    });
    await markLogged(database, settled(epochs, now().getTime()));
    return { ...done, isBeaten: false };
  } catch (error) {
    if (error instanceof Beaten) return { added: 0, isBeaten: true, damage: [] };
    throw error;
  }
}

async function append(
  context: Context,
  session: ClientSession,
  shares: readonly Share[],
  signed: TreeHead | undefined,
): Promise<Omit<Advance, 'isBeaten'>> {
  const { database, now } = context;
  const log = await findLog(database, session);
  if (log === undefined) throw new LogFault('rolled_back', 'the log is gone from the database');
  requireOurs(log);
  const { head } = log;
  // An old state, just after an election, or a restored one, which is the signer's to tell: nothing may be added to it.
  if (signed !== undefined && head.size < signed.size) throw new Beaten();
  const read = await readEdge(context, session, head);
  const frontier = await openFrontier(head, read);
  const { runs, leaves, damage } = await readShares(context, session, shares, head.size);
  if (leaves.length === 0) return { added: 0, damage };
  const tiles = await growTiles(head.size, leaves, read);
  for (const leaf of leaves) frontier.append(leaf);
  const isFirst = await advanceLogHead(database, session, log, frontier.head(), now()).catch((error) => {
    throw isWriteConflict(error) ? new Beaten() : error;
  });
  if (!isFirst) throw new Beaten();
  await writeTiles(database, session, tiles);
  await insertRuns(database, session, runs);
  return { added: leaves.length, damage };
}

/** One read for all: a transaction takes one command after the other. */
async function readEdge(context: Context, session: ClientSession, { size }: TreeHead): Promise<ReadTile> {
  const tiles = await findTiles(context.database, session, edgeTiles(size));
  return (id) => tiles.get(`${id.level}/${id.index}`) ?? missing(id);
}

async function readShares(
  context: Context,
  session: ClientSession,
  shares: readonly Share[],
  size: number,
): Promise<{ runs: LogRun[]; leaves: Uint8Array[]; damage: Damage[] }> {
  const runs: LogRun[] = [];
  const leaves: Uint8Array[] = [];
  const damage: Damage[] = [];
  for (const share of shares) {
    const entries = await readShare(context, session, share, damage);
    for (const { seq, leaf } of entries) {
      const last = runs.at(-1);
      const { plane, epoch } = share;
      if (last !== undefined && isNext(last, share, seq)) {
        runs[runs.length - 1] = { ...last, count: last.count + 1 };
      } else {
        runs.push({ index: size + leaves.length, plane, epoch, seq, count: 1 });
      }
      leaves.push(leaf);
    }
  }
  return { runs, leaves, damage };
}

function isNext(run: LogRun, { plane, epoch }: Share, seq: bigint): boolean {
  return run.plane === plane && run.epoch === epoch && run.seq + BigInt(run.count) === seq;
}

/**
 * Records that are gone or were altered do not hold up those behind them: who verifies finds them by the writer's chain,
 * and the signed heads of planes.
 */
async function readShare(
  context: Context,
  session: ClientSession,
  share: Share,
  damage: Damage[],
): Promise<Entry[]> {
  const { plane, epoch, first, last, count } = share;
  const { seal } = context.database;
  let expected = first;
  const entries: Entry[] = [];
  for (let reads = 0; reads < MAX_READS && entries.length < count && expected <= last; reads++) {
    const limit = count - entries.length;
    const found = await readRecordBytes(context.database, session, share, { first: expected, last, limit });
    for (const document of found) {
      const { seq, bytes, digest } = document;
      if (seq > expected) damage.push({ plane, epoch, first: expected, last: seq - 1n, what: 'missing' });
      expected = seq + 1n;
      // What no control plane received is no record: somebody made it up.
      const isRecord = isReceived(seal, document);
      if (!isRecord || !equalBytes(hash('sha256', bytes, 'buffer'), digest)) {
        addAltered(damage, { plane, epoch }, seq);
      }
      if (isRecord) entries.push({ seq, leaf: leafHash(bytes) });
    }
    if (found.length === limit) continue;
    if (expected <= last) damage.push({ plane, epoch, first: expected, last, what: 'missing' });
    break;
  }
  return entries;
}

/** One after the other is told of once: somebody may write very many. */
function addAltered(damage: Damage[], { plane, epoch }: WriterEpoch, seq: bigint): void {
  const last = damage.at(-1);
  const isNext = last?.what === 'altered' && last.plane === plane && last.epoch === epoch;
  if (isNext && last.last === seq - 1n) damage[damage.length - 1] = { ...last, last: seq };
  else damage.push({ plane, epoch, first: seq, last: seq, what: 'altered' });
}

function settled(epochs: readonly UnloggedEpoch[], nowMs: number): UnloggedEpoch[] {
  return epochs.filter(
    ({ seq, loggedSeq, updateTime }) => seq === loggedSeq && nowMs - updateTime.getTime() > SETTLE_MS,
  );
}
