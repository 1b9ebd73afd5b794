import type { BuiltInEntity } from '../entities.ts';
import { CLASSES } from './classes.ts';

/** Below the score of every rule, so that what is added never cuts an identifier of a policy. */
const SCORE = 0.3;

/** The rule under which the model adds identifiers, for each of its classes but the first. */
export const ADDED_RULES: readonly {
  readonly entity: BuiltInEntity;
  readonly name: string;
  readonly score: number;
}[] = CLASSES.filter((entity) => entity !== undefined).map((entity) => ({
  entity,
  name: `model.${entity.toLowerCase().replaceAll('_', '-')}`,
  score: SCORE,
}));
