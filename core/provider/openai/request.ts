import type { Route } from './catalogue.ts';
import { JsonError, parseJson } from './json.ts';
import { type PromptText, readTexts } from './read-texts.ts';
import { readCallIds, readTools } from './read-tools.ts';

export type { PromptText };

/** What Sworn needs to know of a request, read once. The bytes themselves stay as they came. */
export interface ModelRequest {
  /** Empty when the body names none (a stored prompt may carry it) or there is no body. */
  readonly model: string;
  readonly stream: boolean;
  readonly texts: readonly PromptText[];
  /** Names of the functions and custom tools, types of the hosted tools; each once. */
  readonly tools: readonly string[];
  readonly previousResponseId: string | undefined;
  readonly conversation: string | undefined;
  /** Ids of earlier tool calls that this request brings the outputs of. */
  readonly callIds: readonly string[];
}

/** A request body that Sworn does not accept. The message holds none of its content. */
export class RequestError extends Error {
  /** The member that is at fault, `''` for the body as a whole. */
  readonly place: string;

  constructor(message: string, place: string) {
    super(message);
    this.name = 'RequestError';
    this.place = place;
  }
}

const EMPTY: ModelRequest = {
  model: '',
  stream: false,
  texts: [],
  tools: [],
  previousResponseId: undefined,
  conversation: undefined,
  callIds: [],
};

/**
 * Reads a request body.
 *
 * @throws RequestError when the body is not strict UTF-8, not a JSON object, nested too deep, has too many
 *   values or a key twice, or `model`, `stream`, `previous_response_id` or `conversation` is of a wrong type.
 */
export function readRequest(route: Route, body: Uint8Array): ModelRequest {
  if (!route.hasBody) return EMPTY;
  const request = parseBody(body);
  return {
    model: readString(request, 'model') ?? '',
    stream: readStream(request),
    texts: readTexts(request),
    tools: readTools(request),
    previousResponseId: readString(request, 'previous_response_id'),
    conversation: readConversation(request),
    callIds: readCallIds(request),
  };
}

function parseBody(body: Uint8Array): Record<string, unknown> {
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
