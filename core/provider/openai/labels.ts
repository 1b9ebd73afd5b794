import { ANSWERS, RESPONSE_REQUEST } from './routes/texts.ts';
import { isNameKey } from './structure.ts';

/** How places of text end, `text` or `queries[]`. */
const LAST_STEPS = [...RESPONSE_REQUEST, ...Object.values(ANSWERS).flatMap(({ texts }) => texts)].map(
  (place) => place.split('.').at(-1) ?? '',
);

/**
 * Members that the API has text under, or counts in: what they are called says nothing of whom a value is about. Nor do those that
 * other servers have thoughts under, which come in deltas as well and are to be masked alike.
 */
const TEXT_KEYS = new Set([
  ...['reasoning_content', 'reasoning', 'thinking'],
  ...['delta', 'sequence_number', 'start_index', 'end_index', 'created', 'created_at'],
  ...['input_tokens', 'output_tokens', 'prompt_tokens', 'completion_tokens', 'total_tokens', 'cached_tokens'],
  ...LAST_STEPS.map((step) => step.replace('[]', '')),
]);
/** Members under which the API has texts in a list, or ids. */
const LIST_KEYS = new Set([
  ...LAST_STEPS.filter((step) => step.endsWith('[]')).map((step) => step.replace('[]', '')),
  ...['include', 'stop', 'part_ids', 'file_ids', 'vector_store_ids'],
]);
/** UTF-16 units; what is longer than that says itself what it is. */
const MAX_CODE_CHARS = 128;
/** What is shorter identifies nobody by itself. */
export const LONG_NUMBER = /\d{5}/;

/** Whether a key is none of the API's own, and may tell what its value is. */
export function isLabel(key: string): boolean {
  return key !== '' && !TEXT_KEYS.has(key) && !isNameKey(key);
}

/** Whether the API has texts in a list under a key. */
export function isList(key: string): boolean {
  return LIST_KEYS.has(key);
}

/**
 * A member that the API does not have, as JSON, where its key may tell what its value identifies: `{"mrn":482913}`. Undefined
 * for the API's own, and for what has no number in it, which is found without.
 */
export function entryOf(key: string, value: string | number): string | undefined {
  if (!isLabel(key)) return undefined;
  const written = String(value);
  if (written.length > MAX_CODE_CHARS || !LONG_NUMBER.test(written)) return undefined;
  return JSON.stringify({ [key]: value });
}
