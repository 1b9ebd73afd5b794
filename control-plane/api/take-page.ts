import { pageToken } from './paging.ts';

/**
 * Cuts what a list found into the page and the token of the next one.
 * @param found one more than the limit when there is a further page
 * @param scope as for readPage
 * @param keyOf the sort key, after which the next page begins
 */
export function takePage<T>(
  found: readonly T[],
  limit: number,
  scope: string,
  keyOf: (item: T) => string,
): { readonly items: T[]; readonly nextPageToken: string } {
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : undefined;
  return { items, nextPageToken: pageToken(scope, last && keyOf(last)) };
}

/** The key of lists by name. */
export function nameOf({ name }: { readonly name: string }): string {
  return name;
}
