import { BATCHES } from './routes/batches.ts';
import { CHAT } from './routes/chat.ts';
import { CONTAINERS } from './routes/containers.ts';
import { CONVERSATIONS } from './routes/conversations.ts';
import { FILES } from './routes/files.ts';
import { MEDIA } from './routes/media.ts';
import { MODELS } from './routes/models.ts';
import { REALTIME } from './routes/realtime.ts';
import { REFUSALS } from './routes/refused.ts';
import { RESPONSES } from './routes/responses.ts';
import type { Refusal, Route } from './routes/route.ts';
import { TRACES } from './routes/traces.ts';
import { VECTOR_STORES } from './routes/vector-stores.ts';

export type { Refusal, Route };
export { REFUSALS };

/**
 * Every route that Sworn serves: the one description of the API that matching, reading, masking, policy, the words of
 * refusals and docs/openai.md go by. What is not here is refused.
 */
export const ROUTES: readonly Route[] = [
  ...RESPONSES,
  ...CHAT,
  ...CONVERSATIONS,
  ...MODELS,
  ...FILES,
  ...VECTOR_STORES,
  ...BATCHES,
  ...CONTAINERS,
  ...MEDIA,
  ...REALTIME,
  ...TRACES,
];

/** The parts of a path that the caller fills in, by name: `response_id`. */
export type PathParams = Readonly<Record<string, string>>;

export interface RouteMatch {
  readonly route: Route;
  readonly params: PathParams;
}

/** Ids as providers make them. No dot, slash or percent sign: an id can be no step in a path. */
const ID = '[A-Za-z0-9_-]{1,128}';
/** `gpt-4o-2024-08-06`, `ft:gpt-4o:org::id`; never `.` or `..`. */
const MODEL = '[A-Za-z0-9][A-Za-z0-9._:-]{0,127}';
const ID_SHAPE = new RegExp(`^${ID}$`);
const MODEL_SHAPE = new RegExp(`^${MODEL}$`);

interface Pattern {
  readonly route: Route;
  readonly names: readonly string[];
  readonly shape: RegExp;
}

const PARAMETER = /\{([a-z_]+)\}/g;
const hasParameter = ({ path }: Route) => path.includes('{');
const BY_LINE = new Map(
  ROUTES.filter((route) => !hasParameter(route)).map((route) => [
    lineOf(route.transport, route.method, route.path),
    route,
  ]),
);
const PATTERNS: readonly Pattern[] = ROUTES.filter(hasParameter).map((route) => ({
  route,
  names: Array.from(route.path.matchAll(PARAMETER), ([, name = '']) => name),
  shape: new RegExp(`^${route.path.replace(PARAMETER, (_, name) => `(${name === 'model' ? MODEL : ID})`)}$`),
}));
/** `/responses/compact` is no response, whatever the method. */
const LITERALS = new Set([...ROUTES, ...REFUSALS].map(({ path }) => path));

/**
 * The route of a request line, or undefined when Sworn does not know it (the caller refuses it then).
 *
 * `path` is without the query, with or without `/v1`. The match is exact, byte for byte, and nothing is decoded: a
 * trailing slash, a doubled slash, an encoded letter or another case is another path, so that no upstream that is more
 * lenient can be reached by a spelling that was not judged.
 *
 * `transport` is that of an upgrade; without one the request is plain HTTP.
 */
export function matchRoute(
  method: string,
  path: string,
  transport?: Route['transport'],
): RouteMatch | undefined {
  const bare = withoutVersion(path);
  const literal = BY_LINE.get(lineOf(transport, method, bare));
  if (literal !== undefined) return { route: literal, params: {} };
  if (LITERALS.has(bare) || transport !== undefined) return undefined;
  for (const { route, names, shape } of PATTERNS) {
    const match = route.method === method ? shape.exec(bare) : null;
    if (match === null) continue;
    return { route, params: Object.fromEntries(names.map((name, index) => [name, match[index + 1] ?? ''])) };
  }
  return undefined;
}

/** As matchRoute, the route alone. */
export function findRoute(method: string, path: string, transport?: Route['transport']): Route | undefined {
  return matchRoute(method, path, transport)?.route;
}

/** What the catalogue says of a path that is no route; undefined when it says nothing. */
export function findRefusal(method: string, path: string): Refusal | undefined {
  const bare = withoutVersion(path);
  // The first that fits: `/realtime/sessions` stands before `/realtime`.
  return REFUSALS.find((refusal) => {
    if (refusal.method !== undefined && refusal.method !== method) return false;
    return bare === refusal.path || (!refusal.alone && bare.startsWith(`${refusal.path}/`));
  });
}

/**
 * True for routes that reach what the provider keeps under Sworn's key, whoever put it there, or that keep something there:
 * a policy allows them only when it names them.
 */
export function mustBeNamed({ storage }: Route): boolean {
  return storage === 'always' || storage === 'reads' || storage === 'changes' || storage === 'deletes';
}

/** True for what may stand for an id in a path or query. */
export function isIdParameter(value: string): boolean {
  return ID_SHAPE.test(value);
}

/** True for what may stand for a model in a path or query. */
export function isModelParameter(value: string): boolean {
  return MODEL_SHAPE.test(value);
}

function lineOf(transport: Route['transport'], method: string, path: string): string {
  return `${transport ?? 'http'} ${method} ${path}`;
}

function withoutVersion(path: string): string {
  return path.startsWith('/v1/') ? path.slice('/v1'.length) : path;
}
