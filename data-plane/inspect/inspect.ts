import { createHash } from 'node:crypto';
import type { Detector } from '#core/phi/detect.ts';
import type { FindingCounts } from '#core/phi/mask.ts';
import type { Route } from '#core/provider/openai/catalogue.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import {
  type ModelRequest,
  type PromptText,
  RequestError,
  readRequest,
} from '#core/provider/openai/request.ts';

/** Characters; what is longer names no model and does not fit a record. */
const MAX_MODEL_LENGTH = 200;

/**
 * The request of a body, or a refusal that names the faulty place.
 * Throws GatewayError `invalid_request`.
 */
export function readContent(route: Route, body: Uint8Array): ModelRequest {
  try {
    const content = readRequest(route, body);
    if (content.model.length > MAX_MODEL_LENGTH) throw new RequestError('"model" is too long.', 'model');
    return content;
  } catch (cause) {
    if (cause instanceof RequestError) {
      throw new GatewayError('invalid_request', cause.message, { param: cause.place, cause });
    }
    throw cause;
  }
}

/** How much of each entity the texts hold. */
export function countFindings(detector: Detector, texts: readonly PromptText[]): FindingCounts {
  const counts: FindingCounts = {};
  for (const { text } of texts) {
    for (const { entity } of detector.scan(text)) counts[entity] = (counts[entity] ?? 0) + 1;
  }
  return counts;
}

/** What an approval is bound to: SHA-256 over method, route and the exact bytes of the body. */
export function digestRequest(route: Route, body: Uint8Array): Uint8Array {
  return createHash('sha256').update(`${route.method}\n${route.id}\n`).update(body).digest();
}
