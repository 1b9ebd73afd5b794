import { type BatchLine, readEndpoint } from '../batch/read.ts';
import { countElsewhere, type Elsewhere } from '../content/elsewhere.ts';
import { MAX_OPAQUE, type OpaqueContent } from '../content/opaque.ts';
import type { JsonEdit } from '../edit.ts';
import type { Outgoing } from '../form/format.ts';
import { type FormPart, isForm, parseForm } from '../form/parse.ts';
import { readForm } from '../form/read.ts';
import { JsonError, parseJson } from '../json.ts';
import { type ParameterReadings, readParameters } from '../parameters/read.ts';
import { findSecrets, secretTexts } from '../secrets.ts';
import { finish, type Steps } from '../steps.ts';
import { type History, readHistory } from './history.ts';
import { requirePlainNames } from './plain-names.ts';
import { type PromptText, readTexts } from './read-texts.ts';
import { readCallIds, readTools } from './read-tools.ts';
import { RequestError } from './request-error.ts';
import { readSchemaKeys } from './schema-keys.ts';
import { readTargetTexts, type Target } from './target.ts';
import { findTokens } from './tokens.ts';
import { readTraces, type TraceFacts } from './traces.ts';

export { type PromptText, RequestError };

/** A JSON body that is larger is read in steps. */
const STEP_BYTES = 1024 * 1024;

/** What Sworn needs to know of a request, read once. The bytes themselves stay as they came. */
export interface ModelRequest {
  /** Empty when neither path, query nor body names one (a stored prompt may carry it). */
  readonly model: string;
  readonly stream: boolean;
  readonly texts: readonly PromptText[];
  /** Names of the functions and custom tools, types of the hosted tools; each once. */
  readonly tools: readonly string[];
  /** Names of properties in the schemas that it gives. */
  readonly schemaKeys: ReadonlySet<string>;
  readonly previousResponseId: string | undefined;
  readonly conversation: string | undefined;
  /** Ids of earlier tool calls that this request brings the outputs of. */
  readonly callIds: readonly string[];
  /** What in it cannot be read, those of its lines left out. */
  readonly opaque: readonly OpaqueContent[];
  /** What the provider fetches for it; absent where it fetches nothing. */
  readonly elsewhere?: Elsewhere;
  /** The requests that it brings for later: the lines of a batch, or the route that a batch is for. Their texts stand in `texts` too. */
  readonly lines: readonly BatchLine[];
  /** The body as it goes to the provider. */
  readonly outgoing: Outgoing;
  /** Of a form: the parts of `outgoing`. */
  readonly parts?: readonly FormPart[];
  /** What it asks of the provider, by parameter. */
  readonly parameters: ParameterReadings;
  /** The member of the body that they stand in, where it is not the body itself. */
  readonly parametersAt?: string;
  /** What of the body must stand in no record and before no reviewer, as edits that take it out. */
  readonly secrets: readonly JsonEdit[];
  /** The same, as an answer may quote them. */
  readonly secretTexts: readonly string[];
  /** What a reviewer reads instead of its texts, where secrets stand in them and the body alone does not say it. */
  readonly shown?: readonly PromptText[];
  /** What it repeats of earlier exchanges; absent where nothing can be repeated. */
  readonly history?: History;
  /** Of an export of traces: what it says of each. */
  readonly traces?: readonly TraceFacts[];
}

/**
 * Reads a request: its path and query, and its body, which is JSON or, where the route has it so and `contentType` says it, a form.
 *
 * @throws RequestError when the body is not strict UTF-8, not a JSON object, nested too deep, has too many
 *   values or a key twice, `model`, `stream`, `previous_response_id` or `conversation` is of a wrong type, or text comes as
 *   the numbers of its tokens; when a form is malformed; when a line of a batch is no request that is served.
 */
export function readRequest(target: Target, body: Uint8Array, contentType?: string): ModelRequest {
  return finish(readInSteps(target, body, contentType));
}

