import { type CharSet, charSet, contains, DIGIT } from '#core/pattern/chars.ts';
import type { PatternNode } from '#core/pattern/node.ts';

/*
 * Patterns as automata read them. What an automaton takes for more than it is costs time alone, as long as something else
 * decides then.
 */

/** The pattern with no upper bound where it counts: an automaton needs a state for each number otherwise. */
export function uncount(node: PatternNode): PatternNode {
  if (node.kind === 'repeat') {
    const max = node.max - node.min > 1 ? Number.POSITIVE_INFINITY : node.max;
    return { kind: 'repeat', node: uncount(node.node), min: node.min, max };
  }
  return mapNodes(node, uncount);
}

/** Whether `uncount` changes the pattern. */
export function counts(node: PatternNode): boolean {
  if (node.kind === 'repeat')
    return (node.max !== Number.POSITIVE_INFINITY && node.max - node.min > 1) || counts(node.node);
  return (node.kind === 'concat' || node.kind === 'alternate') && node.nodes.some(counts);
}

/**
 * The pattern with all digits where it has some of them. When no pattern tells digits apart, they are one class: a token
 * is known by its shape then, whatever its figures are.
 */
export function foldDigits(node: PatternNode): PatternNode {
  if (node.kind === 'set') return { kind: 'set', set: withAllDigits(node.set) };
  return mapNodes(node, foldDigits);
}

/** Whether `foldDigits` changes the pattern. */
export function hasSomeDigits(node: PatternNode): boolean {
  if (node.kind === 'set') return withAllDigits(node.set) !== node.set;
  if (node.kind === 'repeat') return hasSomeDigits(node.node);
  return (node.kind === 'concat' || node.kind === 'alternate') && node.nodes.some(hasSomeDigits);
}

/** The pattern of the same texts read from their ends. */
export function reverse(node: PatternNode): PatternNode {
  if (node.kind === 'concat') return { kind: 'concat', nodes: node.nodes.map(reverse).reverse() };
  return mapNodes(node, reverse);
}

function mapNodes(node: PatternNode, change: (node: PatternNode) => PatternNode): PatternNode {
  switch (node.kind) {
    case 'repeat':
      return { ...node, node: change(node.node) };
    case 'concat':
    case 'alternate':
      return { ...node, nodes: node.nodes.map(change) };
    default:
      return node;
  }
}

const DIGITS = 10;
/** Equal sets are known by being the same, here as in the patterns. */
const folded = new WeakMap<CharSet, CharSet>();

function withAllDigits(set: CharSet): CharSet {
  const known = folded.get(set);
  if (known !== undefined) return known;
  let count = 0;
  for (let i = 0; i < DIGITS; i++) if (contains(set, 0x30 + i)) count += 1;
  const all = count === 0 || count === DIGITS ? set : charSet([...set, ...DIGIT]);
  folded.set(set, all);
  return all;
}
