import { isIdParameter, isModelParameter, type Route } from '../catalogue.ts';
import type { QueryForm } from '../routes/route.ts';
import { RequestError } from './request-error.ts';

/** What `include[]` may ask for. */
const INCLUDES = new Set([
  'code_interpreter_call.outputs',
  'computer_call_output.output.image_url',
  'file_search_call.results',
  'message.input_image.image_url',
  'message.output_text.logprobs',
  'reasoning.encrypted_content',
  'web_search_call.action.sources',
  'web_search_call.results',
]);

/** Parameters in one query. */
const MAX_PARTS = 50;
/** Characters of a metadata filter, as the API limits them. */
const MAX_MAP_KEY_CHARS = 64;
const MAX_MAP_VALUE_CHARS = 512;

const FORMS: Readonly<Record<Exclude<QueryForm, 'map'>, (value: string) => boolean>> = {
  count: (value) => /^\d{1,4}$/.test(value),
  number: (value) => /^\d{1,9}$/.test(value),
  boolean: (value) => value === 'true' || value === 'false',
  order: (value) => value === 'asc' || value === 'desc',
  id: isIdParameter,
  model: isModelParameter,
  includes: (value) => INCLUDES.has(value),
  word: (value) => /^[a-z][a-z_-]{0,39}$/.test(value),
  text: (value) => value.length <= MAX_MAP_VALUE_CHARS,
  intent: (value) => value === 'transcription',
};

/** A parameter, decoded, as it stands in the query: `include[]`, `metadata[ward]`. */
export interface QueryPart {
  readonly name: string;
  readonly value: string;
}

/**
 * Reads a query by what the route takes.
 *
 * @throws RequestError for a parameter that the route does not take, or that comes twice, and for a value of another form.
 */
export function readQuery(route: Route, text: string): QueryPart[] {
  if (text === '') return [];
  const pieces = text.split('&');
  if (pieces.length > MAX_PARTS) throw new RequestError('The query has too many parameters.', 'query');
  const seen = new Set<string>();
  return pieces.map((piece) => {
    const part = readPart(route, piece);
    const key = part.name.endsWith('[]') ? `${part.name}=${part.value}` : part.name;
    if (seen.has(key)) throw new RequestError('A parameter stands twice in the query.', 'query');
    seen.add(key);
    return part;
  });
}

/** The query as it goes to the provider: written anew, so that it can be read in one way only. */
export function formatQuery(parts: readonly QueryPart[]): string {
  const pieces = parts.map(({ name, value }) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return pieces.length === 0 ? '' : `?${pieces.join('&')}`;
}

function readPart(route: Route, piece: string): QueryPart {
  const equals = piece.indexOf('=');
  const name = decode(equals < 0 ? piece : piece.slice(0, equals));
  const value = decode(equals < 0 ? '' : piece.slice(equals + 1));
  const [, base = '', key] = /^([a-z_]{1,40})(?:\[([^[\]]*)\])?$/u.exec(name) ?? [];
  const form = Object.hasOwn(route.query, base) ? route.query[base] : undefined;
  if (form === undefined || !isName(form, key)) {
    throw new RequestError(`${route.id} does not take this query: ${describeQuery(route)}.`, 'query');
  }
  const fits = form === 'map' ? value.length <= MAX_MAP_VALUE_CHARS : FORMS[form](value);
  if (!fits) throw new RequestError(`"${base}" in the query has a value that is not accepted.`, 'query');
  return { name, value };
}

/** Whether what stands in brackets behind a name (undefined without any) fits the form. */
function isName(form: QueryForm, key: string | undefined): boolean {
  if (form === 'includes') return key === '';
  if (form === 'map') return key !== undefined && key !== '' && key.length <= MAX_MAP_KEY_CHARS;
  return key === undefined;
}

function describeQuery({ query }: Route): string {
  const names = Object.entries(query).map(([name, form]) => nameOf(name, form));
  return names.length === 0 ? 'it takes none' : `it takes ${names.join(', ')}`;
}

/** A parameter's name as it is written in a query. */
export function nameOf(name: string, form: QueryForm): string {
  if (form === 'includes') return `${name}[]`;
  return form === 'map' ? `${name}[key]` : name;
}

function decode(text: string): string {
  if (!/^[\x21-\x7e]*$/.test(text)) throw new RequestError('The query is not ASCII.', 'query');
  try {
    // What clients write for a space. It goes on as %20, which nobody takes for anything else.
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new RequestError('The query is not percent-encoded UTF-8.', 'query');
  }
}
