import type { EntityName } from '#core/phi/entities.ts';
import type { FindingCounts } from '#core/phi/mask.ts';

/** How many there are of each entity. */
export function countEntities(entries: readonly { readonly entity: EntityName }[]): FindingCounts {
  const counts: FindingCounts = {};
  for (const { entity } of entries) counts[entity] = (counts[entity] ?? 0) + 1;
  return counts;
}
