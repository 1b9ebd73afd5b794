import { BEFORE_NOTHING } from '#core/pattern/assertion.ts';
import { type CharSet, contains, SPACE, WORD } from '#core/pattern/chars.ts';
import { compile, type Program } from '#core/pattern/compile.ts';
import { LazyDfa } from '#core/pattern/dfa.ts';
import { foldCase } from '#core/pattern/fold.ts';
import type { Span } from '#core/pattern/match.ts';
import type { PatternNode } from '#core/pattern/node.ts';
import { plainOf } from '../normalise/normalise.ts';

/** How far before a value a word of its context may end. With a word's own length it is what a rule may look at. */
const CONTEXT_WINDOW_CHARACTERS = 80;

/** Leaves of the spans of a view those before which there is a word of the context. */
export type ContextFilter = (view: string, spans: readonly Span[]) => readonly Span[];

/**
 * A filter for words in any case, as whole words. All are looked for at once, in one pass.
 * @param words of which policies limit the length (`policy.proto`); without any, every span passes
 */
export function createContextFilter(words: readonly string[]): ContextFilter {
  if (words.length === 0) return (_view, spans) => spans;
  const program = compile([{ kind: 'alternate', nodes: words.map(wordNode) }]);
  const dfa = new LazyDfa(program);
  return (view, spans) => {
    if (spans.length === 0) return spans;
    const ends = findEnds(program, dfa, view, spans.at(-1)?.start ?? 0);
    let last = Number.NEGATIVE_INFINITY;
    let i = 0;
    return spans.filter(({ start }) => {
      for (; (ends[i] ?? start + 1) <= start; i++) last = ends[i] ?? last;
      return start - last <= CONTEXT_WINDOW_CHARACTERS;
    });
  };
}

/** Where words end, up to a place, ascending. */
function findEnds({ alphabet }: Program, dfa: LazyDfa, view: string, until: number): number[] {
  const ends: number[] = [];
  let state = dfa.begin(BEFORE_NOTHING);
  // A match is seen when the character behind it is read.
  for (let at = 0; at <= until && at < view.length; at++) {
    state = dfa.step(state, alphabet.basic[view.charCodeAt(at)] as number);
    if (state >= 0) continue;
    state = -state;
    ends.push(at);
  }
  return ends;
}

/** A word as a pattern: in any case, and not inside of another word. */
function wordNode(word: string): PatternNode {
  const sets = [...word].flatMap((character): CharSet[] => {
    const unit = plainOf(character.codePointAt(0) ?? 0);
    if (unit < 0) return [];
    return [unit === 0x20 ? SPACE : foldCase([unit, unit])];
  });
  const boundary: PatternNode = { kind: 'assert', assertion: 'word' };
  const isWord = (set: CharSet | undefined): boolean => set !== undefined && contains(WORD, set[0] ?? 0);
  return {
    kind: 'concat',
    nodes: [
      ...(isWord(sets[0]) ? [boundary] : []),
      ...sets.map((set): PatternNode => ({ kind: 'set', set })),
      ...(isWord(sets.at(-1)) ? [boundary] : []),
    ],
  };
}
