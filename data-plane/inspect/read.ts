import { GatewayError } from '#core/provider/openai/error.ts';
import { type ModelRequest, RequestError, readRequest } from '#core/provider/openai/request.ts';
import { redactBody, redactUnread } from '#core/provider/openai/secrets.ts';
import type { Target } from '#core/provider/openai/target.ts';

/** Characters; what is longer names no model and does not fit a record. */
const MAX_MODEL_LENGTH = 200;

/**
 * The request of a target and a body, or a refusal that names the faulty place.
 * Throws GatewayError `invalid_request`.
 */
export function readContent(target: Target, body: Uint8Array, contentType?: string): ModelRequest {
  return refusing(() => requireShortModel(readRequest(target, body, contentType)));
}

/** As readContent, of a message on a connection. */
export function readMessage<T extends { readonly content: ModelRequest }>(read: () => T): T {
  return refusing(() => {
    const message = read();
    requireShortModel(message.content);
    return message;
  });
}

function requireShortModel(content: ModelRequest): ModelRequest {
  if (content.model.length > MAX_MODEL_LENGTH) throw new RequestError('"model" is too long.', 'model');
  return content;
}

function refusing<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof RequestError) {
      throw new GatewayError('invalid_request', cause.message, { param: cause.place, cause });
    }
    throw cause;
  }
}

/** The body as its records have it: without the credentials of its tools. */
export function recordable(body: Uint8Array, content?: ModelRequest): Uint8Array {
  return content === undefined ? redactUnread(body) : redactBody(body, content.secrets);
}
