import type { Alphabet } from '#core/pattern/alphabet.ts';
import { negate } from '#core/pattern/chars.ts';
import { compile, OP_MATCH, OP_SET, OP_SPLIT, type Program } from '#core/pattern/compile.ts';
import type { PatternNode } from '#core/pattern/node.ts';
import { FITS, REFUSED, UNSURE } from '../automaton/look-back.ts';
import type { Steps } from '../automaton/threads.ts';
import { boundsOf, type LookPatterns, type Patterns, shiftOf, sortClasses } from './patterns.ts';
import type { CompiledRule } from './rule.ts';
import { counts, reverse, uncount } from './widen.ts';

const NOT_ALPHANUMERIC = negate([0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a]);

/** Classes in this order lie close together in the tables. */
const USUAL = ' etaoinsrhldcumfpgwybvkxjqz0123456789-/.,:\nETAOINSRHLDCUMFPGWYBVKXJQZ';

/** Works out the patterns of rules, which are in the order of a plan. */
export function patternsOf(rules: readonly CompiledRule[]): Patterns {
  const program = reorder(
    compile([
      ...rules.map(({ value }) => value),
      ...rules.map(({ before }) => before),
      { kind: 'set', set: NOT_ALPHANUMERIC },
    ]),
  );
  const steps = stepsOf(program);
  const beginnings = rules.map((_, rule) => firstOf(steps, steps.starts[rule] as number).first);
  const sorts = sortClasses(steps);
  return {
    steps,
    pairs: pairsOf(rules, steps, beginnings),
    sorts: Uint8Array.from(beginnings, (flags) =>
      flags.reduce((bits, flag, column) => (flag === 1 ? bits | (1 << (sorts[column] as number)) : bits), 0),
    ),
    forms: Uint8Array.from(rules, ({ isForm }) => (isForm ? 1 : 0)),
    firsts: Uint8Array.from(rules.flatMap(({ firsts }) => [...firsts])),
    looks: lookPatternsOf(rules),
  };
}

/** Works out what rules look back at. */
export function lookPatternsOf(rules: readonly Pick<CompiledRule, 'bounded' | 'lookBack'>[]): LookPatterns {
  const patterns: PatternNode[] = [];
  const rows: { rule: number; bounded: boolean; there: number; missing: number }[] = [];
  const add = (
    rule: number,
    node: PatternNode | undefined,
    bounded: boolean,
    isWanted: boolean,
    isExact: boolean,
  ): void => {
    if (node === undefined) return;
    patterns.push(reverse(uncount(node)));
    const sure = isExact || !counts(node);
    const there = sure ? (isWanted ? FITS : REFUSED) : UNSURE;
    rows.push({ rule, bounded, there, missing: isWanted ? REFUSED : FITS });
  };
  rules.forEach(({ bounded, lookBack: { before, behind, unless } }, rule) => {
    // What stands before a label counts as `+` where it counts; see Rule.
    add(rule, before, bounded, true, true);
    add(rule, behind, true, true, false);
    add(rule, unless, false, false, false);
  });
  return {
    steps: stepsOf(compile([...patterns, { kind: 'set', set: NOT_ALPHANUMERIC }])),
    rules: Int32Array.from(rows, ({ rule }) => rule),
    bounded: Uint8Array.from(rows, ({ bounded }) => (bounded ? 1 : 0)),
    there: Uint8Array.from(rows, ({ there }) => there),
    missing: Uint8Array.from(rows, ({ missing }) => missing),
  };
}

/** A program for automata; throws when it has an assertion, which none of these can read. */
export function stepsOf({ op, next, argument, sets, starts, assertions, alphabet }: Program): Steps {
  if (assertions.length > 0) throw new Error('a rule uses an assertion');
  const { size, basic } = alphabet;
  return { op, next, argument, sets, starts: Int32Array.from(starts), size, classes: basic };
}

/** @param firsts by rule, the classes that its value can begin with */
function pairsOf(rules: readonly CompiledRule[], steps: Steps, firsts: readonly Uint8Array[]): Uint8Array {
  const { size } = steps;
  const shift = shiftOf(steps);
  const pairs = new Uint8Array(1 << (2 * shift));
  // Many rules have the same label in front, or the same value behind it.
  const added = new Set<string>();
  const add = (before: Uint8Array, first: Uint8Array): void => {
    const key = `${before.join('')} ${first.join('')}`;
    if (added.has(key)) return;
    added.add(key);
    for (let b = 0; b < size; b++) {
      if (before[b] !== 1) continue;
      for (let f = 0; f < size; f++) if (first[f] === 1) pairs[(b << shift) + f] = 1;
    }
  };
  const all = new Uint8Array(size).fill(1);
  const bounds = boundsOf(steps);
  rules.forEach(({ bounded }, rule) => {
    const { first: before, empty } = firstOf(steps, steps.starts[rules.length + rule] as number);
    const first = firsts[rule] as Uint8Array;
    add(before, first);
    if (empty) add(bounded ? bounds : all, first);
  });
  return pairs;
}

/** The same program with its classes numbered so that usual ones come first. */
function reorder(program: Program): Program {
  const { alphabet, sets } = program;
  const order: number[] = [];
  const seen = new Set<number>();
  const take = (column: number): void => {
    if (!seen.has(column)) order.push(column);
    seen.add(column);
  };
  for (const c of USUAL) take(alphabet.basic[c.charCodeAt(0)] as number);
  for (let column = 0; column < alphabet.size; column++) take(column);
  const place = new Uint16Array(alphabet.size);
  order.forEach((column, index) => {
    place[column] = index;
  });
  const permute = (flags: Uint8Array): Uint8Array =>
    Uint8Array.from(order, (column) => flags[column] as number);
  const basic = alphabet.basic.map((column) => place[column] as number);
  return { ...program, sets: sets.map(permute), alphabet: { ...alphabet, basic } satisfies Alphabet };
}

/** The classes that a pattern can begin with, and whether it matches nothing at all. */
function firstOf(
  { op, next, argument, sets, size }: Steps,
  start: number,
): { first: Uint8Array; empty: boolean } {
  const seen = new Set<number>();
  const seenSets = new Set<number>();
  let empty = false;
  const stack = [start];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    if (seen.has(item)) continue;
    seen.add(item);
    if (op[item] === OP_SPLIT) stack.push(argument[item] as number, next[item] as number);
    else if (op[item] === OP_MATCH) empty = true;
    else if (op[item] === OP_SET) seenSets.add(argument[item] as number);
  }
  const first = new Uint8Array(size);
  for (const index of seenSets) {
    const set = sets[index] as Uint8Array;
    for (let i = 0; i < set.length; i++) if (set[i] === 1) first[i] = 1;
  }
  return { first, empty };
}
