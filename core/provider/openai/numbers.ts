import { isList, LONG_NUMBER } from './labels.ts';
import type { AnswerKind } from './routes/route.ts';
import { isOfModels } from './structure.ts';

/** Members in which servers say the text again piece by piece: `prompt_logprobs` of vLLM, `completion_probabilities` of llama.cpp. */
const SPELLING_KEY =
  /(?:^|_)(?:logprobs?|logits|completion_probabilities|tokens|tokens?_ids?|tokens?_strs?|input_ids|output_ids|bytes|hidden_states|routed_experts)$/;

/** Last words of what counts, measures or points, in the API and in what servers like it have beside it (`timings`, `usage`). */
const MEASURES =
  'accepted|at|bytes|cache|cached|calls|channels|characters|chars|compression|confidence|cost|count|counts|created|credits|days|' +
  'dimensions|duration|height|hours|idx|images|index|latency|len|length|limit|logprob|minutes|ms|ns|offset|pages|penalty|' +
  'percent|price|prob|probability|processed|queries|rank|rate|ratio|remaining|requests|results|score|second|seconds|seed|size|' +
  'sources|speed|strength|temperature|threshold|ticks|time|timestamp|token|tokens|total|updated|us|used|weight|width';
/** And names that do so as a whole, or by how they begin. */
const MEASURE_KEY = new RegExp(
  `(?:^|_)(?:${MEASURES})$|_n$|^(?:n|num|max|min|total|top|tokens|native_tokens)_|^(?:exit_code|id_slot|partial_images|post_instructions|sequence_number)$`,
);
/** What the API has numbers under in one place alone. */
const MEASURE_PLACE =
  /(?:^|\.)(?:category_scores\.[\w/-]+|(?:file|request)_counts\.\w+|errors\.data\.\d+\.line|actions?(?:\.\d+)?(?:\.path\.\d+)?\.(?:scroll_)?[xy]|filters(?:\.filters\.\d+)*\.value(?:\.\d+)?|transcript(?:ion|\.text)\.segment\.(?:start|end))$/;
const TRANSCRIPT_PLACE = /^response\.(?:segments\.\d+(?:\.words\.\d+)?|words\.\d+)\.\w+$/;
/** Tokens at which an answer ends, or that it may have: settings of vLLM and SGLang. */
const TOKEN_SETTING = /^(?:stop|allowed|bad)_token_ids$/;
const STATUS_KEY = /^(?:code|status|status_code)$/;
/** Of HTTP: no sign of ASCII has so large a number. */
const [MIN_STATUS, MAX_STATUS] = [200, 599];

/** Maps whose keys are the caller's and whose values the API has as texts; those of attributes may be numbers, and no lists. */
const TEXT_MAPS: ReadonlySet<string> = new Set(['metadata', 'variables', 'headers', 'env', 'attributes']);

type Replacer = (this: unknown, key: string, value: unknown) => unknown;

/** A number that is written as a text, also as programs name characters: "83", "0x53", "U+0053". */
const NUMERAL = /^\s*(?:[-+]?\d+(?:\.\d+)?|(?:0x|u\+)[0-9a-f]+)\s*$/i;

/** Whether a member of an answer says again what is masked elsewhere, token by token. */
export function spellsText(key: string, member: unknown): boolean {
  return typeof member === 'object' && member !== null && SPELLING_KEY.test(key);
}

/**
 * Whether a number is one that the API has in its place, or that counts or measures something by its name. Any other may be a
 * letter or a token of a text that is masked elsewhere.
 *
 * @param place where it stands, its key included; the API has no numbers in lists, but for those of comparisons
 * @param kind of a whole answer. What is known of models says no text again.
 */
export function isMeasure(key: string, value: number, place: string, kind?: AnswerKind): boolean {
  if (isOfModels(kind) || MEASURE_PLACE.test(place)) return true;
  if (kind === 'transcript' && TRANSCRIPT_PLACE.test(place)) return true;
  if (/\.\d+$/.test(place)) return false;
  const name = key.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
  if (STATUS_KEY.test(name)) return value >= MIN_STATUS && value <= MAX_STATUS;
  return MEASURE_KEY.test(name);
}

/** Whether a number of a request may identify somebody: it is long, and the API has none in its place. */
export function isUnknownNumber(key: string, value: number, place: string): boolean {
  return LONG_NUMBER.test(String(value)) && !isMeasure(key, value, place) && !TOKEN_SETTING.test(key);
}

/** Whether an element of a list is a text, and a number and nothing else, where the API has no texts in a list. */
export function isNumeral(key: string, item: unknown): boolean {
  return typeof item === 'string' && !isList(key) && NUMERAL.test(item);
}

/**
 * What JSON.stringify writes instead of the values of a map, so that no numbers are in it that the API does not have there; undefined
 * where it may have any.
 */
export function replacerOf(key: string, map: object): Replacer | undefined {
  if (!TEXT_MAPS.has(key)) return undefined;
  return function (this: unknown, name: string, value: unknown): unknown {
    if (typeof value === 'number') return key === 'attributes' && this === map ? value : null;
    if (!Array.isArray(value)) return value;
    return value.filter((item) => typeof item !== 'number' && !isNumeral(name, item));
  };
}
