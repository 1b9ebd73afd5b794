import { usageFailure } from '../failure.ts';

const SERVER_MAX_PAGE_SIZE = 1_000;
const DEFAULT_LIMIT = 100;

/** `--limit`, `--all` and `--page-token` of the list commands. */
export interface PageOptions {
  readonly limit?: string;
  readonly all?: boolean;
  readonly pageToken?: string;
}

interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string;
}

/** Reads pages until the limit (100 unless told) or the end; the token of what is left is empty at the end. */
export async function readPages<T>(
  options: PageOptions,
  fetchPage: (page: { pageSize: number; pageToken: string }) => Promise<Page<T>>,
): Promise<{ items: T[]; nextPageToken: string }> {
  const limit = options.all === true ? Number.POSITIVE_INFINITY : parseLimit(options.limit);
  const items: T[] = [];
  let pageToken = options.pageToken ?? '';
  do {
    const pageSize = Math.min(limit - items.length, SERVER_MAX_PAGE_SIZE);
    const page = await fetchPage({ pageSize, pageToken });
    items.push(...page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== '' && items.length < limit);
  return { items, nextPageToken: pageToken };
}

/** `--limit` as typed; `byDefault` where it was not. Throws a usage failure. */
export function parseLimit(limit: string | undefined, byDefault = DEFAULT_LIMIT): number {
  if (limit === undefined) return byDefault;
  const parsed = Number(limit);
  if (!Number.isSafeInteger(parsed) || parsed < 1) {
    throw usageFailure(`--limit ${limit} is not a whole number above 0`, 'use --all for everything');
  }
  return parsed;
}
