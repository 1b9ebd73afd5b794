import { EvidenceError } from '../error.ts';
import { EMPTY_ROOT, equalBytes, HASH_BYTES, nodeHash } from './hash.ts';
import { checkIndex, checkSize, type TreeHead } from './head.ts';

/** That a leaf is in a tree. */
export interface Inclusion {
  /** 32 bytes. */
  readonly leafHash: Uint8Array;
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  readonly head: TreeHead;
}

/** That one tree begins with all of another. */
export interface Consistency {
  readonly from: TreeHead;
  readonly to: TreeHead;
  readonly proof: readonly Uint8Array[];
}

/**
 * Verifies an inclusion proof by RFC 9162, section 2.1.3.2.
 * @throws EvidenceError out_of_range (no such leaf), malformed (a hash has not 32 bytes), proof_refused
 */
export function verifyInclusion({ leafHash, index, proof, head }: Inclusion): void {
  checkIndex(index, head.size);
  checkHashes([leafHash, head.root, ...proof]);
  let at = index;
  let last = head.size - 1;
  let hash = leafHash;
  for (const beside of proof) {
    if (last === 0) throw refused('the proof is too long');
    if (isOdd(at) || at === last) {
      hash = nodeHash(beside, hash);
      // Where a node has no right neighbour it is its own parent.
      while (!isOdd(at) && at > 0) [at, last] = [half(at), half(last)];
    } else {
      hash = nodeHash(hash, beside);
    }
    [at, last] = [half(at), half(last)];
  }
  if (last !== 0) throw refused('the proof is too short');
  if (!equalBytes(hash, head.root)) throw refused('the proof leads to another root');
}

/**
 * Verifies a consistency proof by RFC 9162, section 2.1.4.2. Every tree begins with the one of no leaves, and no hash
 * is needed to say so.
 * @throws EvidenceError out_of_range (a size, or the later tree is smaller), malformed (a hash has not 32 bytes),
 *   proof_refused
 */
export function verifyConsistency({ from, to, proof }: Consistency): void {
  checkSize(from.size);
  checkSize(to.size);
  checkHashes([from.root, to.root, ...proof]);
  if (from.size > to.size) throw new EvidenceError('out_of_range', 'the later tree is smaller');
  checkEmpty(from);
  checkEmpty(to);
  if (from.size === 0 || from.size === to.size) {
    if (proof.length > 0) throw refused('the proof is too long');
    if (from.size === to.size && !equalBytes(from.root, to.root)) throw refused('the roots differ');
    return;
  }
  verifyGrowth(from, to, proof);
}

function verifyGrowth(from: TreeHead, to: TreeHead, proof: readonly Uint8Array[]): void {
  let at = from.size - 1;
  let last = to.size - 1;
  while (isOdd(at)) [at, last] = [half(at), half(last)];
  // A complete earlier tree is a node of the later one, and its root stands for the first hash.
  const [first, ...rest] = at === 0 ? [from.root, ...proof] : proof;
  if (first === undefined) throw refused('the proof is too short');
  let earlier = first;
  let later = first;
  for (const beside of rest) {
    if (last === 0) throw refused('the proof is too long');
    if (isOdd(at) || at === last) {
      earlier = nodeHash(beside, earlier);
      later = nodeHash(beside, later);
      while (!isOdd(at) && at > 0) [at, last] = [half(at), half(last)];
    } else {
      later = nodeHash(later, beside);
    }
    [at, last] = [half(at), half(last)];
  }
  if (last !== 0) throw refused('the proof is too short');
  if (!equalBytes(earlier, from.root)) throw refused('the proof leads to another earlier root');
  if (!equalBytes(later, to.root)) throw refused('the proof leads to another later root');
}

function checkEmpty({ size, root }: TreeHead): void {
  if (size === 0 && !equalBytes(root, EMPTY_ROOT)) throw refused('not the root of a tree without leaves');
}

function checkHashes(hashes: readonly Uint8Array[]): void {
  if (hashes.some(({ length }) => length !== HASH_BYTES)) {
    throw new EvidenceError('malformed', 'a hash has 32 bytes');
  }
}

// Sizes are larger than what JavaScript's bit operations take.
function isOdd(value: number): boolean {
  return value % 2 === 1;
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function refused(message: string): EvidenceError {
  return new EvidenceError('proof_refused', message);
}
