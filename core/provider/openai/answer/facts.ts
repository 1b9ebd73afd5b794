import type { TokenUsage } from '#core/upstream/price.ts';
import { textOf } from '../request/history.ts';
import { isName } from '../structure.ts';

/** What the record of an exchange takes from the answer: ids and figures, no text. */
export interface ResponseFacts {
  responseId: string | undefined;
  /** Ids of the tool calls in the answer, each once. */
  callIds: string[];
  /** Ids of the items in the answer, each once. */
  itemIds: string[];
  /** What the answer said, masked: the first choice, the last message. */
  said: string;
  /** The model that answered, when the answer names one. */
  model: string | undefined;
  usage: TokenUsage | undefined;
  /** The answer itself reports a failure. */
  failed: boolean;
}

/** Tool calls, and items, in one answer of which the ids are kept, and the length up to which any id is. */
const MAX_CALL_IDS = 1000;
const MAX_ID_CHARS = 256;
/** As long as a record takes. */
const MAX_MODEL_CHARS = 200;

type Json = Record<string, unknown>;

export function createFacts(): ResponseFacts {
  return {
    responseId: undefined,
    callIds: [],
    itemIds: [],
    said: '',
    model: undefined,
    usage: undefined,
    failed: false,
  };
}

/** Notes what an object of the API says: a response, a chat completion or one of its chunks, an error body. */
export function noteAnswer(facts: ResponseFacts, answer: unknown): void {
  if (!isObject(answer)) return;
  if (isId(answer['id'])) facts.responseId ??= answer['id'];
  const { model } = answer;
  if (typeof model === 'string' && model.length <= MAX_MODEL_CHARS && isName('model', model)) {
    facts.model ??= model;
  }
  if (answer['error'] || answer['status'] === 'failed') facts.failed = true;
  noteUsage(facts, answer['usage']);
  for (const item of list(answer['output'])) noteItem(facts, item);
  for (const choice of list(answer['choices'])) {
    if (!isObject(choice)) continue;
    // Deltas tell pieces: the masker of their stream knows the whole.
    if ((choice['index'] ?? 0) === 0 && isObject(choice['message'])) {
      facts.said = textOf(choice['message']['content']);
    }
    for (const message of [choice['message'], choice['delta']]) {
      if (!isObject(message)) continue;
      for (const call of list(message['tool_calls'])) if (isObject(call)) noteCall(facts, call['id']);
    }
  }
}

/** Notes an output item: its id, what it says, and the id of the tool call that it is, if it is one. */
export function noteItem(facts: ResponseFacts, item: unknown): void {
  if (!isObject(item) || typeof item['type'] !== 'string') return;
  keep(facts.itemIds, item['id']);
  if (item['type'] === 'message') facts.said = textOf(item['content']);
  if (item['type'].endsWith('_call')) noteCall(facts, item['call_id']);
}

function noteCall(facts: ResponseFacts, id: unknown): void {
  keep(facts.callIds, id);
}

function keep(ids: string[], id: unknown): void {
  if (!isId(id) || ids.length >= MAX_CALL_IDS) return;
  if (!ids.includes(id)) ids.push(id);
}

/** Adds what an event says of itself: one of several pictures, a transcript beside a response. */
export function addUsage(facts: ResponseFacts, usage: unknown): void {
  const before = facts.usage;
  facts.usage = undefined;
  noteUsage(facts, usage);
  if (before === undefined) return;
  const { inputTokens = 0, cachedInputTokens = 0, outputTokens = 0 } = facts.usage ?? {};
  facts.usage = {
    inputTokens: before.inputTokens + inputTokens,
    cachedInputTokens: before.cachedInputTokens + cachedInputTokens,
    outputTokens: before.outputTokens + outputTokens,
  };
}

function noteUsage(facts: ResponseFacts, usage: unknown): void {
  if (!isObject(usage)) return;
  const inputTokens = usage['input_tokens'] ?? usage['prompt_tokens'];
  // An embedding has none.
  const outputTokens = usage['output_tokens'] ?? usage['completion_tokens'] ?? 0;
  if (!isCount(inputTokens) || !isCount(outputTokens)) return;
  facts.usage = { inputTokens, cachedInputTokens: cachedOf(usage), outputTokens };
}

/** As Responses, Chat Completions and Realtime call it. */
function cachedOf(usage: Json): number {
  const details =
    usage['input_tokens_details'] ?? usage['prompt_tokens_details'] ?? usage['input_token_details'];
  const cached = isObject(details) ? details['cached_tokens'] : undefined;
  return isCount(cached) ? cached : 0;
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_ID_CHARS;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
