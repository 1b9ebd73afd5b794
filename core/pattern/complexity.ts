import { BEFORE_NOTHING } from './assertion.ts';
import { compile, type Program } from './compile.ts';
import { LazyDfa, type LazyDfaOptions } from './dfa.ts';
import { PatternError } from './error.ts';
import type { PatternNode } from './node.ts';
import { shareBeginnings } from './share.ts';
import { measure } from './size.ts';

/** How many states the deterministic automaton of one pattern may have. */
export const MAX_STATES = 4_000;
/** Bounds on the time that the count may take: transitions worked out, and steps of theirs. */
const MAX_TRANSITIONS = 100_000;
const MAX_STEPS = 1_500_000;

/**
 * Counts the states that a text can make of a program: all of them, whatever the text. A pattern such as
 * `[ab]*a[ab]{300}` is small until it is made deterministic. Undefined when there are more than `MAX_STATES`, or
 * when it takes too long to say.
 */
export function countStates(program: Program, options: LazyDfaOptions = {}): number | undefined {
  const dfa = new LazyDfa(program, options);
  const columns = dfa.endColumn;
  const befores = new Set([BEFORE_NOTHING]);
  for (let column = 0; column < columns; column++) befores.add(dfa.beforeOf(column));
  const seen = new Set(
    options.anchored === true
      ? Array.from(befores, (before) => dfa.begin(before))
      : [dfa.begin(BEFORE_NOTHING)],
  );
  const { flushes } = dfa;
  let transitions = 0;
  let steps = 0;
  // A set is walked in the order in which its members are added, those that are added meanwhile included.
  for (const state of seen) {
    transitions += columns;
    steps += columns * (dfa.alive(state) + 1);
    if (seen.size > MAX_STATES || transitions > MAX_TRANSITIONS || steps > MAX_STEPS) return undefined;
    for (let column = 0; column < columns; column++) seen.add(Math.abs(dfa.step(state, column)));
    if (dfa.flushes !== flushes) return undefined;
  }
  return seen.size;
}

/** What a pattern looks for one beside the other: each can be searched for by itself. */
export function alternativesOf(node: PatternNode): readonly PatternNode[] {
  return node.kind === 'alternate' ? node.nodes.flatMap(alternativesOf) : [node];
}

/**
 * Holds each alternative of a pattern that is searched for to what runs fast on every text.
 *
 * @throws PatternError at the count that makes the most of it.
 */
export function checkComplexity(node: PatternNode): void {
  for (const alternative of alternativesOf(node)) {
    if (countStates(compile([shareBeginnings(alternative)])) === undefined) throw tooComplex(alternative);
  }
}

/** The error of a pattern that has too many states. */
export function tooComplex(node: PatternNode): PatternError {
  return new PatternError(
    `too complex: it needs more than ${MAX_STATES} states; give it a beginning that is rarer, or a lower count`,
    heaviest(node)?.at ?? 0,
  );
}

/** The repetition that takes the most states; of one inside another, the inner one where it has a count. */
function heaviest(node: PatternNode): (PatternNode & { readonly kind: 'repeat' }) | undefined {
  switch (node.kind) {
    case 'repeat': {
      const inner = heaviest(node.node);
      return inner !== undefined && measure(inner) > measure(node) / 2 ? inner : node;
    }
    case 'concat':
    case 'alternate': {
      const found = node.nodes.flatMap((child) => heaviest(child) ?? []);
      return found.reduce<(typeof found)[number] | undefined>(
        (most, one) => (most === undefined || measure(one) > measure(most) ? one : most),
        undefined,
      );
    }
    default:
      return undefined;
  }
}
