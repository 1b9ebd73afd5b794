/** What the record of an exchange takes from the answer: ids and figures, no text. */
export interface ResponseFacts {
  responseId: string | undefined;
  /** Ids of the tool calls in the answer, each once. */
  callIds: string[];
  usage: { inputTokens: number; outputTokens: number } | undefined;
  /** The answer itself reports a failure. */
  failed: boolean;
}

/** Tool calls in one answer of which the ids are kept, and the length up to which any id is. */
const MAX_CALL_IDS = 1000;
const MAX_ID_CHARS = 256;

type Json = Record<string, unknown>;

export function createFacts(): ResponseFacts {
  return { responseId: undefined, callIds: [], usage: undefined, failed: false };
}

/** Notes what an object of the API says: a response, a chat completion or one of its chunks, an error body. */
export function noteAnswer(facts: ResponseFacts, answer: unknown): void {
  if (!isObject(answer)) return;
  if (isId(answer['id'])) facts.responseId ??= answer['id'];
  if (answer['error'] || answer['status'] === 'failed') facts.failed = true;
  noteUsage(facts, answer['usage']);
  for (const item of list(answer['output'])) noteItem(facts, item);
  for (const choice of list(answer['choices'])) {
    if (!isObject(choice)) continue;
    for (const message of [choice['message'], choice['delta']]) {
      if (!isObject(message)) continue;
      for (const call of list(message['tool_calls'])) if (isObject(call)) noteCall(facts, call['id']);
    }
  }
}

/** Notes an output item: the id of the tool call that it is, if it is one. */
export function noteItem(facts: ResponseFacts, item: unknown): void {
  if (!isObject(item) || typeof item['type'] !== 'string' || !item['type'].endsWith('_call')) return;
  noteCall(facts, item['call_id']);
}

function noteCall(facts: ResponseFacts, id: unknown): void {
  if (!isId(id) || facts.callIds.length >= MAX_CALL_IDS) return;
  if (!facts.callIds.includes(id)) facts.callIds.push(id);
}

function noteUsage(facts: ResponseFacts, usage: unknown): void {
  if (!isObject(usage)) return;
  const inputTokens = usage['input_tokens'] ?? usage['prompt_tokens'];
  const outputTokens = usage['output_tokens'] ?? usage['completion_tokens'];
  if (isCount(inputTokens) && isCount(outputTokens)) facts.usage = { inputTokens, outputTokens };
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
