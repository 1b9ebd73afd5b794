import { EvidenceError } from '../error.ts';
import { foldPeaks } from './frontier.ts';
import { checkIndex, checkSize } from './head.ts';
import { coveringNodes, type ReadNode, splitPoint } from './node.ts';

/** Leaves from `begin` on, up to but not including `end`. */
type Range = readonly [begin: number, end: number];

/**
 * Proves that leaf `index` is in the tree of the first `size` leaves (RFC 6962, section 2.1.1): the roots of the trees
 * beside its way up, from the bottom.
 * @param read is asked for all at once
 * @throws EvidenceError out_of_range; whatever `read` throws
 */
export async function inclusionProof(index: number, size: number, read: ReadNode): Promise<Uint8Array[]> {
  checkIndex(index, size);
  const beside: Range[] = [];
  let [begin, end] = [0, size];
  while (end - begin > 1) {
    const middle = begin + splitPoint(end - begin);
    if (index < middle) {
      beside.push([middle, end]);
      end = middle;
    } else {
      beside.push([begin, middle]);
      begin = middle;
    }
  }
  return readRoots(beside.reverse(), read);
}

/**
 * Proves that the tree of the first `to` leaves begins with all of the tree of the first `from` (RFC 6962, section
 * 2.1.2). Empty when both are one, or `from` is 0: that says nothing of the later tree.
 * @param read is asked for all at once
 * @throws EvidenceError out_of_range; whatever `read` throws
 */
export async function consistencyProof(from: number, to: number, read: ReadNode): Promise<Uint8Array[]> {
  checkSize(from);
  checkSize(to);
  if (from > to) throw new EvidenceError('out_of_range', `a tree of ${to} leaves never had ${from}`);
  if (from === 0 || from === to) return [];
  const parts: Range[] = [];
  let [begin, end] = [0, to];
  while (from !== end) {
    const middle = begin + splitPoint(end - begin);
    if (from <= middle) {
      parts.push([middle, end]);
      end = middle;
    } else {
      parts.push([begin, middle]);
      begin = middle;
    }
  }
  // The whole earlier tree is known to who verifies; only a part of it has to be told.
  if (begin > 0) parts.push([begin, end]);
  return readRoots(parts.reverse(), read);
}

function readRoots(ranges: readonly Range[], read: ReadNode): Promise<Uint8Array[]> {
  return Promise.all(
    ranges.map(async ([begin, end]) =>
      foldPeaks(await Promise.all(coveringNodes(begin, end).map(({ level, index }) => read(level, index)))),
    ),
  );
}
