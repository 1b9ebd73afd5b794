/** What a list query reads: documents after this key, at most this many. */
export interface Page {
  readonly limit: number;
  /** The sort key of the last document of the page before; undefined on the first page. */
  readonly after: string | undefined;
}

/** Where a page of a list ordered by (time, _id) ended: stable while newer documents come in. */
export interface Position {
  readonly timeMs: number;
  readonly id: string;
}

/** The query for what stands after a position in a list by `field` and `_id`, newest first (-1) or oldest first (1). */
export function beyond(field: string, position: Position | undefined, order: 1 | -1): object {
  if (position === undefined) return {};
  const operator = order === 1 ? '$gt' : '$lt';
  const time = new Date(position.timeMs);
  return {
    // The one bound that an index begins at: without it each page passes all that stand before it.
    [field]: { [`${operator}e`]: time },
    $or: [{ [field]: { [operator]: time } }, { [field]: time, _id: { [operator]: position.id } }],
  };
}
