import { getHeapStatistics } from 'node:v8';

/**
 * Of the heap that this process may have: what is read of a body takes several times its bytes, for a while, in copies and as
 * decoded text (measured; docs/operations.md has the figures).
 */
const SHARE_OF_HEAP = 1 / 8;

/**
 * The bytes that may be under way where no setting says how many; but at least so many that one body of the largest size
 * goes through. Node takes the heap's size from the machine's memory, or the container's.
 */
export function defaultBudget(maxBodyBytes: number, heapBytes = getHeapStatistics().heap_size_limit): number {
  return Math.max(leastBudget(maxBodyBytes), Math.floor(heapBytes * SHARE_OF_HEAP));
}

/** With that a body of the largest size goes through where nothing else is under way: a half has it, its texts and its answer. */
export function leastBudget(maxBodyBytes: number): number {
  return 4 * maxBodyBytes;
}
