import type { Detector } from '#core/phi/detect.ts';
import { TokenMap } from '#core/phi/token/token-map.ts';
import { createTokenizer } from '#core/phi/token/tokenizer.ts';
import { editRequest } from '#core/provider/openai/request/outgoing.ts';
import { type ModelRequest, parseBody, RequestError } from '#core/provider/openai/request/request.ts';
import { findTokenEdits, replaceInTexts, TokenizeError } from '#core/provider/openai/request/tokenize.ts';
import { replacedEntities, type TokenPlan } from '../tokenize.ts';

/** Tokens that are made with it go nowhere. */
const ANY_KEY = new Uint8Array(32);

/**
 * The body of a sample with tokens, as a data plane would send it: which ones they are differs in every session.
 * @throws RequestError where a token cannot stand
 */
export function tokenizeSample(
  body: Uint8Array,
  { secrets }: Pick<ModelRequest, 'secrets'>,
  detector: Detector,
  plan: TokenPlan | undefined,
): Uint8Array {
  if (plan === undefined || body.length === 0) return body;
  const map = new TokenMap(ANY_KEY);
  const tokenizers = [
    createTokenizer(detector, replacedEntities(plan, detector.entities), map, () => {}),
    replaceInTexts((text) => map.sweep(text, () => {})),
  ];
  const paths = secrets.map(({ path }) => path);
  try {
    return tokenizers.reduce((so, tokenizer) => {
      const edits = [...findTokenEdits(parseBody(so), paths, tokenizer)].filter((edit) => edit !== undefined);
      return editRequest('', so, edits).body;
    }, body);
  } catch (error) {
    if (!(error instanceof TokenizeError)) throw error;
    throw new RequestError(`${error.place} cannot have a token: it ${error.message}.`, error.place);
  }
}