/** As readRequest. What is large takes a second at a stretch. */
export function* readInSteps(target: Target, body: Uint8Array, contentType?: string): Steps<ModelRequest> {
  const { form } = target.route;
  const isFormed = form === 'always' || (form === 'or JSON' && isForm(contentType));
  const request = isFormed
    ? yield* readFormed(target, parseForm(contentType, body))
    : yield* readParsed(target, target.route.hasBody ? parseBody(body) : {}, body);
  const count = request.lines.reduce((sum, line) => sum + line.opaque.length, request.opaque.length);
  if (count > MAX_OPAQUE) throw new RequestError('The request holds too many media.', '');
  return request;
}

/** As readInSteps, of a JSON body that parseBody has read. */
export function* readParsed(
  target: Target,
  request: Record<string, unknown>,
  body: Uint8Array,
): Steps<ModelRequest> {
  const isLarge = body.length > STEP_BYTES;
  if (isLarge) yield;
  const { route, params, query, path } = target;
  requirePlainNames(request);
  const tokens = findTokens(request);
  if (tokens !== undefined) throw new RequestError(`"${tokens}" holds tokens: send the text itself.`, tokens);
  const opaque: OpaqueContent[] = [];
  const secrets = findSecrets(request);
  const model = params['model'] ?? query.get('model') ?? readString(request, 'model') ?? '';
  const texts = readTexts(request, (content) => opaque.push(content));
  if (isLarge) yield;
  const told =
    route.answer === 'acceptance' ? { traces: readTraces(request) } : { history: readHistory(request) };
  if (isLarge) yield;
  return {
    model,
    stream: readStream(target, request),
    texts: [...readTargetTexts(target), ...texts],
    tools: readTools(request),
    schemaKeys: readSchemaKeys(request),
    previousResponseId:
      params['response_id'] ?? params['completion_id'] ?? readString(request, 'previous_response_id'),
    conversation: params['conversation_id'] ?? readConversation(request),
    callIds: readCallIds(request),
    opaque,
    elsewhere: countElsewhere(request),
    lines: readEndpoint(route, request),
    outgoing: { contentType: 'application/json', body },
    parameters: readParameters(route, path, request, model),
    secrets,
    secretTexts: secretTexts(request, secrets),
    ...told,
  };
}

function* readFormed(target: Target, parts: readonly FormPart[]): Steps<ModelRequest> {
  const { route, path } = target;
  const { fields, lists, texts, ...form } = yield* readForm(route, parts);
  const model = fields.get('model') ?? '';
  return {
    model,
    stream: readFlag(fields, 'stream'),
    texts: [...readTargetTexts(target), ...texts],
    tools: [],
    schemaKeys: new Set(),
    previousResponseId: undefined,
    conversation: undefined,
    callIds: [],
    parameters: readParameters(route, path, Object.fromEntries([...fields, ...lists]), model),
    secrets: [],
    secretTexts: [],
    ...form,
  };
}

function readFlag(fields: ReadonlyMap<string, string>, key: string): boolean {
  const value = fields.get(key) ?? 'false';
  if (value === 'true' || value === 'false') return value === 'true';
  throw new RequestError(`"${key}" is neither true nor false.`, key);
}

/** Reads a JSON object. Throws RequestError. */
export function parseBody(body: Uint8Array): Record<string, unknown> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new RequestError('The body is not valid UTF-8.', '');
  }
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new RequestError(`The body is not accepted: ${error.fault}.`, '');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RequestError('The body is not a JSON object.', '');
  }
  return value as Record<string, unknown>;
}

function readString(request: Record<string, unknown>, key: string): string | undefined {
  const value = request[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new RequestError(`"${key}" is not a string.`, key);
  return value;
}

function readStream({ route, query }: Target, request: Record<string, unknown>): boolean {
  if (route.streams === 'format') return request['stream_format'] === 'sse';
  if (route.streams !== 'body') return query.get('stream') === 'true';
  const value = request['stream'];
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw new RequestError('"stream" is neither true nor false.', 'stream');
  return value;
}

function readConversation(request: Record<string, unknown>): string | undefined {
  const value = request['conversation'];
  if (typeof value !== 'object' || value === null) return readString(request, 'conversation');
  const id = 'id' in value ? value.id : undefined;
  if (typeof id !== 'string') throw new RequestError('"conversation.id" is not a string.', 'conversation.id');
  return id;
}
