import type { CharSet } from './chars.ts';
import type { PatternNode } from './node.ts';

const sizes = new WeakMap<PatternNode, number>();

/** How many automaton states a parsed pattern needs, counts multiplied out. */
export function measure(node: PatternNode): number {
  // A pattern is measured at each of its repetitions: what is between two of them is counted once only.
  if (node.kind !== 'repeat') return count(node);
  const known = sizes.get(node);
  if (known !== undefined) return known;
  const size = count(node);
  sizes.set(node, size);
  return size;
}

function count(node: PatternNode): number {
  switch (node.kind) {
    case 'empty':
    case 'set':
    case 'assert':
      return 1;
    case 'concat':
    case 'alternate':
      return node.nodes.reduce((sum, child) => sum + measure(child) + 1, 0);
    case 'repeat': {
      const copies = node.max === Number.POSITIVE_INFINITY ? node.min + 1 : node.max;
      return copies * (measure(node.node) + 1) + 1;
    }
  }
}

const ONE = (): number => 1;

/**
 * The most characters a pattern can match; Infinity when there is no bound.
 * @param widthOf how much a character of a set counts
 */
export function longest(node: PatternNode, widthOf: (set: CharSet) => number = ONE): number {
  switch (node.kind) {
    case 'empty':
    case 'assert':
      return 0;
    case 'set':
      return node.set.length === 0 ? 0 : widthOf(node.set);
    case 'concat':
      return node.nodes.reduce((sum, child) => sum + longest(child, widthOf), 0);
    case 'alternate':
      return Math.max(...node.nodes.map((child) => longest(child, widthOf)));
    case 'repeat': {
      const once = longest(node.node, widthOf);
      return once === 0 ? 0 : once * node.max;
    }
  }
}

/** The fewest characters a pattern can match, if its assertions hold. */
export function shortest(node: PatternNode): number {
  switch (node.kind) {
    case 'empty':
    case 'assert':
      return 0;
    case 'set':
      return 1;
    case 'concat':
      return node.nodes.reduce((sum, child) => sum + shortest(child), 0);
    case 'alternate':
      return Math.min(...node.nodes.map(shortest));
    case 'repeat':
      return node.min === 0 ? 0 : node.min * shortest(node.node);
  }
}
