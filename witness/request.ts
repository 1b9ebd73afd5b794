import { decodeBase64 } from '#core/evidence/base64.ts';
import { parseDecimal } from '#core/evidence/decimal.ts';
import { EvidenceError } from '#core/evidence/error.ts';
import { HASH_BYTES } from '#core/evidence/merkle/hash.ts';
import { decodeText } from '#core/evidence/text.ts';

/** What a log submits: a checkpoint, and the proof that it goes on from the one cosigned before. */
export interface AddCheckpoint {
  /** Leaves of the tree that the proof begins at. */
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  /** The signed note. */
  readonly note: string;
}

/** A proof is not longer (https://c2sp.org/tlog-witness). */
const MAX_PROOF_LINES = 63;

/**
 * Reads the body of `add-checkpoint` (https://c2sp.org/tlog-witness); verifies nothing.
 * @throws EvidenceError malformed
 */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint {
  const text = decodeText(body);
  const end = text.indexOf('\n\n');
  const [old = '', ...lines] = end < 0 ? [] : text.slice(0, end).split('\n');
  const oldSize = old.startsWith('old ') ? parseDecimal(old.slice('old '.length)) : undefined;
  if (oldSize === undefined) throw new EvidenceError('malformed', 'the first line is not the old size');
  if (lines.length > MAX_PROOF_LINES) throw new EvidenceError('malformed', 'the proof is too long');
  return { oldSize, proof: lines.map(parseHash), note: text.slice(end + 2) };
}

function parseHash(line: string): Uint8Array {
  const hash = decodeBase64(line);
  if (hash?.length !== HASH_BYTES) throw new EvidenceError('malformed', 'a line of the proof is no hash');
  return hash;
}
