import { EvidenceError } from '../error.ts';
import { TILE_WIDTH } from './tile.ts';

/** Bytes that an entry may have: its length is written in two bytes (https://c2sp.org/tlog-tiles, "Log entries"). */
export const MAX_ENTRY_BYTES = 0xffff;
const LENGTH_BYTES = 2;

/**
 * Writes entries one after the other, each after its length in two bytes, the higher first.
 * @param entries 1 to 256
 * @throws EvidenceError out_of_range (how many), too_large (an entry)
 */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  checkWidth(entries.length);
  const bytes = new Uint8Array(entries.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES)
      throw new EvidenceError('too_large', 'an entry is too large for a log');
    bytes[at] = entry.length >> 8;
    bytes[at + 1] = entry.length & 0xff;
    bytes.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return bytes;
}

/**
 * Reads a bundle of exactly so many entries. They are views of the bytes.
 * @throws EvidenceError out_of_range (the width), malformed
 */
export function decodeBundle(bytes: Uint8Array, width: number): Uint8Array[] {
  checkWidth(width);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < width) {
    const [high, low] = [bytes[at], bytes[at + 1]];
    if (high === undefined || low === undefined) throw malformed(entries.length);
    const begin = at + LENGTH_BYTES;
    at = begin + (high << 8) + low;
    entries.push(bytes.subarray(begin, at));
  }
  if (at !== bytes.length)
    throw new EvidenceError('malformed', `not exactly the ${width} entries of a bundle`);
  return entries;
}

function checkWidth(width: number): void {
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new EvidenceError('out_of_range', `no bundle has ${width} entries`);
  }
}

function malformed(entry: number): EvidenceError {
  return new EvidenceError('malformed', `a bundle ends within its entry ${entry}`);
}
