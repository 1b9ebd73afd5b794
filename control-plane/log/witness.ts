import { encodeBase64 } from '#core/evidence/base64.ts';
import { parseDecimal } from '#core/evidence/decimal.ts';
import { EvidenceError } from '#core/evidence/error.ts';
import type { NoteKey } from '#core/evidence/note/key.ts';
import { parseNote, parseSignature } from '#core/evidence/note/note.ts';
import { verifySignature } from '#core/evidence/note/verify.ts';

/** An answer takes this long at most; a witness syncs its disk. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Far more than the lines of a witness with several keys. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** A witness as the settings name it. */
export interface WitnessPlace {
  /** Of type `cosignature`. */
  readonly key: NoteKey;
  /** Its submission prefix. */
  readonly url: URL;
}

/** What a witness said to a checkpoint. */
export type WitnessAnswer =
  /** Its signature line, verified. */
  | { readonly kind: 'cosigned'; readonly line: string }
  /** It last cosigned a tree of another size than the proof begins at. */
  | { readonly kind: 'conflict'; readonly size: number }
  /** It did not accept the checkpoint. */
  | { readonly kind: 'refused'; readonly status: number };

/**
 * Submits a checkpoint by https://c2sp.org/tlog-witness, `add-checkpoint`.
 * @param oldSize leaves of the tree that the proof begins at
 * @throws what the connection says, or an Error when the answer is none of a witness
 */
export async function submitCheckpoint(
  { key, url }: WitnessPlace,
  note: string,
  oldSize: number,
  proof: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<WitnessAnswer> {
  const lines = proof.map((hash) => `${encodeBase64(hash)}\n`);
  const response = await fetch(new URL('add-checkpoint', url.href.endsWith('/') ? url : `${url.href}/`), {
    method: 'POST',
    body: `old ${oldSize}\n${lines.join('')}\n${note}`,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
  });
  const text = await readText(response);
  if (response.status === 200) return { kind: 'cosigned', line: findLine(note, text, key) };
  if (response.status === 409) {
    const size = parseDecimal(text.trim());
    if (size !== undefined) return { kind: 'conflict', size };
  }
  return { kind: 'refused', status: response.status };
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) throw new Error('the answer of a witness is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The line by the witness's key; lines by others mean nothing here. */
function findLine(note: string, text: string, key: NoteKey): string {
  const { text: signed } = parseNote(note);
  for (const line of text.split('\n')) {
    try {
      verifySignature(signed, parseSignature(line), key);
      return `${line}\n`;
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
    }
  }
  throw new Error(`the answer has no signature by ${key.name} that verifies`);
}
