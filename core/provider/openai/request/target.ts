import { matchRoute, type PathParams, type Route } from '../catalogue.ts';
import { decodeJsonText } from '../json.ts';
import { formatQuery, type QueryPart, readQuery } from './query.ts';
import type { PromptText } from './read-texts.ts';
import { RequestError } from './request-error.ts';
import { isRequestName } from './request-names.ts';

/** What a request line asks for: a route, with all that its caller filled in. */
export interface Target {
  readonly route: Route;
  readonly params: PathParams;
  /** By the name as it stands in the query: `after`, `metadata[ward]`; of `include[]` the last one. */
  readonly query: ReadonlyMap<string, string>;
  /** Path and query for the provider, made anew from the parts that were accepted; never the caller's own bytes. */
  readonly path: string;
  /** The number of the event of a stream after which the caller wants to go on. */
  readonly startingAfter: number | undefined;
}

/**
 * Reads a request line; undefined for a route that the catalogue does not know. `transport` is that of an upgrade.
 *
 * A stream that is to go on after some event is asked for from its beginning: numbers count the events that the caller got,
 * which are not the provider's, and a text that began in its middle could not be masked.
 *
 * @throws RequestError for a query that the route does not take.
 */
export function readTarget(
  method: string,
  target: string,
  transport?: Route['transport'],
): Target | undefined {
  const queryAt = target.indexOf('?');
  const match = matchRoute(method, queryAt < 0 ? target : target.slice(0, queryAt), transport);
  if (match === undefined) return undefined;
  const { route, params } = match;
  const parts = readQuery(route, queryAt < 0 ? '' : target.slice(queryAt + 1));
  const query = new Map(parts.map(({ name, value }) => [name, value]));
  const startingAfter = query.get('starting_after');
  if (startingAfter !== undefined && query.get('stream') !== 'true') {
    throw new RequestError('"starting_after" goes with "stream=true".', 'query');
  }
  return {
    route,
    params,
    query,
    path: formatPath(route, params) + formatQuery(parts.filter(isForProvider)),
    startingAfter: startingAfter === undefined ? undefined : Number(startingAfter),
  };
}

/** The text in path and query: ids that were not drawn by chance, and filters. */
export function readTargetTexts({ route, params, query }: Target): PromptText[] {
  const texts: PromptText[] = [];
  for (const [name, value] of Object.entries(params)) {
    if (isTextual(name, value)) texts.push({ place: `path.${name}`, text: value });
  }
  for (const [name, value] of query) {
    const [, map, key] = /^(\w+)\[(.+)\]$/su.exec(name) ?? [];
    if (map !== undefined)
      texts.push({ place: `query.${map}`, text: `${key}: ${decodeJsonText(value) ?? value}` });
    else if (route.query[name] === 'text' || isTextual(name, value))
      texts.push({ place: `query.${name}`, text: value });
  }
  return texts;
}

/** True for a name or an id that somebody may have put words into. The other parameters are words and numbers. */
function isTextual(name: string, value: string): boolean {
  if (name === 'model') return !isRequestName(name, value, name);
  return (name === 'after' || name === 'before' || name.endsWith('_id')) && !isRequestName('id', value, name);
}

function formatPath(route: Route, params: PathParams): string {
  return route.path.replace(/\{([a-z_]+)\}/g, (_, name) => encodeURIComponent(params[name] ?? ''));
}

function isForProvider({ name }: QueryPart): boolean {
  return name !== 'starting_after';
}
