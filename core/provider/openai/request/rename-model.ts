import type { JsonEdit } from '../edit.ts';
import { formatForm } from '../form/format.ts';
import { editRequest, type Outgoing, type QueryEdit } from './outgoing.ts';
import type { ModelRequest } from './request.ts';
import type { Target } from './target.ts';

/** A request as it goes to a provider. */
export interface Sendable extends Outgoing {
  readonly contentType: string;
}

/**
 * A request with what policy changes in it and, where the provider knows its model by another name, with that name: in path,
 * query, body or form, wherever it was read. Every other byte of a JSON body is as it came.
 *
 * @param name undefined to leave the model as the caller calls it
 */
export function prepareRequest(
  target: Target,
  { outgoing, parts }: Pick<ModelRequest, 'outgoing' | 'parts'>,
  edits: readonly (JsonEdit | QueryEdit)[],
  name: string | undefined,
): Sendable {
  const { contentType, body } = outgoing;
  if (name === undefined) return { ...editRequest(target.path, body, edits), contentType };
  if (namesModelInPath(target)) {
    return { ...editRequest(renamePath(target, name), body, edits), contentType };
  }
  if (parts === undefined)
    return { ...editRequest(target.path, body, [...edits, renaming(name)]), contentType };
  const bytes = new TextEncoder().encode(name);
  const renamed = parts.map((part) => (part.name === 'model' ? { ...part, bytes } : part));
  return { path: target.path, ...formatForm(renamed) };
}

/** The change of a body that gives its model another name. */
export function renaming(name: string): JsonEdit {
  return { path: ['model'], value: name };
}

/** Path and query for a provider that knows the model in them by this name. */
export function renamePath({ route, path }: Target, name: string): string {
  const [bare = '', query] = path.split('?');
  const sent = encodeURIComponent(name);
  const renamed = route.path.endsWith('/{model}') ? bare.replace(/[^/]*$/, sent) : bare;
  if (query === undefined) return renamed;
  return `${renamed}?${query.replace(/(^|&)model=[^&]*/, (_, before: string) => `${before}model=${sent}`)}`;
}

function namesModelInPath({ params, query }: Target): boolean {
  return params['model'] !== undefined || query.has('model');
}
