import type { Route } from '../catalogue.ts';
import type { JsonPath } from '../edit.ts';
import { readToolKinds } from '../request/read-tools.ts';
import { PARAMETERS, type Parameter, type ParameterValue } from './catalogue.ts';
import { readStored } from './read-stored.ts';

type Json = Readonly<Record<string, unknown>>;

/** Where a value of a parameter stands: in the body, or as a part of the query. */
export type ParameterPlace =
  | { readonly path: JsonPath; readonly value: unknown }
  | { readonly query: string; readonly value: unknown };

/** What a request says of one parameter. */
export interface ParameterReading {
  /** What it is, or is taken for; empty when it is absent and the route has no such parameter. */
  readonly values: readonly ParameterValue[];
  /** Something stands there that is no value of the parameter. */
  readonly malformed: boolean;
  /** A member is called like it but for upper and lower case: some servers take it for the parameter. */
  readonly misspelt: boolean;
  readonly places: readonly ParameterPlace[];
  /** As which member of the body it can be put in; undefined where the route does not take it. */
  readonly adds: string | undefined;
}

/** What a request says of every parameter, by name. */
export type ParameterReadings = ReadonlyMap<string, ParameterReading>;

/** Of what brings no request of its own: nothing is asked, and nothing can be put in. */
export const NOTHING_ASKED: ParameterReadings = new Map(
  PARAMETERS.map(({ name }) => [
    name,
    { values: [], malformed: false, misspelt: false, places: [], adds: undefined },
  ]),
);

/** What is common to all parameters of one request. */
interface Source {
  readonly members: Json;
  readonly includes: readonly ParameterPlace[];
  readonly model: string;
  /** Ids of what is kept at the provider. */
  readonly stored: readonly string[];
  /** Where `prompt` and `background` are what the Responses API takes them for; elsewhere there are others of that name. */
  readonly isResponses: boolean;
}

/** What `include` asks for the tokens of an answer with. */
export const LOGPROBS_INCLUDE = 'message.output_text.logprobs';
const INCLUDE_QUERY = 'include[]';
/** The members of which a parameter is made, where its name is not its only member. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  max_output_tokens: ['max_output_tokens', 'max_completion_tokens', 'max_tokens'],
  n: ['n', 'best_of'],
};

/**
 * Reads the parameters of a request.
 *
 * @param path path and query for the provider
 * @param members the body; empty without one
 * @param model as it was read from path, query or body
 */
export function readParameters(route: Route, path: string, members: Json, model: string): ParameterReadings {
  const isResponses = route.id.startsWith('responses.');
  const source = { members, includes: readIncludes(path), model, stored: readStored(members), isResponses };
  const folded = foldedNames(members);
  const readings = new Map(absentReadings(route));
  for (const parameter of PARAMETERS) {
    const names = membersOf(parameter.name);
    const misspelt = names.some((name) => folded.has(name));
    // Most requests have few of them.
    if (misspelt || isSaid(parameter, names, source)) {
      readings.set(parameter.name, complete(parameter, route, readParameter(parameter, source), misspelt));
    }
  }
  return readings;
}

/** Whether a request asks for one answer, and not for several to choose from. */
export function asksForOne(readings: ParameterReadings): boolean {
  const { values = [], malformed = true, misspelt = true } = readings.get('n') ?? {};
  return !malformed && !misspelt && values.every((value) => value === 1);
}

function isSaid(
  { name }: Parameter,
  names: readonly string[],
  { members, includes, model, stored }: Source,
): boolean {
  if (name === 'model') return model !== '';
  if (name === 'files') return stored.length > 0;
  return includes.length > 0 || names.some((member) => Object.hasOwn(members, member));
}

const ABSENT_BY_ROUTE = new WeakMap<Route, ParameterReadings>();

/** The readings of a request that says nothing. */
function absentReadings(route: Route): ParameterReadings {
  const known = ABSENT_BY_ROUTE.get(route);
  if (known !== undefined) return known;
  const readings = new Map(
    PARAMETERS.map((parameter) => [parameter.name, complete(parameter, route, ABSENT, false)]),
  );
  ABSENT_BY_ROUTE.set(route, readings);
  return readings;
}

/** A reading with what the route makes of an absent one. */
function complete(parameter: Parameter, route: Route, reading: Reading, misspelt: boolean): ParameterReading {
  const absent = parameter.absent?.[route.id];
  const isAbsent = reading.values.length === 0 && absent !== undefined;
  return {
    ...reading,
    values: isAbsent ? [absent] : reading.values,
    adds: parameter.adds?.[route.id],
    misspelt,
  };
}

const ABSENT: Reading = { values: [], malformed: false, places: [] };

function readParameter({ name, kind }: Parameter, source: Source): Reading {
  const { members, includes, model, stored, isResponses } = source;
  switch (name) {
    case 'background':
      // A picture has a background too.
      return isResponses || typeof members[name] === 'boolean' ? readMembers(members, [name], kind) : ABSENT;
    case 'conversation':
      return readReference(members, name);
    case 'prompt':
      // Of a completion or a picture it is the text.
      return isResponses || isObject(members[name]) ? readReference(members, name) : ABSENT;
    case 'prompt_variables':
      return isObject(members['prompt']) ? readKeys(members, ['prompt', 'variables']) : ABSENT;
    case 'metadata':
    case 'prompt_cache_options':
      return readKeys(members, [name]);
    case 'include':
      return readList(members, name, includes);
    case 'tools': {
      const values = readToolKinds(members);
      return { values, malformed: false, places: [] };
    }
    case 'files':
      return { values: stored, malformed: false, places: [] };
    case 'previous_response_id':
      return readPrevious(members);
    case 'model':
      return { values: model === '' ? [] : [model], malformed: false, places: [] };
    case 'logprobs':
      return readLogprobs(members, includes);
    default:
      return readMembers(members, membersOf(name), kind);
  }
}

