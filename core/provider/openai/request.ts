import { type History, readHistory } from './history.ts';
import { JsonError, parseJson } from './json.ts';
import { type PromptText, readTexts } from './read-texts.ts';
import { readCallIds, readTools } from './read-tools.ts';
import { RequestError } from './request-error.ts';
import { readTargetTexts, type Target } from './target.ts';
import { readTraces, type TraceFacts } from './traces.ts';

export { type PromptText, RequestError };

/** What Sworn needs to know of a request, read once. The bytes themselves stay as they came. */
export interface ModelRequest {
  /** Empty when neither path, query nor body names one (a stored prompt may carry it). */
  readonly model: string;
  readonly stream: boolean;
  readonly texts: readonly PromptText[];
  /** Names of the functions and custom tools, types of the hosted tools; each once. */
  readonly tools: readonly string[];
  readonly previousResponseId: string | undefined;
  readonly conversation: string | undefined;
  /** Ids of earlier tool calls that this request brings the outputs of. */
  readonly callIds: readonly string[];
  /** What it repeats of earlier exchanges; absent where nothing can be repeated. */
  readonly history?: History;
  /** Of an export of traces: what it says of each. */
  readonly traces?: readonly TraceFacts[];
}

/** Members that hold text, or the tokens of one. */
const TOKEN_PLACES = ['input', 'prompt'];

/**
 * Reads a request: its path and query, and its body.
 *
 * @throws RequestError when the body is not strict UTF-8, not a JSON object, nested too deep, has too many
 *   values or a key twice, `model`, `stream`, `previous_response_id` or `conversation` is of a wrong type, or text comes as
 *   the numbers of its tokens.
 */
export function readRequest(target: Target, body: Uint8Array): ModelRequest {
  const { route, params, query } = target;
  const request = route.hasBody ? readBody(body) : {};
  requireText(request);
  return {
    model: params['model'] ?? query.get('model') ?? readString(request, 'model') ?? '',
    stream: route.streams === 'body' ? readStream(request) : query.get('stream') === 'true',
    texts: [...readTargetTexts(target), ...readTexts(request)],
    tools: readTools(request),
    previousResponseId:
      params['response_id'] ?? params['completion_id'] ?? readString(request, 'previous_response_id'),
    conversation: params['conversation_id'] ?? readConversation(request),
    callIds: readCallIds(request),
    ...(route.answer === 'acceptance' ? { traces: readTraces(request) } : { history: readHistory(request) }),
  };
}

/** Text that comes as numbers would go on unread. */
function requireText(request: Record<string, unknown>): void {
  for (const place of TOKEN_PLACES) {
    const value = request[place];
    if (!Array.isArray(value)) continue;
    const isTokens = (item: unknown) => typeof item === 'number' || Array.isArray(item);
    if (value.some(isTokens)) throw new RequestError(`"${place}" holds tokens: send the text itself.`, place);
  }
}

/** The body as a JSON object. @throws RequestError as readRequest does */
export function readBody(body: Uint8Array): Record<string, unknown> {
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

function readStream(request: Record<string, unknown>): boolean {
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
