import type { EntityName } from '../entities.ts';
import type { Finding } from '../finding.ts';
import { CLASSES } from './classes.ts';

/** A finding of a rule that is so sure is not judged. */
const SURE_SCORE = 0.85;
/** Neither is one that is longer: it was cut, or is no word. */
const MAX_JUDGED_CHARACTERS = 80;
/** Kinds that the form of a value does not tell. */
const JUDGED: ReadonlySet<EntityName> = new Set(CLASSES.filter((entity) => entity !== undefined));
/** Kinds that are made of words. */
export const NAMES: ReadonlySet<EntityName> = new Set(['PERSON', 'ORGANIZATION', 'CITY']);

/** Whether its rule needs nobody to judge it. */
export function isSure({ score }: Finding): boolean {
  return score >= SURE_SCORE;
}

/** Whether the model says if it is one. */
export function isJudged(found: Finding): boolean {
  return !isSure(found) && JUDGED.has(found.entity) && found.end - found.start <= MAX_JUDGED_CHARACTERS;
}

/** Whether it may go on behind what a rule knows of it. A date that did would not be read as one any more. */
export function grows({ entity }: Finding): boolean {
  return JUDGED.has(entity) && entity !== 'DATE';
}
