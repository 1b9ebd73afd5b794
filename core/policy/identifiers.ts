import { PatternError } from '#core/pattern/error.ts';
import { type CompiledIdentifier, compileIdentifier, DEFAULT_SCORE } from '#core/phi/custom/identifier.ts';
import { type CustomEntity, customEntity } from '#core/phi/entities.ts';
import type { PolicySpec } from '#proto/sworn/policy/v1/policy_pb.ts';
import type { RawFault } from './fault.ts';

/** How many names all policies together may define: records and approvals count findings by name. */
const MAX_ENTITIES = 100;
/** How many states the automata of all identifiers may have together. */
const MAX_STATES = 20_000;

/**
 * Collects the identifiers of all policies. Several policies may define one name: what any of their patterns matches is
 * a finding of it. What two of them say alike is kept once.
 */
export class Identifiers {
  readonly list: CompiledIdentifier[] = [];
  readonly entities = new Set<CustomEntity>();
  readonly #known = new Set<string>();

  /** Compiles those of a policy; `report` is told of each that is not accepted. */
  add(policy: string, { identifiers }: PolicySpec, report: (fault: RawFault) => void): void {
    for (const [name, { pattern, context, score = DEFAULT_SCORE }] of Object.entries(identifiers)) {
      const entity = customEntity(name);
      const path = `spec.identifiers.${name}.pattern`;
      // A wrong name, and no pattern at all, are reported with the other fields.
      if (entity === undefined || pattern === '') continue;
      const rule = `${policy.replace(/^policies\//, '')}.${name}`;
      try {
        const compiled = compileIdentifier({ entity, rule, pattern, context, score });
        const key = JSON.stringify([name, pattern, context, score]);
        if (!this.#known.has(key)) this.list.push(compiled);
        this.#known.add(key);
        this.entities.add(entity);
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
        report({ path, offset: error.position, message: error.reason });
      }
    }
  }

  /** What makes them too many together; undefined when they are not. */
  findExcess(): string | undefined {
    if (this.entities.size > MAX_ENTITIES) {
      return `the policies together define more than ${MAX_ENTITIES} identifiers`;
    }
    const states = this.list.reduce((sum, identifier) => sum + identifier.states, 0);
    return states > MAX_STATES
      ? `the identifiers of all policies together need more than ${MAX_STATES} states`
      : undefined;
  }
}
