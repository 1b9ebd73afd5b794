import type { Context } from '../context.ts';
import { insertCheckpoint, type StoredCheckpoint } from '../storage/log/checkpoints.ts';
import { readLogSurely } from '../storage/log/log.ts';
import { LogFault, requireOurs } from './fault.ts';
import type { Log } from './open.ts';
import { readPublished } from './published.ts';
import type { Witnesses } from './witnesses.ts';

/**
 * Checks the stored log against what was signed, and publishes a checkpoint of it when it has grown and the last one is
 * old enough. The memory is written before anybody sees the checkpoint; witnesses are waited for only shortly.
 * @returns the newest checkpoint when there was nothing to publish
 * @throws LogFault and then nothing was signed
 */
export async function publishCheckpoint(
  context: Context,
  log: Log,
  witnesses: Witnesses,
): Promise<StoredCheckpoint | undefined> {
  const { database, now, settings } = context;
  // In this order: the log never has fewer leaves than a checkpoint that is there already.
  const newest = await readPublished(database, log.key);
  const stored = await readLogSurely(database);
  if (stored === undefined) throw new LogFault('rolled_back', 'the log is gone from the database');
  requireOurs(stored);
  const { head } = stored;
  if (newest !== undefined && head.size < newest.size) {
    throw new LogFault(
      'rolled_back',
      `the log has ${head.size} leaves, and a checkpoint of ${newest.size} was published`,
    );
  }
  const sinceMs = newest === undefined ? undefined : now().getTime() - newest.time.getTime();
  // Replicas' clocks may differ: a time to come is no reason to wait.
  const isDue = sinceMs === undefined || sinceMs < 0 || sinceMs >= settings.checkpointInterval;
  if (head.size === newest?.size || !isDue) {
    await log.signer.check(head);
    return newest;
  }
  const note = await log.signer.sign(head);
  const cosignatures = await witnesses.cosignSoon({ ...head, note });
  await insertCheckpoint(database, { ...head, note, cosignatures, time: now() });
  return undefined;
}
