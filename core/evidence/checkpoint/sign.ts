import { formatNote } from '../note/note.ts';
import { signNote } from '../note/sign.ts';
import type { Signer } from '../signature/ed25519.ts';
import { type Checkpoint, formatCheckpoint } from './checkpoint.ts';

/**
 * A checkpoint as a note that the log signed. The key is called like the log, as tools expect it
 * (https://c2sp.org/tlog-checkpoint, "Signatures").
 * @throws EvidenceError malformed (also an origin that no key may be called), out_of_range
 */
export function signCheckpoint(checkpoint: Checkpoint, signer: Signer): string {
  const text = formatCheckpoint(checkpoint);
  return formatNote({ text, signatures: [signNote(text, checkpoint.origin, signer)] });
}
