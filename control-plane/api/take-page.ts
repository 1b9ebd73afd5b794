import { type Page, pageToken } from './paging.ts';

/**
 * Cuts what a list by name found into the page and the token of the next one.
 * @param found one more than the page's limit when there is a further page
 * @param scope as for readPage
 */
export function takePage<T extends { readonly name: string }>(
  found: readonly T[],
  page: Page,
  scope: string,
): { readonly items: T[]; readonly nextPageToken: string } {
  const items = found.slice(0, page.limit);
  const last = found.length > page.limit ? items.at(-1)?.name : undefined;
  return { items, nextPageToken: pageToken(scope, last) };
}
