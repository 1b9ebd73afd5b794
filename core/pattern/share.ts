import type { PatternNode } from './node.ts';

/**
 * The same pattern with alternatives that begin alike made into one that branches later: `cat|car|dog` becomes
 * `ca(?:t|r)|dog`. An automaton for a list of words has few threads then, whatever the list's length.
 */
export function shareBeginnings(node: PatternNode): PatternNode {
  switch (node.kind) {
    case 'concat':
      return { kind: 'concat', nodes: node.nodes.map(shareBeginnings) };
    case 'repeat':
      return { ...node, node: shareBeginnings(node.node) };
    case 'alternate':
      return branch(node.nodes.map((child) => flatten(shareBeginnings(child))));
    default:
      return node;
  }
}

function flatten(node: PatternNode): readonly PatternNode[] {
  if (node.kind === 'empty') return [];
  return node.kind === 'concat' ? node.nodes.flatMap(flatten) : [node];
}

/** Any of the sequences, in which those with the same first set stand together. */
function branch(sequences: readonly (readonly PatternNode[])[]): PatternNode {
  const byFirst = new Map<string, (readonly PatternNode[])[]>();
  const branches: PatternNode[] = [];
  let hasEmpty = false;
  for (const sequence of sequences) {
    const [first] = sequence;
    if (first === undefined) hasEmpty = true;
    else if (first.kind !== 'set') branches.push(join(sequence));
    else {
      const key = first.set.join();
      const rests = byFirst.get(key);
      if (rests === undefined) byFirst.set(key, [sequence]);
      else rests.push(sequence);
    }
  }
  for (const alike of byFirst.values()) {
    const [sequence = []] = alike;
    const [first] = sequence;
    if (alike.length === 1 || first === undefined) branches.push(join(sequence));
    else branches.push(join([first, branch(alike.map((one) => one.slice(1)))]));
  }
  if (hasEmpty) branches.push({ kind: 'empty' });
  const [only] = branches;
  return branches.length === 1 && only !== undefined ? only : { kind: 'alternate', nodes: branches };
}

function join(nodes: readonly PatternNode[]): PatternNode {
  const [only] = nodes;
  return nodes.length === 1 && only !== undefined ? only : { kind: 'concat', nodes };
}
