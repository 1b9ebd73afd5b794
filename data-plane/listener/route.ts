import { METHODS } from 'node:http';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { GatewayError } from '#core/provider/openai/error.ts';

/** What the provider's API has beside the catalogue. */
const RESOURCES = new Set(
  (
    'assistants audio batches chat completions containers conversations embeddings evals files fine_tuning images ' +
    'models moderations organization realtime responses threads traces uploads vector_stores videos'
  ).split(' '),
);
const RESOURCE_PATH = /^((?:\/v1)?\/([a-z_]{1,20}))(\/.*)?$/;

/**
 * The catalogue's route of a request, or a refusal: what the catalogue does not know does not go through.
 * A query is refused as well, because none of the routes has one and an unread one would carry text.
 */
export function admitRoute(method: string, target: string): Route {
  const queryAt = target.indexOf('?');
  const path = queryAt < 0 ? target : target.slice(0, queryAt);
  const route = findRoute(method, path);
  if (route === undefined) {
    throw new GatewayError(
      'route_not_allowed',
      'This route is not open here. Sworn serves POST /responses, POST /chat/completions and GET /models.',
    );
  }
  if (queryAt >= 0 && target.length > queryAt + 1) {
    throw new GatewayError('invalid_request', `${route.path} takes no query parameters.`, { param: 'query' });
  }
  return route;
}

/**
 * How a request's route is named in a record: the route's id, or the method and the resource that it is about. A path
 * is the caller's text, and could name a patient; the whole of it is in the payload.
 */
export function describeRoute(method: string, target: string): string {
  const path = target.split('?', 1)[0] ?? '';
  const route = findRoute(method, path);
  if (route !== undefined) return route.id;
  const [, start = '', resource = '', rest = ''] = RESOURCE_PATH.exec(path) ?? [];
  const known = RESOURCES.has(resource) ? `${start}${rest === '' ? '' : '/...'}` : '(unknown path)';
  return `${METHODS.includes(method) ? method : '?'} ${known}`;
}
