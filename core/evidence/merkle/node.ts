/** Where a complete node stands: over the leaves from `index * 2^level` on, `2^level` of them. */
export interface NodePlace {
  /** 0 for leaves. */
  readonly level: number;
  /** From the left, from 0. */
  readonly index: number;
}

/** A complete node with its hash; it stays the same however the tree grows. */
export interface TreeNode extends NodePlace {
  readonly hash: Uint8Array;
}

/** Reads the hash of a complete node. It is asked for none that the tree does not have. */
export type ReadNode = (level: number, index: number) => Uint8Array | Promise<Uint8Array>;

/**
 * The complete nodes that together cover the leaves from `begin` on, up to but not including `end`, from the left; the
 * fewest that do. `begin` must be a multiple of the largest power of two in `end - begin`.
 */
export function coveringNodes(begin: number, end: number): NodePlace[] {
  const nodes: NodePlace[] = [];
  for (let at = begin; at < end; ) {
    const level = log2(end - at);
    const leaves = 2 ** level;
    nodes.push({ level, index: at / leaves });
    at += leaves;
  }
  return nodes;
}

/** The largest power of two that is less than `size`, for 2 and more: where RFC 6962, section 2.1, splits a tree. */
export function splitPoint(size: number): number {
  return 2 ** log2(size - 1);
}

/** The logarithm to the base two, rounded down; exact, which `Math.log2` is not near 2^53. */
function log2(value: number): number {
  let level = Math.floor(Math.log2(value));
  if (2 ** level > value) level -= 1;
  return level;
}
