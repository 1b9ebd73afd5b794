import { type CompiledIdentifier, compileIdentifier, DEFAULT_SCORE } from '#core/phi/custom/identifier.ts';
import { type CustomEntity, customEntity } from '#core/phi/entities.ts';

/** A name, or an error where it can be none. */
function named(name: string): CustomEntity {
  const entity = customEntity(name);
  if (entity === undefined) throw new Error(`${name} can be no identifier's name`);
  return entity;
}

export const STUDY_CODE = named('STUDY_CODE');

/** A definition of an identifier. */
export interface Code {
  readonly name?: string;
  readonly pattern: string;
  readonly context?: readonly string[];
  readonly score?: number;
}

/** Identifiers of a policy `trials`, called STUDY_CODE where they have no name. */
export function codes(...given: readonly Code[]): CompiledIdentifier[] {
  return given.map(({ name = STUDY_CODE, pattern, context = [], score = DEFAULT_SCORE }) =>
    compileIdentifier({ entity: named(name), rule: `trials.${name}`, pattern, context, score }),
  );
}
