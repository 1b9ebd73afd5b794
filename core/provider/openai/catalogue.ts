/** Every route that Sworn knows. What is not here is refused. */
export type RouteId = 'responses.create' | 'chat.completions.create' | 'models.list';

export interface Route {
  readonly id: RouteId;
  readonly method: 'GET' | 'POST';
  /** Without the version prefix: `/responses`. */
  readonly path: string;
  /** The request carries a JSON body. */
  readonly hasBody: boolean;
}

export const ROUTES: readonly Route[] = [
  { id: 'responses.create', method: 'POST', path: '/responses', hasBody: true },
  { id: 'chat.completions.create', method: 'POST', path: '/chat/completions', hasBody: true },
  { id: 'models.list', method: 'GET', path: '/models', hasBody: false },
];

const ROUTES_BY_LINE = new Map(
  ROUTES.flatMap((route) => [
    [`${route.method} ${route.path}`, route],
    [`${route.method} /v1${route.path}`, route],
  ]),
);

/**
 * The route of a request line, or undefined when Sworn does not know it (the caller refuses it then).
 *
 * `path` is without the query, with or without `/v1`. The match is exact, byte for byte: a trailing slash,
 * a doubled slash, an encoded letter or another case is another path, so that no upstream that is more
 * lenient can be reached by a spelling that was not judged.
 */
export function findRoute(method: string, path: string): Route | undefined {
  return ROUTES_BY_LINE.get(`${method} ${path}`);
}
