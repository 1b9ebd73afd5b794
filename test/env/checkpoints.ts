import type { Checkpoint } from '#core/evidence/checkpoint/checkpoint.ts';
import type { NoteKey } from '#core/evidence/note/key.ts';
import { FaultList } from '#core/evidence/verify/fault.ts';
import { readCheckpoint } from '#core/evidence/verify/trust.ts';

/** A checkpoint as who verifies evidence reads it. Throws what they would be told is wrong with it. */
export function openCheckpoint(
  note: string,
  logKey: NoteKey,
  witnessKeys: readonly NoteKey[] = [],
): Checkpoint {
  const faults = new FaultList();
  const checkpoint = readCheckpoint(note, 'the checkpoint', { logKey, witnessKeys }, faults);
  const [fault] = faults.kept;
  if (checkpoint === undefined || fault !== undefined) throw new Error(`${fault?.code}: ${fault?.message}`);
  return checkpoint;
}
