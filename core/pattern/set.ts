import { compile } from './compile.ts';
import { LazyDfa } from './dfa.ts';
import { MAX_PATTERN_STATES, PatternError, parsePattern } from './parse.ts';
import { measure } from './size.ts';

/** How many automaton states the patterns of one set may need together. */
export const MAX_SET_STATES = 20 * MAX_PATTERN_STATES;

export interface PatternSet {
  /** Indices of the patterns found anywhere in the text, ascending. One pass, linear in the text. */
  search(text: string): number[];
}

/**
 * Compiles patterns in RE2 syntax (see parsePattern) into one automaton that looks for all of them at once.
 *
 * @throws PatternError for the first pattern that is not accepted, or when all together are too large.
 */
export function createPatternSet(sources: readonly string[]): PatternSet {
  const nodes = sources.map(parsePattern);
  if (nodes.reduce((sum, node) => sum + measure(node), 0) > MAX_SET_STATES) {
    throw new PatternError(`the patterns together need more than ${MAX_SET_STATES} automaton states`, 0);
  }
  const dfa = new LazyDfa(compile(nodes));
  return {
    search(text) {
      const found = new Set<number>();
      if (sources.length > 0) dfa.run(text, (pattern) => found.add(pattern).size === sources.length);
      return [...found].sort((a, b) => a - b);
    },
  };
}
