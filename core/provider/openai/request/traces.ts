import type { Masker } from '#core/phi/mask.ts';
import { ResponseError } from '../answer/response-error.ts';
import { Rewrite } from '../answer/rewrite.ts';
import { Texts } from '../answer/texts.ts';
import { readEncoded } from '../content/encoded.ts';
import { roughly } from '../content/opaque.ts';
import { sniff } from '../content/sniff.ts';
import { isOpaque } from '../structure.ts';
import { RequestError } from './request-error.ts';

type Json = Record<string, unknown>;

/** What an export says of one trace. */
export interface TraceFacts {
  readonly id: string;
  /** The application's own name for several traces of one conversation; undefined when the export does not have it. */
  groupId: string | undefined;
  /** Ids of the answers that the trace has spans of, each once. */
  readonly responseIds: string[];
}

/** Traces, and answers that they have spans of, in one export: what a record of it has room for. */
const MAX_TRACES = 200;
const MAX_RESPONSES = 500;
const MAX_ID_CHARS = 256;

/** `2026-03-01T09:30:00.123456+00:00`: as the SDKs write the times of a span. */
const TIME_SHAPE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * The traces of an export, in the order in which they come. Objects and spans of unknown types are passed over: what they
 * hold is read as every text is.
 *
 * @throws RequestError when `data` is no list of objects, or has too many traces or answers
 */
export function readTraces(body: Json): TraceFacts[] {
  const { data } = body;
  if (!Array.isArray(data) || !data.every(isObject)) {
    throw new RequestError('"data" is not a list of traces and spans.', 'data');
  }
  const traces = new Map<string, TraceFacts>();
  let responses = 0;
  for (const item of data as Json[]) {
    const id = item['object'] === 'trace' ? item['id'] : item['trace_id'];
    if (!isId(id)) continue;
    const trace = traces.get(id) ?? { id, groupId: undefined, responseIds: [] };
    traces.set(id, trace);
    if (item['object'] === 'trace' && isId(item['group_id'])) trace.groupId = item['group_id'];
    for (const response of readResponseIds(item['span_data'])) {
      if (trace.responseIds.includes(response)) continue;
      trace.responseIds.push(response);
      responses += 1;
    }
  }
  if (traces.size > MAX_TRACES || responses > MAX_RESPONSES) {
    throw new RequestError('There are too many traces at once; export smaller batches.', 'data');
  }
  return [...traces.values()];
}

/** A response span names its answer. One of Chat Completions has it whole in its output, where the application lets it. */
function readResponseIds(span: unknown): string[] {
  if (!isObject(span)) return [];
  if (span['type'] === 'response') return isId(span['response_id']) ? [span['response_id']] : [];
  if (span['type'] !== 'generation' || !Array.isArray(span['output'])) return [];
  const isCompletion = (item: unknown): item is Json =>
    isObject(item) && item['object'] === 'chat.completion';
  return span['output']
    .filter(isCompletion)
    .map(({ id }) => id)
    .filter(isId);
}

/**
 * An export as it may go to the provider: every string is masked as that of an answer, but for ids as the SDKs make them,
 * the words of the API, and the times of spans. Media and what looks like them are left out: nobody can see what is in them.
 *
 * @throws ResponseError when it is nested deeper than an answer may be
 */
export function maskTraces(body: Json, masker: Masker): Uint8Array {
  const copy = structuredClone(body);
  removeOpaque(copy, '');
  const times = takeTimes(copy);
  const masked = new Rewrite(new Texts(masker)).value(copy, '', 'traces');
  if (!isObject(masked)) throw new ResponseError('The export cannot be masked.');
  const items = Array.isArray(masked['data']) ? masked['data'] : [];
  for (const { index, key, time } of times) if (isObject(items[index])) items[index][key] = time;
  return new TextEncoder().encode(JSON.stringify(masked));
}

/** The depth is that of a request: parseJson has bounded it. */
function removeOpaque(value: unknown, key: string): unknown {
  if (typeof value === 'string')
    return isUnreadable(key, value) ? `(${roughly(value.length)} of data)` : value;
  if (typeof value !== 'object' || value === null) return value;
  const holder = value as Json;
  // What stands in a list stands there under the list's key.
  for (const [name, item] of Object.entries(holder)) {
    holder[name] = removeOpaque(item, Array.isArray(value) ? key : name);
  }
  return value;
}

function isUnreadable(key: string, value: string): boolean {
  const encoded = readEncoded(value, key);
  return isOpaque(key, value) || (encoded !== undefined && sniff(encoded.bytes).kind !== undefined);
}

/** Takes the times out of the spans: they would be taken for dates of somebody. */
function takeTimes(body: Json): { readonly index: number; readonly key: string; readonly time: string }[] {
  const items = Array.isArray(body['data']) ? body['data'] : [];
  return items.flatMap((item, index) =>
    ['started_at', 'ended_at'].flatMap((key) => {
      const time = isObject(item) ? item[key] : undefined;
      if (typeof time !== 'string' || !TIME_SHAPE.test(time)) return [];
      item[key] = null;
      return [{ index, key, time }];
    }),
  );
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_ID_CHARS;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
