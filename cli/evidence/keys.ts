import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { parseCheckpoint } from '#core/evidence/checkpoint/checkpoint.ts';
import { EvidenceError } from '#core/evidence/error.ts';
import { type NoteKey, type NoteKeyType, parseNoteKey } from '#core/evidence/note/key.ts';
import { parseNote } from '#core/evidence/note/note.ts';
import { readPrivateFile } from '../../program/private-file.ts';
import { badAnswer, fileFailure, usageFailure } from '../failure.ts';
import type { Invocation } from '../invocation.ts';

/** Reads a verifier key as it was typed. @throws CommandFailure usage */
export function readNoteKey(typed: string, type: NoteKeyType): NoteKey {
  try {
    const key = parseNoteKey(typed.trim());
    if (key.type === type) return key;
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw usageFailure(
      `'${typed}' is no verifier key: ${error.message}`,
      'copy it anew, from its first to its last character',
    );
  }
  const whose = type === 'ed25519' ? 'a log' : 'a witness';
  throw usageFailure(`'${typed}' is no verifier key of ${whose}`);
}

/** The verifier key of the log, as the control plane says it. @throws CommandFailure where what it says is none */
export async function askLogKey({ getText, controlPlane }: Invocation): Promise<NoteKey> {
  const said = (await getText('/log/key')).trimEnd();
  try {
    const key = parseNoteKey(said);
    if (key.type === 'ed25519') return key;
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw badAnswer(`what ${controlPlane} gives is no verifier key: ${error.message}`, controlPlane);
  }
  throw badAnswer(`what ${controlPlane} gives is no verifier key of a log`, controlPlane);
}

/** Reads the private part of an evidence key, as a control plane keeps it. @throws CommandFailure usage: also when its parts are of two keys */
export async function readEvidenceKey(path: string): Promise<JWK> {
  const bytes = await readPrivateFile(path).catch((error: NodeJS.ErrnoException) => {
    throw error.code === undefined
      ? usageFailure(error.message)
      : fileFailure(`read the evidence key ${path}`, error);
  });
  if (bytes === undefined) throw usageFailure(`there is no file ${path}`);
  let stored: Record<string, unknown> = {};
  try {
    stored = JSON.parse(bytes.toString('utf8'));
  } catch {
    // Its words would quote the file.
  }
  const { id, publicKey, privateKey, kmsCiphertext } = stored;
  if (typeof id === 'string' && typeof publicKey === 'string' && typeof privateKey === 'string') {
    const key = { kty: 'OKP', crv: 'X25519', x: publicKey, d: privateKey, kid: id };
    if (await isOneKey(key)) return key;
    // What it does not open would look like altered content.
    throw usageFailure(`${path} is damaged: its id, publicKey and privateKey are not of one key`);
  }
  throw usageFailure(
    typeof kmsCiphertext === 'string'
      ? `${path} is encrypted by KMS: it opens on the control plane only`
      : `${path} is no file of an evidence key`,
  );
}

/** Whether a private key has this public one, and that this id, its thumbprint (RFC 7638). */
async function isOneKey(key: JWK): Promise<boolean> {
  try {
    const { x } = createPublicKey(createPrivateKey({ key, format: 'jwk' })).export({ format: 'jwk' });
    return x === key.x && (await calculateJwkThumbprint(key)) === key.kid;
  } catch {
    return false;
  }
}

/** Reads a checkpoint that was kept. @throws CommandFailure usage: also when it is none */
export async function readKept(path: string): Promise<string> {
  const note = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileFailure(`read the checkpoint ${path}`, error);
  });
  try {
    parseCheckpoint(parseNote(note).text);
    return note;
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw usageFailure(
      `${path} is no checkpoint: ${error.message}`,
      "give it as 'sworn audit checkpoint' prints it, byte for byte",
    );
  }
}
