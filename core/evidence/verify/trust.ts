import { type Checkpoint, parseCheckpoint } from '../checkpoint/checkpoint.ts';
import { EvidenceError } from '../error.ts';
import type { NoteKey } from '../note/key.ts';
import { openNote } from '../note/verify.ts';
import type { FaultList } from './fault.ts';

/** Whose word is taken. */
export interface VerifyTrust {
  /** The log's key; its name is the log's. */
  readonly logKey: NoteKey;
  /** Witnesses, all of which must have cosigned the checkpoint. */
  readonly witnessKeys: readonly NoteKey[];
}

/**
 * Opens a checkpoint and says what is wrong with it.
 * @param what it is called in faults
 * @param witnessKeys all of these must have cosigned it
 * @returns undefined when it is not the log's
 */
export function readCheckpoint(
  note: string,
  what: string,
  { logKey, witnessKeys }: VerifyTrust,
  faults: FaultList,
): Checkpoint | undefined {
  try {
    const { text, verified } = openNote(note, [logKey, ...witnessKeys]);
    const checkpoint = parseCheckpoint(text);
    if (checkpoint.origin !== logKey.name) {
      throw new EvidenceError('wrong_origin', `it is of ${checkpoint.origin}, not of ${logKey.name}`);
    }
    if (!verified.some(({ key }) => key === logKey)) {
      throw new EvidenceError('unsigned', 'the log did not sign it');
    }
    for (const witness of witnessKeys) {
      if (verified.some(({ key }) => key === witness)) continue;
      faults.add('witness_missing', `${witness.name} has not cosigned ${what}`);
    }
    return checkpoint;
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    faults.add('checkpoint_refused', `${what}: ${error.message}`);
    return undefined;
  }
}
