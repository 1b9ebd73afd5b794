import { setTimeout as sleep } from 'node:timers/promises';
import { EvidenceError } from '#core/evidence/error.ts';
import { parseSignature } from '#core/evidence/note/note.ts';
import type { Context } from '../../context.ts';
import { listCheckpoints, type StoredCheckpoint } from '../../storage/log/checkpoints.ts';

const POLL_MS = 50;
/** A witness has a second before a checkpoint is published without it; this is for one that takes longer. */
const PATIENCE_MS = 3_000;

/**
 * Waits for what all witnesses of the settings have cosigned: this checkpoint, or a newer one, which covers the same. One
 * that is away costs this time, and its cosignature is missing in what is given.
 */
export async function waitCosigned(
  { database, settings }: Context,
  checkpoint: StoredCheckpoint,
  signal: AbortSignal,
): Promise<StoredCheckpoint> {
  const names = settings.witnesses.map(({ key }) => nameOf(key));
  const isCosigned = ({ cosignatures }: StoredCheckpoint) => {
    const have = new Set(cosignatures.map(signerOf));
    return names.every((name) => have.has(name));
  };
  const endMs = performance.now() + PATIENCE_MS;
  let newest = checkpoint;
  while (!isCosigned(newest) && performance.now() < endMs && !signal.aborted) {
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    const found = await listCheckpoints(database, checkpoint.size - 1, Number.MAX_SAFE_INTEGER);
    newest = found.find(isCosigned) ?? found.at(-1) ?? newest;
  }
  return newest;
}

/** Undefined for what is no signature: who verifies is told of that. */
function signerOf(line: string): string | undefined {
  try {
    return nameOf(parseSignature(line.trimEnd()));
  } catch (error) {
    if (error instanceof EvidenceError) return undefined;
    throw error;
  }
}

function nameOf({ name, id }: { readonly name: string; readonly id: number }): string {
  return `${name} ${id}`;
}
