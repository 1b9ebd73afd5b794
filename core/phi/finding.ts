import type { BuiltInEntity, CustomEntity, EntityName } from './entities.ts';

/** A span of a text that a rule takes for an identifier; never the value itself. */
export interface Finding {
  readonly entity: EntityName;
  /** UTF-16 offsets into the text, the end exclusive. */
  readonly start: number;
  readonly end: number;
  /** How sure the rule is, 0 to 1. */
  readonly score: number;
  readonly rule: string;
}

/** How many findings of each entity; an entity without any has no entry. */
export type FindingCounts = Partial<Record<BuiltInEntity, number>> & Record<CustomEntity, number>;

/** Adds counts to others. */
export function addCounts(into: FindingCounts, from: FindingCounts): void {
  for (const [entity, count] of Object.entries(from) as [keyof FindingCounts, number][]) {
    into[entity] = (into[entity] ?? 0) + count;
  }
}