type Reading = Pick<ParameterReading, 'values' | 'malformed' | 'places'>;

/** Plain values, each a member of the body. `null` is as good as absent. */
function readMembers(members: Json, names: readonly string[], kind: Parameter['kind']): Reading {
  const places = names
    .filter((name) => Object.hasOwn(members, name))
    .map((name) => ({ path: [name], value: members[name] }));
  const given = places.map(({ value }) => value).filter((value) => value !== null);
  const values = given.filter((value): value is ParameterValue => isOfKind(value, kind));
  return { values, malformed: values.length < given.length, places };
}

function isOfKind(value: unknown, kind: Parameter['kind']): boolean {
  // A count of 0 or less is no count: some servers take it for no limit at all.
  if (kind === 'number') return Number.isInteger(value) && Number(value) >= 1;
  return typeof value === (kind === 'boolean' ? 'boolean' : 'string');
}

/** A response to go on from, and items that are taken in by their ids: one that has no type is such a reference too. */
function readPrevious(members: Json): Reading {
  const reading = readMembers(members, ['previous_response_id'], 'text');
  const references = ['input', 'items'].flatMap((name) => {
    const items: readonly unknown[] = Array.isArray(members[name]) ? members[name] : [];
    return items.flatMap((item, index) =>
      isObject(item) && isReference(item) ? [{ path: [name, index, 'id'], value: item['id'] }] : [],
    );
  });
  const ids = references.map(({ value }) => value).filter((id) => typeof id === 'string');
  const isMalformed = ids.length < references.length;
  return {
    values: [...reading.values, ...ids],
    malformed: reading.malformed || isMalformed,
    places: [...reading.places, ...references],
  };
}

function isReference({ type, role, id }: Json): boolean {
  return type === 'item_reference' || ((type ?? null) === null && role === undefined && id !== undefined);
}

/** An id, or an object that has it. */
function readReference(members: Json, name: string): Reading {
  const value = members[name];
  if (value === undefined || value === null) return ABSENT;
  const id = isObject(value) ? value['id'] : value;
  const isId = typeof id === 'string';
  return {
    values: isId ? [id] : [],
    malformed: !isId,
    places: [{ path: isObject(value) ? [name, 'id'] : [name], value: isId ? id : '' }],
  };
}

function readKeys(members: Json, path: readonly string[]): Reading {
  let value: unknown = members;
  for (const step of path) {
    if (value === undefined || value === null) break;
    if (!isObject(value)) return { values: [], malformed: true, places: [] };
    value = Object.hasOwn(value, step) ? value[step] : undefined;
  }
  if (value === undefined || value === null) return ABSENT;
  if (!isObject(value)) return { values: [], malformed: true, places: [] };
  const places = Object.keys(value).map((key) => ({ path: [...path, key], value: key }));
  return { values: Object.keys(value), malformed: false, places };
}

function readList(members: Json, name: string, more: readonly ParameterPlace[]): Reading {
  const value = members[name] ?? [];
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const places = [...items.map((item, index) => ({ path: [name, index], value: item })), ...more];
  const values = places.map((place) => place.value).filter((item) => typeof item === 'string');
  return { values, malformed: !Array.isArray(value) || values.length < places.length, places };
}

/** One answer to three members: the tokens of a text would tell it once more. */
function readLogprobs(members: Json, includes: readonly ParameterPlace[]): Reading {
  const { values, places } = readMembers(members, ['logprobs', 'top_logprobs'], 'boolean');
  const asked = places.filter(({ value }) => value !== null && value !== false);
  const include = readList(members, 'include', includes).places.filter(
    ({ value }) => value === LOGPROBS_INCLUDE,
  );
  if (asked.length + include.length > 0)
    return { values: [true], malformed: false, places: [...asked, ...include] };
  return { values: values.length > 0 ? [false] : [], malformed: false, places: [] };
}

function readIncludes(path: string): ParameterPlace[] {
  const at = path.indexOf('?');
  if (at < 0) return [];
  const found = new URLSearchParams(path.slice(at)).getAll(INCLUDE_QUERY);
  return found.map((value) => ({ query: INCLUDE_QUERY, value }));
}

function membersOf(name: string): readonly string[] {
  if (name === 'logprobs') return ['logprobs', 'top_logprobs', 'include'];
  if (name === 'prompt_variables') return ['prompt'];
  if (name === 'previous_response_id') return ['previous_response_id', 'input', 'items'];
  if (name === 'tools') return ['tools', 'functions', 'web_search_options', 'data_sources', 'input', 'items'];
  return MEMBERS[name] ?? [name];
}

const PLAIN_KEY = /^[a-z0-9_]*$/;

/** What `Store` and `STORE` are to a server that does not tell them from `store`: they are members that it may obey. */
export function foldedNames(members: Json): ReadonlySet<string> {
  const folded = Object.keys(members).flatMap((key) => {
    if (PLAIN_KEY.test(key)) return [];
    const plain = key.normalize('NFKC').toLowerCase();
    return plain === key ? [] : [plain];
  });
  return new Set(folded);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
