import { decodeBase64, encodeBase64 } from '../base64.ts';
import { EvidenceError } from '../error.ts';
import { decodeText } from '../text.ts';
import { checkNoteName, isNoteName } from './key.ts';

/** A signature line of a note, whoever it is by. */
export interface NoteSignature {
  /** The key's. */
  readonly name: string;
  /** The key's, 32 bits. */
  readonly id: number;
  /** What follows the id: 64 bytes for Ed25519, with a time before them for a cosignature. */
  readonly bytes: Uint8Array;
}

/** A text with signatures. Nothing of it is to be believed before they are verified. */
export interface Note {
  /** Ends with a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Far more than a checkpoint with all its witnesses. */
export const MAX_NOTE_BYTES = 1_000_000;
/** At least 16 must be taken (https://c2sp.org/signed-note, "Format"). */
export const MAX_NOTE_SIGNATURES = 100;

const ID_BYTES = 4;
const SIGNATURE_LINE = /^— ([^ ]+) ([A-Za-z0-9+/=]+)$/;
// Controls of ASCII, but for the newline.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

/**
 * Reads a signed note by https://c2sp.org/signed-note; verifies nothing.
 * @throws EvidenceError malformed, too_large (bytes or signatures)
 */
export function parseNote(note: string | Uint8Array): Note {
  if (Buffer.byteLength(note) > MAX_NOTE_BYTES) throw new EvidenceError('too_large', 'a note is too large');
  const whole = typeof note === 'string' ? note : decodeText(note);
  checkCharacters(whole);
  // The last empty line parts text and signatures: the text may have more.
  const end = whole.lastIndexOf('\n\n');
  if (end < 0 || !whole.endsWith('\n')) throw new EvidenceError('malformed', 'a note without signatures');
  const lines = whole.slice(end + 2, -1).split('\n');
  if (lines.length > MAX_NOTE_SIGNATURES) throw new EvidenceError('too_large', 'too many signatures');
  return { text: whole.slice(0, end + 1), signatures: lines.map(parseSignature) };
}

/**
 * Writes a signed note. Signatures come in the order given.
 * @throws EvidenceError malformed (the text, a key's name, no signature), too_large
 */
export function formatNote({ text, signatures }: Note): string {
  checkText(text);
  if (signatures.length === 0) throw new EvidenceError('malformed', 'a note without signatures');
  if (signatures.length > MAX_NOTE_SIGNATURES) throw new EvidenceError('too_large', 'too many signatures');
  const note = `${text}\n${signatures.map(formatSignature).join('')}`;
  if (Buffer.byteLength(note) > MAX_NOTE_BYTES) throw new EvidenceError('too_large', 'a note is too large');
  return note;
}

/**
 * Refuses what cannot be the text of a note.
 * @throws EvidenceError malformed
 */
export function checkText(text: string): void {
  checkCharacters(text);
  if (!text.endsWith('\n')) throw new EvidenceError('malformed', 'the text of a note ends with a newline');
}

/**
 * One signature line: `— name base64(id || signature)` and a newline.
 * @throws EvidenceError malformed
 */
export function formatSignature({ name, id, bytes }: NoteSignature): string {
  checkNoteName(name);
  const encoded = Buffer.alloc(ID_BYTES + bytes.length);
  encoded.writeUInt32BE(id);
  encoded.set(bytes, ID_BYTES);
  return `— ${name} ${encodeBase64(encoded)}\n`;
}

/**
 * Reads one signature line, without its newline.
 * @throws EvidenceError malformed
 */
export function parseSignature(line: string): NoteSignature {
  const [, name = '', encoded = ''] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = decodeBase64(encoded);
  if (!isNoteName(name) || bytes === undefined || bytes.length <= ID_BYTES) {
    throw new EvidenceError('malformed', 'not a signature of a note');
  }
  const id = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return { name, id, bytes: bytes.subarray(ID_BYTES) };
}

function checkCharacters(text: string): void {
  if (!text.isWellFormed()) throw new EvidenceError('malformed', 'a note is not UTF-8');
  if (CONTROL.test(text)) throw new EvidenceError('malformed', 'a control character in a note');
}
