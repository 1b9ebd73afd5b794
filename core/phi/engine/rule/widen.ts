import { type CharSet, charSet, contains, DIGIT } from '#core/pattern/chars.ts';
import type { PatternNode } from '#core/pattern/node.ts';
import { setNode } from '#core/pattern/shared-sets.ts';

/*
 * Patterns as automata read them. What an automaton takes for more than it is costs time alone, as long as something else
 * decides then.
 */

/** The pattern with no upper bound where it counts: an automaton needs a state for each number otherwise. */
export function uncount(node: PatternNode): PatternNode {
  const mapped = mapNodes(node, uncount);
  if (mapped.kind !== 'repeat' || mapped.max - mapped.min <= 1) return mapped;
  return { ...mapped, max: Number.POSITIVE_INFINITY };
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
  if (node.kind !== 'set') return mapNodes(node, foldDigits);
  const set = withAllDigits(node.set);
  return set === node.set ? node : setNode(set);
}

/** Whether `foldDigits` changes the pattern. */
export function hasSomeDigits(node: PatternNode): boolean {
  if (node.kind === 'set') return withAllDigits(node.set) !== node.set;
  if (node.kind === 'repeat') return hasSomeDigits(node.node);
  return (node.kind === 'concat' || node.kind === 'alternate') && node.nodes.some(hasSomeDigits);
}

/** The pattern of the same texts read from their ends. */
export function reverse(node: PatternNode): PatternNode {
  const mapped = mapNodes(node, reverse);
  return mapped.kind === 'concat' ? { kind: 'concat', nodes: mapped.nodes.toReversed() } : mapped;
}

/** The node with each node below it changed; the same one when that changes none. */
function mapNodes(node: PatternNode, change: (node: PatternNode) => PatternNode): PatternNode {
  if (node.kind === 'repeat') {
    const changed = change(node.node);
    return changed === node.node ? node : { ...node, node: changed };
  }
  if (node.kind !== 'concat' && node.kind !== 'alternate') return node;
  let nodes: PatternNode[] | undefined;
  for (let i = 0; i < node.nodes.length; i++) {
    const child = node.nodes[i] as PatternNode;
    const changed = change(child);
    if (changed === child) continue;
    nodes ??= [...node.nodes];
    nodes[i] = changed;
  }
  return nodes === undefined ? node : { kind: node.kind, nodes };
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
