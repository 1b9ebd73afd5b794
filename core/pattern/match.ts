import type { Alphabet } from './alphabet.ts';
import { BEFORE_NOTHING } from './assertion.ts';
import { compile } from './compile.ts';
import { LazyDfa, NO_COLUMN } from './dfa.ts';
import type { PatternNode } from './node.ts';

/** Steps that a search may take for each character; beyond, it goes on more coarsely. */
const STEPS_PER_CHARACTER = 5;
/** Steps on top, so that short texts are always searched exactly. */
const BASE_STEPS = 1_024;

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
  const { alphabet } = program;
  const anchored = new LazyDfa(program, { anchored: true });
  let anywhere: LazyDfa | undefined;
  let scratch = new Uint16Array(0);
  return {
    find(view, stretch) {
      const { from, limit, end, textStart } = stretch;
      if (scratch.length < end - from) scratch = new Uint16Array(2 * (end - from));
      const columns = scratch;
      readColumns(alphabet, view, from, end, columns);
      const after = end < view.length ? (alphabet.basic[view.charCodeAt(end)] as number) : anchored.endColumn;
      /** Places from here on are counted from the stretch's start. */
      const length = end - from;
      const beginAt = (dfa: LazyDfa, at: number): number => {
        const place = from + at;
        if (place === textStart || place === 0) return dfa.begin(BEFORE_NOTHING);
        return dfa.begin(dfa.beforeOf(alphabet.basic[view.charCodeAt(place - 1)] as number));
      };
      const spans: Span[] = [];
      let steps = BASE_STEPS + STEPS_PER_CHARACTER * length;
      for (let at = 0; at < limit - from; ) {
        const matched = anchored.longest(columns, at, length, after, beginAt(anchored, at));
        steps -= anchored.read + 1 - at;
        if (matched > at) {
          spans.push({ start: from + at, end: from + matched });
          at = matched;
        } else {
          at += at + 1 < length && columns[at + 1] === NO_COLUMN ? 2 : 1;
        }
        if (steps >= 0) continue;
        anywhere ??= new LazyDfa(program);
        const ends = findEnds(anywhere, columns, at, length, after, beginAt(anywhere, at));
        spans.push(...widen(ends, { ...stretch, from: from + at }, from, longest));
        break;
      }
      return spans;
    },
  };
}

/** Writes the column of each unit of a stretch; a surrogate pair that its end parts is two characters. */
function readColumns(
  { basic, classOf }: Alphabet,
  view: string,
  from: number,
  end: number,
  columns: Uint16Array,
): void {
  for (let place = from; place < end; place++) {
    const unit = view.charCodeAt(place);
    columns[place - from] = basic[unit] as number;
    if ((unit & 0xfc00) !== 0xd800 || place + 1 >= end) continue;
    if ((view.charCodeAt(place + 1) & 0xfc00) !== 0xdc00) continue;
    columns[place - from] = classOf(view.codePointAt(place) as number);
    columns[place + 1 - from] = NO_COLUMN;
    place += 1;
  }
}

/** Where any match ends that begins at `from` or behind it, ascending. */
function findEnds(
  dfa: LazyDfa,
  columns: Uint16Array,
  from: number,
  end: number,
  after: number,
  begin: number,
): number[] {
  const ends: number[] = [];
  let state = begin;
  for (let at = from; at < end; at++) {
    const column = columns[at] as number;
    if (column === NO_COLUMN) continue;
    state = dfa.step(state, column);
    if (state >= 0) continue;
    ends.push(at);
    state = -state;
  }
  if (dfa.step(state, after) < 0) ends.push(end);
  return ends;
}

/** Stretches that hold all matches with these ends: from where each could begin at the earliest. */
function widen(ends: readonly number[], { from, limit }: Stretch, offset: number, longest: number): Span[] {
  const spans: Span[] = [];
  for (const place of ends) {
    const end = offset + place;
    const start = Math.max(from, end - longest);
    const last = spans.at(-1);
    if (end <= from || start >= limit) continue;
    if (last === undefined || start > last.end) spans.push({ start, end });
    else spans[spans.length - 1] = { start: last.start, end };
  }
  return spans;
}
