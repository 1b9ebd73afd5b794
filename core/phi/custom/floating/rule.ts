import type { PatternNode } from '#core/pattern/node.ts';
import type { Located } from '../../engine/rule/rule.ts';
import type { EntityName } from '../../entities.ts';

/**
 * Finds the values that begin in a stretch of a view.
 *
 * @param view the text that may be looked at: some before the stretch, and one character after its end.
 * @param from where the stretch begins; nothing before it may become part of a value.
 * @param limit values begin before this place.
 * @param end where values end at the latest.
 * @param textStart where the text itself begins: before the view, in it, or behind a label in it.
 */
export type Locate = (
  view: string,
  from: number,
  limit: number,
  end: number,
  textStart: number,
) => readonly Located[];

/** A pattern that may begin anywhere: what the automaton watches for, and what finds the exact place. */
export interface FloatingRule {
  /** What it may find. */
  readonly entities: readonly EntityName[];
  readonly context: PatternNode;
  readonly watched: PatternNode;
  readonly locate: Locate;
}
