import { compile } from './compile.ts';
import { alternativesOf, checkComplexity } from './complexity.ts';
import { LazyDfa } from './dfa.ts';
import type { PatternNode } from './node.ts';
import { MAX_PATTERN_STATES, PatternError, parsePattern } from './parse.ts';
import { shareBeginnings } from './share.ts';
import { measure } from './size.ts';

/** How many automaton states the patterns of one set may need together. */
const MAX_SET_STATES = 20 * MAX_PATTERN_STATES;

/** A text for which all patterns together need so many new transitions is searched in another way. */
const MAX_NEW_TRANSITIONS = 4_000;
/** How many patterns are remembered to be right: the same policies are compiled again and again. */
const MAX_REMEMBERED = 2_000;

export interface PatternSet {
  /** Indices of the patterns found anywhere in the text, ascending. Linear in the text. */
  search(text: string): number[];
}

/** One alternative of a pattern by itself: it has few enough states to be fast on every text. */
interface Part {
  readonly pattern: number;
  readonly dfa: LazyDfa;
}

/**
 * Checks a pattern in RE2 syntax (see parsePattern) that is to be searched for.
 *
 * @throws PatternError with the position, also when it would need too many states (see checkComplexity).
 */
export function checkPattern(source: string): void {
  if (checked.has(source)) return;
  checkComplexity(parsePattern(source));
  if (checked.size >= MAX_REMEMBERED) checked.clear();
  checked.add(source);
}

const checked = new Set<string>();

/**
 * Compiles patterns in RE2 syntax (see parsePattern) into one automaton that looks for all of them at once. Texts
 * that need more states than there is room for are searched for one pattern after the other.
 *
 * @throws PatternError for the first pattern that does not parse, or when all together are too large.
 */
export function createPatternSet(sources: readonly string[]): PatternSet {
  const nodes = sources.map((source) => parsePattern(source));
  if (nodes.reduce((sum, node) => sum + measure(node), 0) > MAX_SET_STATES) {
    throw new PatternError(`the patterns together need more than ${MAX_SET_STATES} automaton states`, 0);
  }
  const together = new LazyDfa(compile(nodes.map(shareBeginnings)));
  let parts: readonly Part[] | undefined;
  return {
    search(text) {
      const found = new Set<number>();
      if (sources.length === 0) return [];
      if (!together.run(text, (pattern) => found.add(pattern).size === sources.length, MAX_NEW_TRANSITIONS)) {
        parts ??= takeApart(nodes);
        for (const { pattern, dfa } of parts) {
          if (!found.has(pattern)) dfa.run(text, () => found.add(pattern).has(pattern));
        }
      }
      return [...found].sort((a, b) => a - b);
    },
  };
}

function takeApart(nodes: readonly PatternNode[]): Part[] {
  return nodes.flatMap((node, pattern) =>
    alternativesOf(node).map((alternative) => ({
      pattern,
      dfa: new LazyDfa(compile([shareBeginnings(alternative)])),
    })),
  );
}
