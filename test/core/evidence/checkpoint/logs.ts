import { generateKeyPairSync } from 'node:crypto';
import { type Checkpoint, formatCheckpoint } from '#core/evidence/checkpoint/checkpoint.ts';
import { createNoteKey } from '#core/evidence/note/key.ts';
import { formatNote } from '#core/evidence/note/note.ts';
import { cosign, signNote } from '#core/evidence/note/sign.ts';
import { createSigner } from '#core/evidence/signature/ed25519.ts';

export const ORIGIN = 'log.example.org/sworn';
const WITNESSES = ['witness.example.org/a', 'witness.example.org/b'] as const;
/** Of a cosignature, in seconds. */
const SECONDS = 1_800_000_000;

const log = createSigner(generateKeyPairSync('ed25519').privateKey);
const witnesses = WITNESSES.map((name) => ({
  name,
  signer: createSigner(generateKeyPairSync('ed25519').privateKey),
}));

export const logSigner = log;

export const LOG_KEY = createNoteKey(ORIGIN, log.publicKey);
export const WITNESS_KEYS = witnesses.map(({ name, signer }) =>
  createNoteKey(name, signer.publicKey, 'cosignature'),
);

/** The checkpoint as a note, signed by the log and by so many witnesses. */
export function witnessed(checkpoint: Checkpoint, count: number): string {
  const text = formatCheckpoint(checkpoint);
  const cosignatures = witnesses
    .slice(0, count)
    .map(({ name, signer }) => cosign(text, name, signer, SECONDS));
  return formatNote({ text, signatures: [signNote(text, ORIGIN, log), ...cosignatures] });
}

/** The checkpoint as a note that witnesses alone signed. */
export function witnessedOnly(checkpoint: Checkpoint): string {
  const text = formatCheckpoint(checkpoint);
  return formatNote({
    text,
    signatures: witnesses.map(({ name, signer }) => cosign(text, name, signer, SECONDS)),
  });
}
