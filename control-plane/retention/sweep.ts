import { setTimeout as sleep } from 'node:timers/promises';
import { ErasureResult } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { describeError } from '../../program/log.ts';
import type { Context } from '../context.ts';
import type { Position } from '../storage/keyset.ts';
import { listErased, listExpired } from '../storage/record/exchanges.ts';
import { readClocks } from './clocks.ts';
import { destroyRest, ERASE_BATCH, eraseBatch, foresee } from './erase.ts';

/** By this authority the control plane erases what policy keeps no longer. */
export const RETENTION_AUTHORITY = 'retention';

const ORDER = {
  caller: undefined,
  authority: RETENTION_AUTHORITY,
  scope: 'expired',
  reason: 'the time is over that policy keeps it for',
};
/** How late content may go after its time, and a remnant of an erasure after that. */
const INTERVAL_MS = 60_000;
/** What is erased, and as much that is held, in one go. */
const MAX_ERASED = 2_000;
const MAX_HELD = 1_000;
/** Erased exchanges that are looked at together. */
const REMNANT_BATCH = 500;
/** A batch of a plane that was under way when its exchange was erased is over by then. */
const REMNANT_MS = 3_600_000;

/** How far one go came. */
export interface Sweep {
  readonly erased: number;
  readonly held: number;
  /** Where the next one goes on; undefined at the end of what is expired. */
  readonly next: Position | undefined;
}

/**
 * Erases exchanges whose retention is over, in bounded batches. Several replicas may do so at the same time: each exchange
 * is erased, and recorded, once.
 * @param from where the last go ended
 * @throws AlteredError where a hold was altered, or taken out of the database: nothing is erased until an admin has released it
 */
export async function sweepExpired(context: Context, from?: Position): Promise<Sweep> {
  const { database, shutdown } = context;
  const { earlier } = await readClocks(context);
  let next = from;
  let erased = 0;
  let held = 0;
  while (erased < MAX_ERASED && held < MAX_HELD && !shutdown.aborted) {
    const page = await listExpired(database, earlier, next, ERASE_BATCH);
    // Before the transaction, so that what is held for years costs no turn.
    const foreseen = page.length === 0 ? [] : await foresee(database, page);
    const free = foreseen.filter(({ result }) => result !== ErasureResult.HELD);
    const names = free.map(({ exchange }) => exchange._id);
    held += page.length - free.length;
    const results = names.length === 0 ? [] : await eraseBatch(context, ORDER, names);
    erased += results.filter(({ result }) => result === ErasureResult.ERASED).length;
    const last = page.length === ERASE_BATCH ? page.at(-1) : undefined;
    if (last?.expireTime === undefined) return { erased, held, next: undefined };
    next = { timeMs: last.expireTime.getTime(), id: last._id };
  }
  return { erased, held, next };
}

/**
 * Destroys content of erased exchanges that came beside their erasure: written, but by a batch that then failed.
 * @returns how much there was
 */
export async function sweepRemnants(context: Context): Promise<number> {
  const since = new Date(context.now().getTime() - REMNANT_MS);
  let found = 0;
  let after: Position | undefined;
  for (;;) {
    const page = await listErased(context.database, since, after, REMNANT_BATCH);
    found += await destroyRest(
      context,
      page.map(({ _id }) => _id),
    );
    const last = page.length === REMNANT_BATCH ? page.at(-1) : undefined;
    if (last?.erasure === undefined) return found;
    after = { timeMs: last.erasure.time.getTime(), id: last._id };
  }
}

/** Sweeps every minute until the control plane drains. */
export async function runSweep(context: Context, { intervalMs = INTERVAL_MS } = {}): Promise<void> {
  const { logger, shutdown } = context;
  let next: Position | undefined;
  while (!shutdown.aborted) {
    try {
      const sweep = await sweepExpired(context, next);
      ({ next } = sweep);
      const remnants = await sweepRemnants(context);
      if (sweep.erased + remnants > 0) {
        logger.info({ event: 'retention', erased: sweep.erased, remnants }, 'content was erased');
      }
      if (sweep.erased >= MAX_ERASED) continue;
    } catch (error) {
      logger.warn(describeError(error), 'expired content could not be erased; trying again');
    }
    await sleep(intervalMs, undefined, { signal: shutdown }).catch(() => undefined);
  }
}
