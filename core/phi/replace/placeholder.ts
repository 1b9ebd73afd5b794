import type { EntityName } from '../entities.ts';

/**
 * What stands in a masked text for a value; safe inside JSON strings, URLs and Markdown.
 * @param detail letters, digits and underscores that follow the entity
 */
export function placeholder(entity: EntityName, detail = ''): string {
  return detail === '' ? `[${entity}]` : `[${entity}_${detail}]`;
}
