import { decodeBase64, encodeBase64 } from '../base64.ts';
import { parseDecimal } from '../decimal.ts';
import { EvidenceError } from '../error.ts';
import { EMPTY_ROOT, equalBytes, HASH_BYTES } from '../merkle/hash.ts';
import { checkSize, type TreeHead } from '../merkle/head.ts';
import { checkText } from '../note/note.ts';

/** What a log says of itself: its name, and its tree as it is now (https://c2sp.org/tlog-checkpoint). */
export interface Checkpoint extends TreeHead {
  /** The log's name; not empty. */
  readonly origin: string;
  /** Lines after the third, opaque, none empty. */
  readonly extensions: readonly string[];
}

/**
 * Writes the text of a checkpoint: origin, size and root, each on a line, then its extensions.
 * @throws EvidenceError malformed (origin, root or an extension), out_of_range (the size)
 */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  checkSize(size);
  if ([origin, ...extensions].some((line) => line === '' || line.includes('\n'))) {
    throw new EvidenceError('malformed', 'a line of a checkpoint is empty or more than one');
  }
  checkRoot(size, root);
  const text = `${[origin, size, encodeBase64(root), ...extensions].join('\n')}\n`;
  checkText(text);
  return text;
}

/**
 * Reads the text of a checkpoint.
 * @throws EvidenceError malformed; sizes over 2^53 - 1 are, too
 */
export function parseCheckpoint(text: string): Checkpoint {
  checkText(text);
  const lines = text.slice(0, -1).split('\n');
  const [origin, decimal, encoded, ...extensions] = lines;
  const size = parseDecimal(decimal ?? '');
  const root = decodeBase64(encoded ?? '');
  if (origin === undefined || size === undefined || root === undefined || lines.includes('')) {
    throw new EvidenceError('malformed', 'not a checkpoint');
  }
  checkRoot(size, root);
  return { origin, size, root, extensions };
}

function checkRoot(size: number, root: Uint8Array): void {
  if (root.length !== HASH_BYTES || (size === 0 && !equalBytes(root, EMPTY_ROOT))) {
    throw new EvidenceError('malformed', `not the root of a tree of ${size} leaves`);
  }
}
