import { EvidenceError } from '../error.ts';
import { EMPTY_ROOT, HASH_BYTES, nodeHash } from './hash.ts';
import { checkSize, type TreeHead } from './head.ts';
import { coveringNodes, type ReadNode, type TreeNode } from './node.ts';

/**
 * The right edge of a growing tree: the roots of its complete subtrees, all that appending needs. At most 53 hashes,
 * whatever the size.
 */
export class Frontier {
  readonly #peaks: Uint8Array[];
  #size: number;

  /**
   * @param size leaves of the tree so far
   * @param peaks roots of its complete subtrees, the largest first: one for each bit that is set in the size
   * @throws EvidenceError out_of_range (the size), malformed (the peaks are not those of such a tree)
   */
  constructor(size = 0, peaks: readonly Uint8Array[] = []) {
    checkSize(size);
    if (peaks.length !== coveringNodes(0, size).length || peaks.some(({ length }) => length !== HASH_BYTES)) {
      throw new EvidenceError('malformed', `not the subtrees of a tree of ${size} leaves`);
    }
    this.#size = size;
    this.#peaks = [...peaks];
  }

  get size(): number {
    return this.#size;
  }

  /** Roots of the complete subtrees, the largest first. */
  get peaks(): readonly Uint8Array[] {
    return [...this.#peaks];
  }

  /**
   * Appends a leaf.
   * @returns the nodes that are complete by it: the leaf itself, then upwards
   * @throws EvidenceError malformed (not 32 bytes), out_of_range (the tree is full)
   */
  append(leaf: Uint8Array): TreeNode[] {
    if (leaf.length !== HASH_BYTES) throw new EvidenceError('malformed', 'a leaf hash has 32 bytes');
    checkSize(this.#size + 1);
    let node: TreeNode = { level: 0, index: this.#size, hash: leaf };
    const completed = [node];
    while (node.index % 2 === 1) {
      const left = this.#peaks.pop();
      if (left === undefined) throw new EvidenceError('malformed', 'a subtree is missing');
      node = { level: node.level + 1, index: (node.index - 1) / 2, hash: nodeHash(left, node.hash) };
      completed.push(node);
    }
    this.#peaks.push(node.hash);
    this.#size += 1;
    return completed;
  }

  /** The tree's root now, 32 bytes. */
  root(): Uint8Array {
    return foldPeaks(this.#peaks);
  }

  /** Size and root now. */
  head(): TreeHead {
    return { size: this.#size, root: this.root() };
  }
}

/**
 * The frontier of a stored tree when it had `size` leaves.
 * @throws EvidenceError out_of_range; whatever `read` throws
 */
export async function readFrontier(size: number, read: ReadNode): Promise<Frontier> {
  checkSize(size);
  const peaks = coveringNodes(0, size).map(({ level, index }) => read(level, index));
  return new Frontier(size, await Promise.all(peaks));
}

/** The root over subtrees that stand side by side, the largest first. */
export function foldPeaks(peaks: readonly Uint8Array[]): Uint8Array {
  const last = peaks.at(-1);
  if (last === undefined) return EMPTY_ROOT;
  return peaks.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}
