import { STOPPED } from './automaton.ts';
import type { Plan } from './plan.ts';
import { CONTEXT_CHARACTERS } from './rule.ts';

/** In front of the text. */
const NOWHERE = -1;

/** The rules whose labels stand before a place, and whose values may begin with its character, as a set of rules. */
export function labelsBefore(plan: Plan, text: string, place: number): number {
  return labelsFrom(plan, text, place, place - 1, plan.beforeState(plan.sortOf(text.charCodeAt(place))));
}

/** The same when what stands behind `from` was read already, with this state. */
export function labelsFrom(plan: Plan, text: string, place: number, from: number, state: number): number {
  const { before } = plan;
  const until = Math.max(NOWHERE, place - 1 - CONTEXT_CHARACTERS);
  let accepted = before.read(text, from, until, -1, state);
  if (accepted !== STOPPED) return accepted;
  // The start of a text counts as the start of a line.
  if (until === NOWHERE) accepted = before.read('\n', 0, 1, 1, before.state);
  return accepted === STOPPED ? before.acceptedAtEnd(before.state) : accepted;
}
