import { matchRoute, type Route } from '../catalogue.ts';
import type { OpaqueContent } from '../content/opaque.ts';
import { JsonError, parseJson } from '../json.ts';
import { NOTHING_ASKED, type ParameterReadings, readParameters } from '../parameters/read.ts';
import { findMisspelt } from '../request/plain-names.ts';
import { type PromptText, readTexts } from '../request/read-texts.ts';
import { readTools } from '../request/read-tools.ts';
import { RequestError } from '../request/request-error.ts';
import { findTokens } from '../request/tokens.ts';
import { findSecrets } from '../secrets.ts';
import type { Steps } from '../steps.ts';

/** One request of a batch. */
export interface BatchLine {
  /** From 1, as it stands in the file; 0 for the route that a whole batch is for. */
  readonly number: number;
  /** Of its body: `file[3].body`. */
  readonly place: string;
  readonly route: Route;
  /** Empty when it names none. */
  readonly model: string;
  readonly tools: readonly string[];
  readonly texts: readonly PromptText[];
  /** What it asks of the provider, by parameter. */
  readonly parameters: ParameterReadings;
  /** It brings credentials of tools, which no file may keep. */
  readonly hasSecrets: boolean;
  /** What in it cannot be read. */
  readonly opaque: readonly OpaqueContent[];
  /** Its body, parsed. */
  readonly request: Readonly<Record<string, unknown>>;
}

/** A file of requests, read. */
export interface BatchFile {
  readonly lines: readonly BatchLine[];
  /** The same file for the provider: a line feed ends a line, and nothing else does. */
  readonly text: string;
}

/** As many as the API takes in one file. */
const MAX_LINES = 50_000;
/** That are read in one step. */
const STEP_LINES = 100;
const MEMBERS = new Set(['custom_id', 'method', 'url', 'body']);
/** What some readers of lines take for the end of one. Within JSON a carriage return is space, the others stand in strings. */
const OTHER_LINE_ENDS = /[\r\u2028\u2029\u0085]/g;

/**
 * Reads the input file of a batch: JSON Lines, each `{"custom_id", "method", "url", "body"}`.
 *
 * @param place of the file, for its texts
 * @throws RequestError, which names the line, for one that is not such an object or names a route that takes no requests
 *   in batches here
 */
export function* readBatch(text: string, place: string): Steps<BatchFile> {
  const sources = text.split('\n', MAX_LINES + 2);
  if (sources.length > MAX_LINES + 1) throw new RequestError(`The batch has over ${MAX_LINES} lines.`, place);
  const lines: BatchLine[] = [];
  const rewritten: string[] = [];
  for (const [index, source] of sources.entries()) {
    if (index % STEP_LINES === STEP_LINES - 1) yield;
    const line = source.replace(OTHER_LINE_ENDS, escapeLineEnd).trim();
    if (line !== '') lines.push(readLine(line, index + 1, `${place}[${index + 1}]`));
    rewritten.push(line);
  }
  if (lines.length === 0) throw new RequestError('The batch holds no request.', place);
  return { lines, text: rewritten.join('\n') };
}

/**
 * The request for later that a JSON body announces, as one without text: the route that a batch is for (`endpoint`).
 *
 * @throws RequestError for a route that is not served in batches, and for a batch that comes in pieces, which cannot be read
 */
export function readEndpoint({ requests }: Route, body: Readonly<Record<string, unknown>>): BatchLine[] {
  if (requests === 'not in pieces' && body['purpose'] === 'batch') {
    throw new RequestError(
      'The requests of a batch cannot be read in pieces: send the file whole.',
      'purpose',
    );
  }
  if (requests !== 'endpoint') return [];
  const { endpoint } = body;
  const route = findLineRoute('POST', endpoint);
  if (route === undefined)
    throw new RequestError('"endpoint" is no route that is served in batches.', 'endpoint');
  return [
    {
      number: 0,
      place: '',
      route,
      model: '',
      tools: [],
      texts: [],
      opaque: [],
      request: {},
      parameters: NOTHING_ASKED,
      hasSecrets: false,
    },
  ];
}

function findLineRoute(method: unknown, url: unknown): Route | undefined {
  if (typeof url !== 'string' || !url.startsWith('/v1/')) return undefined;
  const route = matchRoute(String(method), url)?.route;
  return route !== undefined && mayStandInBatch(route) ? route : undefined;
}

function escapeLineEnd(mark: string): string {
  return mark === '\r' ? ' ' : `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function readLine(line: string, number: number, place: string): BatchLine {
  const refuse = (fault: string) => new RequestError(`Line ${number} of the batch ${fault}.`, place);
  const value = parseLine(line, refuse);
  const { custom_id: id, method, url, body } = value;
  if (Object.keys(value).some((key) => !MEMBERS.has(key))) {
    throw refuse(`has more than ${[...MEMBERS].join(', ')}`);
  }
  if (typeof id !== 'string') throw refuse('has no custom_id');
  if (!isObject(body)) throw refuse('has no body');
  const route = findLineRoute(method, url);
  if (route === undefined) throw refuse('names a route that is not served in batches');
  if (body['stream'] !== undefined && body['stream'] !== false) throw refuse('asks for a stream');
  const misspelt = findMisspelt(body);
  if (misspelt !== undefined) throw refuse(`is not accepted: ${misspelt.fault}`);
  if (findTokens(body) !== undefined) throw refuse('holds tokens: send the text itself');
  const { model = '' } = body;
  if (typeof model !== 'string') throw refuse('names a model that is no text');
  const opaque: OpaqueContent[] = [];
  const found = readTexts({ custom_id: id, body }, (content) => {
    opaque.push({ ...content, place: `${place}.${content.place}` });
  });
  const texts = found.map((read) => ({ ...read, place: `${place}.${read.place}` }));
  const parameters = readParameters(route, route.path, body, model);
  const hasSecrets = findSecrets(body).length > 0;
  return {
    number,
    place: `${place}.body`,
    route,
    model,
    tools: readTools(body),
    texts,
    opaque,
    request: body,
    parameters,
    hasSecrets,
  };
}

/** True for routes that ask a model: what is stored is neither read nor changed by a batch. */
function mayStandInBatch({ method, form, texts, storage }: Route): boolean {
  const asks = storage === 'nothing' || storage === 'by default' || storage === 'on request';
  return method === 'POST' && form !== 'always' && texts.length > 0 && asks;
}

function parseLine(line: string, refuse: (fault: string) => RequestError): Record<string, unknown> {
  try {
    const value = parseJson(line);
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw refuse(`is not accepted: ${error.fault}`);
  }
  throw refuse('is not a JSON object');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
