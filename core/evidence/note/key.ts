import { hash, type KeyObject } from 'node:crypto';
import { decodeBase64, encodeBase64 } from '../base64.ts';
import { EvidenceError } from '../error.ts';
import { PUBLIC_KEY_BYTES, type PublicKey, rawPublicKey, toPublicKey } from '../signature/ed25519.ts';

/**
 * The signature types known here, with the byte that stands for each (https://c2sp.org/signed-note, "Signature types"):
 * a plain signature over the text, and a witness's with a time (https://c2sp.org/tlog-cosignature).
 */
const TYPE_BYTES = { ed25519: 0x01, cosignature: 0x04 } as const;

export type NoteKeyType = keyof typeof TYPE_BYTES;

/** A key that signatures of a note are verified with. */
export interface NoteKey {
  /** Without blanks and `+`; most often an address without its scheme: `example.com/log`. */
  readonly name: string;
  /** 32 bits that lead to the key; no proof of it. */
  readonly id: number;
  readonly type: NoteKeyType;
  readonly publicKey: KeyObject;
}

const ID_BYTES = 4;
const VERIFIER_KEY = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/;
/** Longer ones are not read. */
const MAX_VERIFIER_KEY_LENGTH = 2_048;

/**
 * A key under a name.
 * @throws EvidenceError malformed: the name, or not an Ed25519 key
 */
export function createNoteKey(name: string, publicKey: PublicKey, type: NoteKeyType = 'ed25519'): NoteKey {
  return { name, id: noteKeyId(name, publicKey, type), type, publicKey: toPublicKey(publicKey) };
}

/**
 * The first four bytes of SHA-256(name || 0x0A || type || public key), the higher first.
 * @throws EvidenceError malformed: the name, or not an Ed25519 key
 */
export function noteKeyId(name: string, publicKey: PublicKey, type: NoteKeyType): number {
  checkNoteName(name);
  const input = [Buffer.from(`${name}\n`), [TYPE_BYTES[type]], rawPublicKey(publicKey)];
  return hash('sha256', Buffer.concat(input.map((part) => Buffer.from(part))), 'buffer').readUInt32BE();
}

/**
 * Reads a verifier key: `example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k`.
 * @throws EvidenceError malformed: also when the id is not that of the key, or its type is none known here
 */
export function parseNoteKey(text: string): NoteKey {
  const [, name = '', id = '', encoded = ''] =
    text.length <= MAX_VERIFIER_KEY_LENGTH ? (VERIFIER_KEY.exec(text) ?? []) : [];
  const bytes = decodeBase64(encoded);
  if (!isNoteName(name) || bytes === undefined || bytes.length !== 1 + PUBLIC_KEY_BYTES) {
    throw new EvidenceError(
      'malformed',
      'not name+id+key with an id of 8 hexadecimal digits and a key of 44 characters',
    );
  }
  const type = noteKeyTypes().find((known) => TYPE_BYTES[known] === bytes[0]);
  if (type === undefined) throw new EvidenceError('malformed', `a key of the unknown type ${bytes[0]}`);
  const key = createNoteKey(name, bytes.subarray(1), type);
  if (formatId(key.id) !== id)
    throw new EvidenceError('malformed', `the id of ${name} is not that of its key`);
  return key;
}

/** Writes a verifier key: name, id in hexadecimal, base64 of type and public key, with `+` between. */
export function formatNoteKey({ name, id, type, publicKey }: NoteKey): string {
  const encoded = encodeBase64(Buffer.concat([Buffer.of(TYPE_BYTES[type]), rawPublicKey(publicKey)]));
  return `${name}+${formatId(id)}+${encoded}`;
}

/** Whether a key may be called so: not empty, no Unicode blank, no `+`, no control character. */
export function isNoteName(name: string): boolean {
  return name.isWellFormed() && /^[^+\p{White_Space}\p{Cc}]+$/u.test(name);
}

/**
 * Refuses what no key may be called.
 * @throws EvidenceError malformed
 */
export function checkNoteName(name: string): void {
  if (!isNoteName(name)) throw new EvidenceError('malformed', `no key may be called ${JSON.stringify(name)}`);
}

function noteKeyTypes(): NoteKeyType[] {
  return Object.keys(TYPE_BYTES) as NoteKeyType[];
}

function formatId(id: number): string {
  return id.toString(16).padStart(2 * ID_BYTES, '0');
}
