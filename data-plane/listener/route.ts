import { METHODS } from 'node:http';
import { findRefusal, findRoute, REFUSALS, ROUTES, type Route } from '#core/provider/openai/catalogue.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import { RequestError } from '#core/provider/openai/request/request-error.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';

/** What the provider's API has, served or not: the first words of the catalogue's paths. */
const RESOURCES = new Set([...ROUTES, ...REFUSALS].map(({ path }) => path.split('/')[1] ?? ''));
const RESOURCE_PATH = /^((?:\/v1)?\/([a-z_]{1,20}))(\/.*)?$/;

/**
 * What a request line asks for, or a refusal: what the catalogue does not know does not go through. `transport` is that of
 * an upgrade.
 * Throws GatewayError `route_not_allowed` for a part of the API that is not served, `unknown_route` for what is
 * none, as the provider does, and `invalid_request` for a query that the route does not take.
 */
export function admitRoute(method: string, target: string, transport?: Route['transport']): Target {
  try {
    const known = readTarget(method, target, transport);
    if (known !== undefined) return known;
  } catch (cause) {
    if (!(cause instanceof RequestError)) throw cause;
    throw new GatewayError('invalid_request', cause.message, { param: cause.place, cause });
  }
  throw refuseRoute(method, target, transport);
}

function refuseRoute(method: string, target: string, transport: Route['transport']): GatewayError {
  if (transport !== undefined) {
    const message = 'Sworn does not serve WebSocket here; docs/openai.md lists where it does.';
    return new GatewayError('route_not_allowed', message);
  }
  const refusal = findRefusal(method, pathOf(target));
  if (refusal === undefined) {
    const message = 'Sworn does not know this method and path; docs/openai.md lists those that it serves.';
    return new GatewayError('unknown_route', message);
  }
  const words =
    refusal.kind === 'refused' ? 'Sworn refuses this route.' : 'Sworn does not serve this route yet.';
  return new GatewayError('route_not_allowed', `${words} ${refusal.reason}`);
}

/**
 * How a request's route is named in a record: the route's id, or the method and the resource that it is about. A path
 * is the caller's text, and could name a patient; the whole of it is in the payload.
 */
export function describeRoute(method: string, target: string, transport?: Route['transport']): string {
  const path = pathOf(target);
  const route = findRoute(method, path, transport);
  if (route !== undefined) return route.id;
  const [, start = '', resource = '', rest = ''] = RESOURCE_PATH.exec(path) ?? [];
  const known = RESOURCES.has(resource) ? `${start}${rest === '' ? '' : '/...'}` : '(unknown path)';
  return `${METHODS.includes(method) ? method : '?'} ${known}`;
}

function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? '';
}
