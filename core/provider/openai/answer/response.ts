import type { FindingCounts, Masker } from '#core/phi/mask.ts';
import type { Route } from '../catalogue.ts';
import type { OpaqueGate } from '../content/gate.ts';
import { JsonError, parseJson } from '../json.ts';
import { prepareTranscript } from '../transcript/json.ts';
import { createFacts, noteAnswer, type ResponseFacts } from './facts.ts';
import { learnNames, type Naming } from './naming.ts';
import { ResponseError } from './response-error.ts';
import { Rewrite } from './rewrite.ts';
import { Texts } from './texts.ts';

export { ResponseError, type ResponseFacts };

/** A whole answer, ready for the caller. */
export interface MaskedResponse {
  /** The body that came, byte for byte, when nothing had to be changed in it. */
  readonly body: Uint8Array;
  readonly counts: FindingCounts;
  readonly facts: ResponseFacts;
}

/**
 * Masks a whole JSON answer, an error body included, as createStreamMasker masks the same answer streamed. `gate` takes
 * media that cannot be read; `naming` as StreamOptions have it.
 *
 * @throws ResponseError when the body is not UTF-8 or not JSON, or exceeds the limits of parseJson; OpaqueError when it holds what
 *   policy does not let through.
 */
export function maskResponse(
  route: Route,
  body: Uint8Array,
  masker: Masker,
  gate?: OpaqueGate,
  naming?: Naming,
): MaskedResponse {
  const texts = new Texts(masker, gate, false, naming);
  const rewrite = new Rewrite(texts, route.answer);
  const came = parseBody(body);
  learnNames(texts.naming, came);
  const beside = route.answer === 'transcript' ? prepareTranscript(came, masker, texts) : {};
  const answer = rewrite.value(came, '', 'response');
  const facts = createFacts();
  noteAnswer(facts, answer);
  // To have read that something failed is no failure.
  if (route.storage === 'reads') facts.failed = false;
  const masked = rewrite.changed ? new TextEncoder().encode(JSON.stringify(answer)) : body;
  return { body: masked, counts: { ...beside, ...texts.counts }, facts };
}

function parseBody(body: Uint8Array): unknown {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
  } catch (cause) {
    if (cause instanceof JsonError)
      throw new ResponseError(`The answer is not accepted: ${cause.fault}.`, { cause });
    throw new ResponseError('The answer is not valid UTF-8.', { cause });
  }
}
