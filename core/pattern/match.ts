import type { Alphabet } from './alphabet.ts';
import { BEFORE_NOTHING } from './assertion.ts';
import { compile } from './compile.ts';
import { isPairAt, LazyDfa } from './dfa.ts';
import type { PatternNode } from './node.ts';

/** Steps that a search may take for each character; beyond, it goes on more coarsely. */
const STEPS_PER_CHARACTER = 8;
/** Steps on top, so that short texts are always searched exactly. */
const BASE_STEPS = 2_048;

/** A stretch of a text, in UTF-16 units, the end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What of a text is searched. */
export interface Stretch {
  /** Matches begin here or later, and before `limit`. */
  readonly from: number;
  readonly limit: number;
  /** Matches end here at the latest; the character after it counts for assertions. */
  readonly end: number;
  /** Where the text itself begins, which may lie before the view, or behind a label in it. */
  readonly textStart: number;
}

/** Finds where a pattern stands. */
export interface Matcher {
  /**
   * The matches in a stretch of a view: of those that begin leftmost the longest, then the next behind it, and so
   * on; empty ones are left out. The text ends where the view does.
   *
   * The time is linear in the stretch. Where a text makes that impossible otherwise (a long pattern that begins at
   * every character and almost never ends), the rest of the stretch is searched coarsely: from as far before the end of
   * a match as any match could begin, to that end. That is never less than what stands there.
   */
  find(view: string, stretch: Stretch): Span[];
}

/**
 * A matcher of a parsed pattern.
 * @param longest how many UTF-16 units a match can have at most
 */
export function createMatcher(node: PatternNode, longest: number): Matcher {
  const program = compile([node]);
  const { basic } = program.alphabet;
  const anchored = new LazyDfa(program, { anchored: true });
  let anywhere: LazyDfa | undefined;
  const beginAt = (dfa: LazyDfa, view: string, at: number, { textStart }: Stretch): number => {
    if (at === textStart || at === 0) return dfa.begin(BEFORE_NOTHING);
    return dfa.begin(dfa.beforeOf(basic[view.charCodeAt(at - 1)] as number));
  };
  return {
    find(view, stretch) {
      const { limit, end } = stretch;
      const after = end < view.length ? (basic[view.charCodeAt(end)] as number) : anchored.endColumn;
      const spans: Span[] = [];
      let steps = BASE_STEPS + STEPS_PER_CHARACTER * (end - stretch.from);
      for (let at = stretch.from; at < limit; ) {
        const matched = anchored.longest(view, at, end, after, beginAt(anchored, view, at, stretch));
        steps -= anchored.read + 1 - at;
        if (matched > at) {
          spans.push({ start: at, end: matched });
          at = matched;
        } else {
          at += isPairAt(view, at, end) ? 2 : 1;
        }
        if (steps >= 0) continue;
        anywhere ??= new LazyDfa(program);
        const state = beginAt(anywhere, view, at, stretch);
        const rest = { ...stretch, from: at };
        spans.push(...findCoarsely(program.alphabet, anywhere, view, state, after, rest, longest));
        break;
      }
      return spans;
    },
  };
}

/** Stretches that hold all matches: from where a match could begin at the earliest to where one ends. */
function findCoarsely(
  { classOf, basic }: Alphabet,
  dfa: LazyDfa,
  view: string,
  begin: number,
  after: number,
  { from, limit, end }: Stretch,
  longest: number,
): Span[] {
  const spans: Span[] = [];
  const add = (matchEnd: number): void => {
    const start = Math.max(from, matchEnd - longest);
    const last = spans.at(-1);
    if (matchEnd <= from || start >= limit) return;
    if (last === undefined || start > last.end) spans.push({ start, end: matchEnd });
    else spans[spans.length - 1] = { start: last.start, end: matchEnd };
  };
  let state = begin;
  for (let at = from; at < end; ) {
    const width = isPairAt(view, at, end) ? 2 : 1;
    const column = width === 2 ? classOf(view.codePointAt(at) ?? 0) : (basic[view.charCodeAt(at)] as number);
    state = dfa.step(state, column);
    if (state < 0) {
      add(at);
      state = -state;
    }
    at += width;
  }
  if (dfa.step(state, after) < 0) add(end);
  return spans;
}
