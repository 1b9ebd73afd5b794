import { EvidenceError } from '../error.ts';
import type { NoteKey } from '../note/key.ts';
import type { Note } from '../note/note.ts';
import { openNote, type VerifiedSignature } from '../note/verify.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';

/** Whose word is taken on a log. */
export interface LogTrust {
  /** The log's name, the first line of its checkpoints. */
  readonly origin: string;
  /** Keys of the log, of type `ed25519`; one that signed is enough. */
  readonly logKeys: readonly NoteKey[];
  /** Keys of witnesses, of type `cosignature`. */
  readonly witnessKeys: readonly NoteKey[];
  /** How many witnesses must have signed; 0 for none. */
  readonly quorum: number;
}

/** A checkpoint that the log signed. */
export interface OpenCheckpoint {
  readonly checkpoint: Checkpoint;
  /** With all signatures, also those by unknown keys. */
  readonly note: Note;
  readonly log: VerifiedSignature;
  /** Those that verified, with their times. */
  readonly witnesses: readonly VerifiedSignature[];
}

/**
 * Opens a signed checkpoint: it is of this log, signed by it and by enough of its witnesses.
 * @throws EvidenceError malformed, too_large, wrong_origin, unsigned (by the log), signature_invalid (of any known key),
 *   ambiguous_key, quorum_missed
 */
export function openCheckpoint(note: string | Uint8Array, trust: LogTrust): OpenCheckpoint {
  const open = openNote(note, [...trust.logKeys, ...trust.witnessKeys]);
  const checkpoint = parseCheckpoint(open.text);
  if (checkpoint.origin !== trust.origin) {
    throw new EvidenceError('wrong_origin', `a checkpoint of ${checkpoint.origin}, not of ${trust.origin}`);
  }
  const log = open.verified.find(({ key }) => key.type === 'ed25519' && trust.logKeys.includes(key));
  if (log === undefined) throw new EvidenceError('unsigned', 'the log did not sign its checkpoint');
  const witnesses = open.verified.filter(
    ({ key }) => key.type === 'cosignature' && trust.witnessKeys.includes(key),
  );
  const signed = countKeys(witnesses);
  if (signed < trust.quorum) {
    throw new EvidenceError('quorum_missed', `${signed} witnesses signed, ${trust.quorum} are asked for`);
  }
  return { checkpoint, note: { text: open.text, signatures: open.signatures }, log, witnesses };
}

/** A witness under two names is one witness. */
function countKeys(signatures: readonly VerifiedSignature[]): number {
  return signatures.filter(
    ({ key }, at) => signatures.findIndex((other) => other.key.publicKey.equals(key.publicKey)) === at,
  ).length;
}
