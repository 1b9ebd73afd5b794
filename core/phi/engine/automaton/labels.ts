import { CONTEXT_CHARACTERS } from '../rule/rule.ts';
import { type Automaton, STOPPED } from './automaton.ts';

/** In front of the text. */
const NOWHERE = -1;

/**
 * The rules whose labels stand before a place, as a set of rules: what stands behind `from` was read already by this automaton,
 * with this state.
 */
export function labelsFrom(
  before: Automaton,
  text: string,
  place: number,
  from: number,
  state: number,
): number {
  const until = Math.max(NOWHERE, place - 1 - CONTEXT_CHARACTERS);
  let accepted = before.read(text, from, until, -1, state);
  if (accepted !== STOPPED) return accepted;
  // The start of a text counts as the start of a line.
  if (until === NOWHERE) accepted = before.read('\n', 0, 1, 1, before.state);
  return accepted === STOPPED ? before.acceptedAtEnd(before.state) : accepted;
}
