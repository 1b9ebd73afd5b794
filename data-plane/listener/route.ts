import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { GatewayError } from '#core/provider/openai/error.ts';

/** Methods and paths that can stand in a record as they are: no room for anything but a route. */
const PLAIN_ROUTE = /^[A-Z]{3,10} \/[a-z0-9_/-]{0,100}$/;

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

/** How a request's route is named in a record: the route's id, or a plain method and path, never free text. */
export function describeRoute(method: string, target: string): string {
  const path = target.split('?', 1)[0] ?? '';
  const route = findRoute(method, path);
  if (route !== undefined) return route.id;
  const plain = `${method} ${path}`;
  return PLAIN_ROUTE.test(plain)
    ? plain
    : `${/^[A-Z]{3,10}$/.test(method) ? method : '?'} (unprintable path)`;
}
