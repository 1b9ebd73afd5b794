import { EvidenceError } from '../error.ts';
import type { Signer } from '../signature/ed25519.ts';
import { encodeText } from '../text.ts';
import { noteKeyId } from './key.ts';
import { checkText, type NoteSignature } from './note.ts';

/** Bytes of the time before the signature in a cosignature. */
const TIME_BYTES = 8;

/**
 * Signs the text of a note, Ed25519 over its bytes.
 * @param text ends with a newline
 * @throws EvidenceError malformed: the text, or the name
 */
export function signNote(text: string, name: string, signer: Signer): NoteSignature {
  checkText(text);
  const id = noteKeyId(name, signer.publicKey, 'ed25519');
  return { name, id, bytes: signer.sign(encodeText(text)) };
}

/**
 * Signs the text of a checkpoint as its witness: that at this time it is the largest tree seen of this log
 * (https://c2sp.org/tlog-cosignature, "Ed25519 signed message").
 * @param seconds since 1970, whole
 * @throws EvidenceError malformed: the text, the name, or the time
 */
export function cosign(text: string, name: string, signer: Signer, seconds: number): NoteSignature {
  checkText(text);
  if (!Number.isSafeInteger(seconds) || seconds < 0) throw new EvidenceError('malformed', 'not a time');
  const id = noteKeyId(name, signer.publicKey, 'cosignature');
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(seconds));
  return { name, id, bytes: Buffer.concat([time, signer.sign(cosignedMessage(text, seconds))]) };
}

/**
 * The time and the bare signature of a cosignature; undefined when it has not both. The specification allows times up
 * to 2^63 - 1; those above 2^53 - 1, in 285 million years, are not taken.
 */
export function splitCosignature(bytes: Uint8Array): { seconds: number; signature: Uint8Array } | undefined {
  if (bytes.length < TIME_BYTES) return undefined;
  const seconds = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
  return Number.isSafeInteger(seconds) ? { seconds, signature: bytes.subarray(TIME_BYTES) } : undefined;
}

/** What a witness signs: a line that tells it from other uses of the key, the time, and the text. */
export function cosignedMessage(text: string, seconds: number): Uint8Array {
  return encodeText(`cosignature/v1\ntime ${seconds}\n${text}`);
}
