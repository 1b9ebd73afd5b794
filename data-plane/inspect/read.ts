import { GatewayError } from '#core/provider/openai/error.ts';
import { type ModelRequest, RequestError, readInSteps } from '#core/provider/openai/request/request.ts';
import type { Target } from '#core/provider/openai/request/target.ts';
import { redactBody, redactUnread } from '#core/provider/openai/secrets.ts';
import type { Steps } from '#core/provider/openai/steps.ts';
import { inTurns } from './turns.ts';

/** Characters; what is longer names no model and does not fit a record. */
const MAX_MODEL_LENGTH = 200;

/**
 * The request of a target and a body, or a refusal that names the faulty place. Lets others have their turn meanwhile.
 * Throws GatewayError `invalid_request`.
 */
export async function readContent(
  target: Target,
  body: Uint8Array,
  contentType?: string,
): Promise<ModelRequest> {
  try {
    return requireShortModel(await inTurns(readInSteps(target, body, contentType)));
  } catch (cause) {
    throw refusalOf(cause);
  }
}

/** As readContent, of a message on a connection. */
export async function readMessageInTurns<T extends Message>(steps: Steps<T>): Promise<T> {
  try {
    const message = await inTurns(steps);
    requireShortModel(message.content);
    return message;
  } catch (cause) {
    throw refusalOf(cause);
  }
}

/** As readMessageInTurns, at a stretch. */
export function readMessage<T extends Message>(read: () => T): T {
  try {
    const message = read();
    requireShortModel(message.content);
    return message;
  } catch (cause) {
    throw refusalOf(cause);
  }
}

interface Message {
  readonly content: ModelRequest;
}

function requireShortModel(content: ModelRequest): ModelRequest {
  if (content.model.length > MAX_MODEL_LENGTH) throw new RequestError('"model" is too long.', 'model');
  return content;
}

function refusalOf(cause: unknown): unknown {
  if (!(cause instanceof RequestError)) return cause;
  return new GatewayError('invalid_request', cause.message, { param: cause.place, cause });
}

/** The body as its records have it: without the credentials of its tools. */
export function recordable(body: Uint8Array, content?: ModelRequest): Uint8Array {
  return content === undefined ? redactUnread(body) : redactBody(body, content.secrets);
}
