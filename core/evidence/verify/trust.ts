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

/** A cosignature that verified. */
export interface Cosignature {
  readonly witness: string;
  /** When the witness saw the checkpoint, by its own clock; in seconds since 1970. */
  readonly seconds: number;
}

/** A checkpoint, and which of the witnesses that were asked for have cosigned it. */
export interface TrustedCheckpoint extends Checkpoint {
  readonly cosignatures: readonly Cosignature[];
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
): TrustedCheckpoint | undefined {
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
    const cosignatures = verified.flatMap(({ key, seconds }) =>
      seconds === undefined ? [] : [{ witness: key.name, seconds }],
    );
    return { ...checkpoint, cosignatures };
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    faults.add('checkpoint_refused', `${what}: ${error.message}`);
    return undefined;
  }
}
