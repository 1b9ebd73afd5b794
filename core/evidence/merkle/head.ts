import { EvidenceError } from '../error.ts';

/** A tree as it was when it had so many leaves. */
export interface TreeHead {
  /** Leaves, 0 to 2^53 - 1. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/**
 * Refuses what is no size of a tree. A number counts exactly up to 2^53 - 1: at 10,000 leaves a second that is 28,000
 * years.
 * @throws EvidenceError out_of_range
 */
export function checkSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new EvidenceError('out_of_range', `no tree has ${size} leaves`);
  }
}

/**
 * Refuses an index that a tree of this size does not have.
 * @throws EvidenceError out_of_range
 */
export function checkIndex(index: number, size: number): void {
  checkSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new EvidenceError('out_of_range', `a tree of ${size} leaves has no leaf ${index}`);
  }
}
