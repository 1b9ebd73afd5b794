import { type CharSet, charSet, contains, negate, WORD } from '#core/pattern/chars.ts';
import type { PatternNode } from '#core/pattern/node.ts';
import { shortest } from '#core/pattern/size.ts';
import { plainOf } from '../normalise/normalise.ts';

const LAST_UNIT = 0xffff;
const SURROGATES: CharSet = [0xd800, 0xdfff];
const NOT_WORD = negate(WORD);
/** A set of more than this was not written out by hand: what it has of dashes and spaces was not meant. */
const MAX_WRITTEN_OUT = 64;

const EMPTY: PatternNode = { kind: 'empty' };

/**
 * The pattern as the normalised text needs it: where it names a character that the text has in its plain form only (a
 * dash, a full-width digit), the plain one counts too.
 */
export function normaliseSets(node: PatternNode): PatternNode {
  switch (node.kind) {
    case 'concat':
    case 'alternate':
      return { ...node, nodes: node.nodes.map(normaliseSets) };
    case 'repeat':
      return { ...node, node: normaliseSets(node.node) };
    case 'set':
      return { kind: 'set', set: normalise(node.set) };
    default:
      return node;
  }
}

function normalise(set: CharSet): CharSet {
  let size = 0;
  for (let i = 0; i < set.length; i += 2) size += (set[i + 1] ?? 0) - (set[i] ?? 0) + 1;
  if (size > MAX_WRITTEN_OUT) return set;
  const plain: number[] = [];
  for (let i = 0; i < set.length; i += 2) {
    for (let c = set[i] ?? 0; c <= (set[i + 1] ?? 0); c++) {
      const unit = plainOf(c);
      if (unit >= 0 && unit !== c) plain.push(unit, unit);
    }
  }
  return plain.length === 0 ? set : charSet([...set, ...plain]);
}

/**
 * What an automaton over UTF-16 units watches for: at least all that the pattern matches. Assertions are left out, but
 * for a word boundary at the start, without which a long pattern would begin inside of every word.
 */
export function watch(node: PatternNode): { readonly context: PatternNode; readonly watched: PatternNode } {
  const nodes = flatten(node);
  const [first, ...rest] = nodes;
  const value: PatternNode = { kind: 'concat', nodes: rest };
  const context = first?.kind === 'assert' && first.assertion === 'word' ? boundaryBefore(value) : EMPTY;
  return { context, watched: unitsOf(node) };
}

/** What stands before a word boundary that this follows; nothing where that may be either. */
function boundaryBefore(value: PatternNode): PatternNode {
  const firsts = firstOf(value);
  if (isWithin(firsts, WORD)) return { kind: 'set', set: NOT_WORD };
  return isWithin(firsts, NOT_WORD) ? { kind: 'set', set: WORD } : EMPTY;
}

function flatten(node: PatternNode): readonly PatternNode[] {
  return node.kind === 'concat' ? node.nodes.flatMap(flatten) : [node];
}

/** The characters that a match can begin with. */
function firstOf(node: PatternNode): CharSet {
  switch (node.kind) {
    case 'empty':
    case 'assert':
      return [];
    case 'set':
      return node.set;
    case 'repeat':
      return firstOf(node.node);
    case 'alternate':
      return charSet(node.nodes.flatMap(firstOf));
    case 'concat': {
      const needed = node.nodes.findIndex((child) => shortest(child) > 0);
      return charSet(node.nodes.slice(0, needed < 0 ? node.nodes.length : needed + 1).flatMap(firstOf));
    }
  }
}

function isWithin(set: CharSet, outer: CharSet): boolean {
  for (let i = 0; i < set.length; i += 2) {
    for (let c = set[i] ?? 0; c <= (set[i + 1] ?? 0); c++) if (!contains(outer, c)) return false;
  }
  return true;
}

/**
 * In UTF-16 units. A character beyond the first 65,536 becomes any one or two halves of surrogate pairs, so that a
 * repetition of it stays one of a single set: `.{0,20}` becomes twenty to forty of them.
 */
function unitsOf(node: PatternNode): PatternNode {
  switch (node.kind) {
    case 'concat':
    case 'alternate':
      return { ...node, nodes: node.nodes.map(unitsOf) };
    case 'assert':
      return EMPTY;
    case 'set':
      return isAstral(node.set) ? { kind: 'repeat', node: halves(node.set), min: 1, max: 2 } : node;
    case 'repeat': {
      const { node: repeated, min, max } = node;
      if (repeated.kind !== 'set' || !isAstral(repeated.set)) return { ...node, node: unitsOf(repeated) };
      return { kind: 'repeat', node: halves(repeated.set), min, max: 2 * max };
    }
    default:
      return node;
  }
}

function isAstral(set: CharSet): boolean {
  return (set.at(-1) ?? 0) > LAST_UNIT;
}

function halves(set: CharSet): PatternNode {
  const units: number[] = [...SURROGATES];
  for (let i = 0; i < set.length; i += 2) {
    const lo = set[i] ?? 0;
    if (lo <= LAST_UNIT) units.push(lo, Math.min(set[i + 1] ?? 0, LAST_UNIT));
  }
  return { kind: 'set', set: charSet(units) };
}
