import { type Alphabet, createAlphabet } from './alphabet.ts';
import { type CharSet, WORD } from './chars.ts';
import type { Assertion, PatternNode } from './node.ts';

export const OP_SET = 0;
export const OP_SPLIT = 1;
export const OP_ASSERT = 2;
export const OP_MATCH = 3;

/** A Thompson automaton of several patterns: parallel arrays, one entry a state. */
export interface Program {
  readonly op: Uint8Array;
  /** The next state (OP_SET, OP_ASSERT, OP_SPLIT's first). */
  readonly next: Int32Array;
  /** OP_SPLIT: the second next state; OP_SET: index into `sets`; OP_ASSERT: into `assertions`; OP_MATCH: the pattern. */
  readonly argument: Int32Array;
  readonly sets: readonly Uint8Array[];
  readonly assertions: readonly Assertion[];
  /** Each pattern's first state. */
  readonly starts: readonly number[];
  /** One flag per state: whether it belongs to a pattern proper, not to the context before it. */
  readonly proper: Uint8Array;
  /**
   * For a state that reads one character of `x{n,m}` beyond the n that must be there: a number for the repetition, from
   * 1; 0 for others. Of two such states of one repetition, the one with the higher index accepts all that the other does.
   */
  readonly spare: Int32Array;
  readonly alphabet: Alphabet;
  /** One flag per class: a word character; a line feed. */
  readonly word: Uint8Array;
  readonly newline: Uint8Array;
}

const NEWLINE: CharSet = [0x0a, 0x0a];

/**
 * Builds one automaton that runs all patterns side by side. Linear in the patterns' measured size.
 *
 * @param contexts what must stand before each pattern, by index; none where there is no entry.
 */
export function compile(patterns: readonly PatternNode[], contexts: readonly PatternNode[] = []): Program {
  const op: number[] = [];
  const next: number[] = [];
  const argument: number[] = [];
  const setIndex = new Map<string, number>();
  const knownSets = new Map<CharSet, number>();
  const sets: CharSet[] = [];
  const assertions: Assertion[] = [];
  const spare: [state: number, repetition: number][] = [];
  let repetitions = 0;

  const add = (code: number, to: number, value: number): number => {
    next.push(to);
    argument.push(value);
    return op.push(code) - 1;
  };
  const indexOf = (set: CharSet): number => {
    const same = knownSets.get(set);
    if (same !== undefined) return same;
    const key = set.join(',');
    const index = setIndex.get(key) ?? sets.push(set) - 1;
    setIndex.set(key, index);
    knownSets.set(set, index);
    return index;
  };
  /** Adds the states of a node that lead on to state `to`; returns the first of them. */
  const build = (node: PatternNode, to: number): number => {
    switch (node.kind) {
      case 'empty':
        return to;
      case 'set':
        return add(OP_SET, to, indexOf(node.set));
      case 'assert':
        return add(OP_ASSERT, to, assertions.push(node.assertion) - 1);
      case 'concat':
        return node.nodes.reduceRight((after, child) => build(child, after), to);
      case 'alternate':
        return node.nodes
          .map((child) => build(child, to))
          .reduceRight((second, first) => add(OP_SPLIT, first, second));
      case 'repeat':
        return buildRepeat(node, to);
    }
  };
  const buildRepeat = (node: PatternNode & { kind: 'repeat' }, to: number): number => {
    let entry = to;
    if (node.max === Number.POSITIVE_INFINITY) {
      const loop = add(OP_SPLIT, to, to);
      next[loop] = build(node.node, loop);
      entry = loop;
    } else {
      repetitions += 1;
      for (let i = node.min; i < node.max; i++) {
        const copy = build(node.node, entry);
        if (node.node.kind === 'set') spare.push([copy, repetitions]);
        entry = add(OP_SPLIT, copy, to);
      }
    }
    for (let i = 0; i < node.min; i++) entry = build(node.node, entry);
    return entry;
  };

  const own: [from: number, to: number][] = [];
  const starts = patterns.map((node, index) => {
    const from = op.length;
    const entry = build(node, add(OP_MATCH, 0, index));
    own.push([from, op.length]);
    const context = contexts[index];
    return context === undefined ? entry : build(context, entry);
  });
  const alphabet = createAlphabet([...sets, WORD, NEWLINE]);
  const proper = new Uint8Array(op.length);
  for (const [from, to] of own) proper.fill(1, from, to);
  const spares = new Int32Array(op.length);
  for (const [state, repetition] of spare) spares[state] = repetition;
  return {
    op: Uint8Array.from(op),
    next: Int32Array.from(next),
    argument: Int32Array.from(argument),
    sets: sets.map((set) => alphabet.members(set)),
    assertions,
    starts,
    proper,
    spare: spares,
    alphabet,
    word: alphabet.members(WORD),
    newline: alphabet.members(NEWLINE),
  };
}
