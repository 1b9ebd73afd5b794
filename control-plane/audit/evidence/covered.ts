import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../context.ts';
import { findNewestCheckpoint, type StoredCheckpoint } from '../../storage/log/checkpoints.ts';
import { findLeafIndex } from '../../storage/log/log-runs.ts';
import type { Head, WriterEpoch } from '../../storage/record/writers.ts';

const POLL_MS = 50;
/** For the sequencer and the store, besides two intervals of checkpoints. */
const PATIENCE_MS = 2_000;

/**
 * Waits for a checkpoint that covers these records, as long as checkpoints keep coming; then for what there is. Records that
 * are gone will never be covered: who verifies finds that.
 * @returns the newest checkpoint; undefined when none was published
 */
export async function waitCovered(
  context: Context,
  stored: readonly (WriterEpoch & Head)[],
  signal: AbortSignal,
): Promise<StoredCheckpoint | undefined> {
  const { database, settings } = context;
  const patienceMs = 2 * settings.checkpointInterval + PATIENCE_MS;
  let waiting = [...stored];
  let newest = await findNewestCheckpoint(database);
  let sinceMs = performance.now();
  for (;;) {
    const left: typeof waiting = [];
    for (const head of waiting) {
      const index = await findLeafIndex(database, head, head.seq);
      if (index === undefined || index >= (newest?.size ?? 0)) left.push(head);
    }
    waiting = left;
    if (waiting.length === 0 || performance.now() - sinceMs > patienceMs || signal.aborted) return newest;
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    const next = await findNewestCheckpoint(database);
    if ((next?.size ?? 0) > (newest?.size ?? 0)) sinceMs = performance.now();
    newest = next;
  }
}
