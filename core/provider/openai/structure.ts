/**
 * Which strings of an OpenAI message are its structure and not text.
 *
 * A key alone exempts nothing: the value must look the part as well, and what does not is masked like any
 * text. Inside the maps whose keys a caller or a tool chooses, nothing is structure.
 */
import { isBase64From } from './base64.ts';
import type { AnswerKind } from './routes/route.ts';

/** Deeper JSON than this is refused: no API object comes near it. */
export const MAX_DEPTH = 64;

const WORD_KEYS = new Set([
  'type',
  'object',
  'role',
  'status',
  'phase',
  'finish_reason',
  'service_tier',
  'truncation',
  'tool_choice',
  'voice',
]);
// Words have versions in them, "web_search_20250305", and no other number as long as one that identifies.
const WORD_SHAPE = /^[a-z](?:[a-z_.]|(?:\d{1,4}|20\d{6})(?!\d)){0,63}$/;

// Random ids could be taken for numbers. An id of another form than the provider's is read like any text.
const ID_KEYS = new Set([
  'id',
  'system_fingerprint',
  'fingerprint',
  'item_id',
  'previous_item_id',
  'event_id',
  'call_id',
  'tool_call_id',
  'caller_id',
  'response_id',
  'previous_response_id',
  'comparison_response_id',
  'approval_request_id',
  'file_id',
  'container_id',
  'vector_store_id',
  'input_file_id',
  'output_file_id',
  'error_file_id',
  'file_ids',
  'upload_id',
  'part_ids',
  'batch_id',
  'skill_id',
  'connector_id',
  'stream_id',
  'conversation_id',
  'trace_id',
  'custom_id',
  'parent_id',
  'first_id',
  'last_id',
]);
const ISSUED_SHAPE = /^[a-z]{2,16}[_-][A-Za-z0-9]{12,200}$/;
// Twelve random bytes in base64url, as many compatible servers make them: parts of one can look like a name.
const RANDOM_SHAPE =
  /^(?:resp|msg|fc|rs|ws|call|toolu|chatcmpl|cmpl|item|event|sess|conv)[_-](?!.*\d{6}|.*\d{3}-\d{2}-\d{4})[A-Za-z0-9_-]{16}$/;
const FINGERPRINT_SHAPE = /^fp_[0-9a-f]{10}$/;
const UUID_SHAPE = /^(?:[a-z]{2,16}[_-])?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MODEL_ID_KEYS = new Set(['id', 'root', 'parent', 'first_id', 'last_id']);
// "gpt-4o-2024-08-06" looks like a date.
const MODEL_SHAPE = /^(?=.*[A-Za-z])(?!.*\d{3}-\d{2}-\d{4})[\w.:/-]{1,256}$/;

// Of the provider's own making: nobody's picture, sound or document. Thoughts are signed by Gemini and Claude, which want that back.
const CIPHER_KEYS = new Set([
  'encrypted_content',
  'embedding',
  'signature',
  'thought_signature',
  'thought_signatures',
]);
// Ciphertext, media and vectors, which hold no text that could be matched.
const OPAQUE_KEYS = new Set([
  ...CIPHER_KEYS,
  'partial_image_b64',
  'b64_json',
  'result',
  'data',
  'file_data',
  'audio',
]);
/** What is shorter may be a text that has no other signs than base64. */
export const MIN_BASE64_CHARS = 64;
const OPAQUE_START = new RegExp(`^[A-Za-z0-9+/_-]{${MIN_BASE64_CHARS}}`);
// What so long a number stands in is read. Ciphertext is long enough for anything to stand in it.
const LONG_NUMBER = /\d{3}-\d{2}-\d{4}/;
const MEDIA_URL = /^data:(?:image|audio|video)\/(?![\w.+-]*\d{3})[\w.+-]{1,200};base64,/;

/** Members that hold a URL, media in it or not. Anywhere else such a URL is text, and could hide some. */
const MEDIA_KEYS = new Set([...OPAQUE_KEYS, 'url', 'image_url', 'file_url', 'audio_url', 'video_url']);

const FREE_KEYS = new Set([
  'metadata',
  'attributes',
  'variables',
  'parameters',
  'schema',
  'input_schema',
  'output_schema',
  'env',
  'headers',
  'arguments',
]);

