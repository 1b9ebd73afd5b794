import { ENTITIES, type EntityName } from '../entities.ts';
import { age90Plus } from './age.ts';
import { type Choice, fits, type MaskMethod, type MaskSession } from './choice.ts';
import { hash } from './hash.ts';
import { lastFour } from './last-four.ts';
import { numbered } from './numbered.ts';
import { placeholder } from './placeholder.ts';
import { shifted } from './shift.ts';
import { yearOnly } from './year.ts';
import { zip3 } from './zip3.ts';

/** How each entity is masked. */
export interface MaskPlan {
  readonly default: MaskMethod;
  readonly entities: Partial<Record<EntityName, MaskMethod>>;
}

/** What stands for the findings of a text. */
export interface Replacer {
  /** Whether any entity's choice looks at values: without one nobody needs to keep them. */
  readonly readsValues: boolean;
  /**
   * What stands for a value; `value` is as the detector reads it, and may be empty unless readsValues; `written` is as it stands
   * in the text, where that is another.
   */
  replace(entity: EntityName, value: string, written?: string): string;
  /** What replaces within strings of JSON, where values are written with escapes; absent: the same. */
  readonly inJson?: Replacer;
}

const CHOICES: Readonly<Record<Exclude<MaskMethod, 'placeholder' | 'none'>, Choice>> = {
  'age-90-plus': age90Plus,
  numbered,
  hash,
  year: yearOnly,
  zip3,
  shift: shifted,
  'last-four': lastFour,
};

const ALL_NAMES: readonly EntityName[] = ENTITIES.map(({ name }) => name);

/** The choice that the plan has for an entity. */
export function methodOf(plan: MaskPlan, entity: EntityName): MaskMethod {
  return plan.entities[entity] ?? plan.default;
}

/**
 * A replacer that does what the plan says. Where a choice does not fit its entity, cannot read the value, or needs
 * a session that is not there, the placeholder stands: never the value.
 */
export function createReplacer(plan: MaskPlan, session: MaskSession | undefined): Replacer {
  const names = [...ALL_NAMES, ...(Object.keys(plan.entities) as EntityName[])];
  return {
    readsValues: names.some((name) => choiceOf(plan, name) !== undefined),
    replace: (entity, value) => choiceOf(plan, entity)?.(entity, value, session) ?? placeholder(entity),
  };
}

/** What makes the words that stand for an entity's value, where that takes the value. */
function choiceOf(plan: MaskPlan, entity: EntityName): Choice | undefined {
  const method = methodOf(plan, entity);
  return method === 'placeholder' || method === 'none' || !fits(method, entity) ? undefined : CHOICES[method];
}
