import { decodeBase64, encodeBase64 } from '../base64.ts';
import { parseCheckpoint } from '../checkpoint/checkpoint.ts';
import { parseDecimal } from '../decimal.ts';
import { EvidenceError } from '../error.ts';
import { HASH_BYTES } from '../merkle/hash.ts';
import { MAX_NOTE_BYTES, parseNote } from '../note/note.ts';
import { decodeText } from '../text.ts';

/** That an entry is in a log, verifiable without the log (https://c2sp.org/tlog-proof). */
export interface LogProof {
  /** The entry's place in the log, from 0. */
  readonly index: number;
  /** The inclusion proof, 32 bytes each, from the bottom. */
  readonly hashes: readonly Uint8Array[];
  /** The signed checkpoint, word for word. */
  readonly checkpoint: string;
  /** Of the application; nothing vouches for it. */
  readonly extra?: Uint8Array;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
/** The height of a tree of 2^53 - 1 leaves: no inclusion proof is longer. */
const MAX_HASHES = 53;
/** Bytes of extra data. */
const MAX_EXTRA_BYTES = 65_536;
const MAX_PROOF_LENGTH = MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES;

/**
 * Writes a proof.
 * @throws EvidenceError malformed (the checkpoint or a hash), out_of_range (the index), too_large
 */
export function formatProof({ index, hashes, checkpoint, extra }: LogProof): string {
  if (!Number.isSafeInteger(index) || index < 0)
    throw new EvidenceError('out_of_range', `no entry is ${index}`);
  checkHashes(hashes);
  checkExtra(extra);
  parseCheckpoint(parseNote(checkpoint).text);
  const lines = [HEADER, ...(extra === undefined ? [] : [`extra ${encodeBase64(extra)}`]), `index ${index}`];
  return `${[...lines, ...hashes.map(encodeBase64)].join('\n')}\n\n${checkpoint}`;
}

/**
 * Reads a proof; verifies nothing.
 * @throws EvidenceError malformed, too_large
 */
export function parseProof(proof: string | Uint8Array): LogProof {
  if (proof.length > MAX_PROOF_LENGTH) throw new EvidenceError('too_large', 'a proof is too large');
  const text = typeof proof === 'string' ? proof : decodeText(proof);
  // The first empty line, for the checkpoint has one of its own.
  const end = text.indexOf('\n\n');
  const [header, ...lines] = end < 0 ? [] : text.slice(0, end).split('\n');
  if (header !== HEADER) throw new EvidenceError('malformed', 'not a proof of a log');
  const extra = parseExtra(lines);
  const index = parseIndex(lines.shift());
  const hashes = lines.map(parseHash);
  checkHashes(hashes);
  const checkpoint = text.slice(end + 2);
  parseCheckpoint(parseNote(checkpoint).text);
  return { index, hashes, checkpoint, ...(extra === undefined ? {} : { extra }) };
}

/** Takes the line from the list when it is there. */
function parseExtra(lines: string[]): Uint8Array | undefined {
  const line = lines[0];
  if (line === undefined || !line.startsWith('extra ')) return undefined;
  lines.shift();
  const extra = decodeBase64(line.slice('extra '.length));
  if (extra === undefined) throw new EvidenceError('malformed', 'the extra data of a proof are not base64');
  checkExtra(extra);
  return extra;
}

function parseIndex(line = ''): number {
  const index = line.startsWith('index ') ? parseDecimal(line.slice('index '.length)) : undefined;
  if (index === undefined) throw new EvidenceError('malformed', 'a proof without an index');
  return index;
}

function parseHash(line: string): Uint8Array {
  const hash = decodeBase64(line);
  if (hash === undefined) throw new EvidenceError('malformed', 'a hash of a proof is not base64');
  return hash;
}

function checkHashes(hashes: readonly Uint8Array[]): void {
  if (hashes.length > MAX_HASHES) throw new EvidenceError('too_large', 'no proof has so many hashes');
  if (hashes.some(({ length }) => length !== HASH_BYTES)) {
    throw new EvidenceError('malformed', 'a hash has 32 bytes');
  }
}

function checkExtra(extra: Uint8Array | undefined): void {
  if (extra !== undefined && extra.length > MAX_EXTRA_BYTES) {
    throw new EvidenceError('too_large', 'the extra data of a proof are too large');
  }
}