const KEY_SHAPE = /^[A-Za-z_](?:[A-Za-z_]|\d{1,4}(?!\d)){0,63}$/;

/** True when the string is an id, a word or opaque data of the API itself. */
export function isStructure(key: string, value: string): boolean {
  return isName(key, value) || isOpaque(key, value);
}

/**
 * True when the string has the form of a word of the API (a type, a role), of a model, or of an id as the provider issues them. Of
 * requests request-names.ts says it.
 */
export function isName(key: string, value: string): boolean {
  if (WORD_KEYS.has(key)) return WORD_SHAPE.test(value);
  if (ID_KEYS.has(key)) {
    return isIssuedId(value) || FINGERPRINT_SHAPE.test(value);
  }
  return key === 'model' && MODEL_SHAPE.test(value);
}

/** True when an answer tells of models, and nothing that anybody has said. */
export function isOfModels(kind: AnswerKind | undefined): boolean {
  return kind === 'model' || kind === 'list of models';
}

/** True when the key is one of a model in such an answer: also of the one that it was made from (vLLM). */
export function isModelId(key: string, kind: AnswerKind | undefined): boolean {
  return isOfModels(kind) && MODEL_ID_KEYS.has(key);
}

/** True for an id as providers and SDKs make them: random, so that no other thing has it. */
export function isIssuedId(id: string): boolean {
  return [ISSUED_SHAPE, UUID_SHAPE, RANDOM_SHAPE].some((shape) => shape.test(id));
}

/** True when the key is one of a word or an id: its value comes whole, even within a delta. */
export function isNameKey(key: string): boolean {
  return isWordKey(key) || isIdKey(key) || key === 'model';
}

/** True when the API has a word of its own under this key. */
export function isWordKey(key: string): boolean {
  return WORD_KEYS.has(key);
}

/** True when the API has an id under this key. */
export function isIdKey(key: string): boolean {
  return ID_KEYS.has(key);
}

/** True for base64 media and ciphertext, which can be neither read nor masked. */
export function isOpaque(key: string, value: string): boolean {
  if (isBase64(key, value)) return isCipherKey(key) || !LONG_NUMBER.test(value);
  if (!MEDIA_KEYS.has(key)) return false;
  const [head] = MEDIA_URL.exec(value) ?? [];
  return head !== undefined && isBase64From(value, head.length, 'standard');
}

/** True for what has the form of base64 media or ciphertext where the API has such. */
export function isBase64(key: string, value: string): boolean {
  return OPAQUE_KEYS.has(key) && OPAQUE_START.test(value) && isBase64From(value, 0, 'any');
}

/** True for ciphertext, signatures and vectors of the provider's. */
export function isCipherKey(key: string): boolean {
  return CIPHER_KEYS.has(key);
}

/** True when the API has a URL or a file under this key. */
export function isMediaKey(key: string): boolean {
  return MEDIA_KEYS.has(key);
}

/** True when the keys and values below this key are the caller's or a tool's own. */
export function isFree(key: string): boolean {
  return FREE_KEYS.has(key);
}

/** True when an object's key is a plain word, whoever's; any other key is quoted where a place is written. */
export function isPlainKey(key: string): boolean {
  return KEY_SHAPE.test(key);
}

/** True when the text is to be matched as JSON, decoded: tool arguments always, other text by its start. */
export function isJsonText(key: string, text: string): boolean {
  return key === 'arguments' || JSON_START.test(text);
}

/** True when enough of a text has come that isJsonText will not change its answer. */
export function isKindCertain(key: string, text: string): boolean {
  return key === 'arguments' || text.length > MAX_START || CERTAIN_START.test(text);
}

const MAX_LEADING_SPACE = 64;
const MAX_START = 2 * MAX_LEADING_SPACE + 1;
/** Of JSON; also as one string, as tools give it that make JSON of what is JSON already. */
const JSON_START = new RegExp(`^\\s{0,${MAX_LEADING_SPACE}}(?:"\\s{0,${MAX_LEADING_SPACE}})?[{[]`);
const CERTAIN_START = /^\s*(?:[^\s"]|"\s*\S)/;
