import { EvidenceError } from '../error.ts';
import { isSignature } from '../signature/ed25519.ts';
import { encodeText } from '../text.ts';
import type { NoteKey } from './key.ts';
import { type Note, type NoteSignature, parseNote } from './note.ts';
import { cosignedMessage, splitCosignature } from './sign.ts';

/** A signature that verified. */
export interface VerifiedSignature {
  readonly key: NoteKey;
  /** When a witness signed, in seconds since 1970; of cosignatures only. */
  readonly seconds?: number;
}

/** A note of which at least one signature is by a known key. */
export interface OpenNote extends Note {
  /** At most one of each key, in the order of the note. */
  readonly verified: readonly VerifiedSignature[];
}

/**
 * Reads a note and verifies every signature by a known key; others are passed over.
 * @throws EvidenceError malformed, too_large, unsigned (none by a known key), signature_invalid (one by a known key
 *   does not verify), ambiguous_key
 */
export function openNote(note: string | Uint8Array, keys: readonly NoteKey[]): OpenNote {
  const { text, signatures } = parseNote(note);
  const verified = new Map<NoteKey, VerifiedSignature>();
  for (const signature of signatures) {
    const key = findKey(signature, keys);
    if (key === undefined) continue;
    const found = verifySignature(text, signature, key);
    if (!verified.has(key)) verified.set(key, found);
  }
  if (verified.size === 0) throw new EvidenceError('unsigned', 'no signature is by a known key');
  return { text, signatures, verified: [...verified.values()] };
}

/**
 * Verifies one signature over the text of a note.
 * @throws EvidenceError signature_invalid: also when it is by another key
 */
export function verifySignature(text: string, signature: NoteSignature, key: NoteKey): VerifiedSignature {
  const { name, id, bytes } = signature;
  if (name === key.name && id === key.id) {
    const timed = key.type === 'cosignature' ? splitCosignature(bytes) : undefined;
    if (timed !== undefined) {
      const message = cosignedMessage(text, timed.seconds);
      if (isSignature(key.publicKey, message, timed.signature)) return { key, seconds: timed.seconds };
    } else if (key.type === 'ed25519' && isSignature(key.publicKey, encodeText(text), bytes)) {
      return { key };
    }
  }
  throw new EvidenceError('signature_invalid', `the signature of ${name} does not verify`);
}

/** Name and id together name a key. Of two that share both, none can be told to be the one that signed. */
function findKey({ name, id }: NoteSignature, keys: readonly NoteKey[]): NoteKey | undefined {
  const [key, ...others] = keys.filter((known) => known.name === name && known.id === id);
  if (others.some(({ publicKey }) => key === undefined || !publicKey.equals(key.publicKey))) {
    throw new EvidenceError('ambiguous_key', `two known keys are called ${name} and have the same id`);
  }
  return key;
}
