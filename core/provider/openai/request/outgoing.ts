import { editJson, type JsonEdit } from '../edit.ts';

/** What goes to the provider. */
export interface Outgoing {
  /** Path and query. */
  readonly path: string;
  readonly body: Uint8Array;
}

/** A part of the query that is left out. */
export interface QueryEdit {
  readonly query: string;
  readonly value: string;
}

/**
 * A request with what policy changes in it; every byte else is as it came.
 *
 * @param path for the provider, made anew from its parts (target.ts)
 * @param body that was read without a fault
 */
export function editRequest(
  path: string,
  body: Uint8Array,
  edits: readonly (JsonEdit | QueryEdit)[],
): Outgoing {
  const inBody = edits.filter((edit) => 'path' in edit);
  const inQuery = edits.filter((edit) => 'query' in edit);
  return { path: editQuery(path, inQuery), body: inBody.length === 0 ? body : editBody(body, inBody) };
}

function editBody(body: Uint8Array, edits: readonly JsonEdit[]): Uint8Array {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  return new TextEncoder().encode(editJson(text, edits));
}

function editQuery(path: string, edits: readonly QueryEdit[]): string {
  if (edits.length === 0) return path;
  const out = new Set(
    edits.map(({ query, value }) => `${encodeURIComponent(query)}=${encodeURIComponent(value)}`),
  );
  const [bare = '', query = ''] = path.split('?');
  const kept = query.split('&').filter((part) => !out.has(part));
  return kept.length === 0 ? bare : `${bare}?${kept.join('&')}`;
}
