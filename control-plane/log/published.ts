import { parseCheckpoint } from '#core/evidence/checkpoint/checkpoint.ts';
import { EvidenceError } from '#core/evidence/error.ts';
import { equalBytes } from '#core/evidence/merkle/hash.ts';
import type { NoteKey } from '#core/evidence/note/key.ts';
import { openNote } from '#core/evidence/note/verify.ts';
import type { Database } from '../storage/database.ts';
import { findNewestCheckpoint, type StoredCheckpoint } from '../storage/log/checkpoints.ts';
import { LogFault } from './fault.ts';

/**
 * The newest published checkpoint, found to be signed by the log; undefined before the first.
 * @throws LogFault inconsistent when it was tampered with
 */
export async function readPublished(database: Database, key: NoteKey): Promise<StoredCheckpoint | undefined> {
  const newest = await findNewestCheckpoint(database);
  if (newest === undefined) return undefined;
  try {
    const { origin, size, root } = parseCheckpoint(openNote(newest.note, [key]).text);
    if (origin === key.name && size === newest.size && equalBytes(root, newest.root)) return newest;
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
  }
  throw new LogFault(
    'inconsistent',
    `the stored checkpoint of ${newest.size} leaves is not one that the log signed`,
  );
}
