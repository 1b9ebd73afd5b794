import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Detector } from '#core/phi/detect.ts';
import { isEntityName } from '#core/phi/entities.ts';
import { createMasker, type FindingCounts, type Masker } from '#core/phi/mask.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import {
  type ModelRequest,
  type PromptText,
  RequestError,
  readRequest,
} from '#core/provider/openai/request.ts';
import type { Target } from '#core/provider/openai/target.ts';
import type { Lookahead } from '../detector/lookahead.ts';

/** Characters; what is longer names no model and does not fit a record. */
const MAX_MODEL_LENGTH = 200;

/**
 * The request of a target and a body, or a refusal that names the faulty place.
 * Throws GatewayError `invalid_request`.
 */
export function readContent(target: Target, body: Uint8Array): ModelRequest {
  return refusing(() => requireShortModel(readRequest(target, body)));
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

/** What is scanned at a stretch: a large prompt must not keep everybody else's stream waiting. */
const TURN_CHARS = 256 * 1024;

/**
 * How much of each entity the texts hold. Lets others have their turn meanwhile. With a lookahead the external
 * detector's findings count too.
 */
export async function countFindings(
  detector: Detector,
  texts: readonly PromptText[],
  look?: Lookahead,
): Promise<FindingCounts> {
  if (look === undefined) return countMasked(createMasker(detector, MASK_ALL), texts);
  await countMasked(look.scout, texts);
  await look.answer();
  return countMasked(createMasker(look.detector, MASK_ALL), texts);
}

/**
 * The findings once the policies' identifiers have changed: of those anew, of the catalogue as they were counted, the
 * external detector's among them.
 */
export async function recountFindings(
  detector: Detector,
  texts: readonly PromptText[],
  before: FindingCounts,
): Promise<FindingCounts> {
  if ([...detector.entities].every(isEntityName)) return before;
  const isOfCatalogue = ([name]: [string, number]) => isEntityName(name);
  const custom = Object.entries(await countFindings(detector, texts)).filter(
    (entry) => !isOfCatalogue(entry),
  );
  return Object.fromEntries([...Object.entries(before).filter(isOfCatalogue), ...custom]);
}

async function countMasked(masker: Masker, texts: readonly PromptText[]): Promise<FindingCounts> {
  const total: FindingCounts = {};
  let scanned = 0;
  for (const { text } of texts) {
    const stream = masker.stream();
    for (let at = 0; at < text.length; at += TURN_CHARS) {
      const chunk = text.slice(at, at + TURN_CHARS);
      stream.push(chunk);
      scanned += chunk.length;
      if (scanned < TURN_CHARS) continue;
      scanned = 0;
      await nextTurn();
    }
    stream.end();
    for (const [entity, count] of Object.entries(stream.counts) as [keyof FindingCounts, number][]) {
      total[entity] = (total[entity] ?? 0) + count;
    }
  }
  return total;
}

/** What an approval is bound to: SHA-256 over the method, the path and query for the provider, and the exact bytes of the body. */
export function digestRequest({ route, path }: Target, body: Uint8Array): Uint8Array {
  return createHash('sha256').update(`${route.method}\n${path}\n`).update(body).digest();
}

/** What a reviewer reads: where path or query say what a request is about, these first, then its texts. */
export function showRequest({ route, path }: Target, { texts }: ModelRequest): readonly PromptText[] {
  return path === route.path ? texts : [{ place: 'path', text: path }, ...texts];
}
