import { readFile } from 'node:fs/promises';
import type { JWK } from 'jose';
import { EvidenceError } from '#core/evidence/error.ts';
import { type NoteKey, type NoteKeyType, parseNoteKey } from '#core/evidence/note/key.ts';
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

/** Reads the private part of an evidence key, as a control plane keeps it. @throws CommandFailure usage */
export async function readEvidenceKey(path: string): Promise<JWK> {
  const bytes = await readPrivateFile(path).catch((error: Error) => {
    throw usageFailure(error.message);
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
    return { kty: 'OKP', crv: 'X25519', x: publicKey, d: privateKey, kid: id };
  }
  throw usageFailure(
    typeof kmsCiphertext === 'string'
      ? `${path} is encrypted by KMS: it opens on the control plane only`
      : `${path} is no file of an evidence key`,
  );
}

/** Reads a checkpoint that was kept. @throws CommandFailure usage */
export async function readKept(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileFailure(`read the checkpoint ${path}`, error);
  });
}
