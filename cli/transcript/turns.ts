import { readClientEvents } from './events.ts';
import { readFormTurns } from './form.ts';
import { get, list, parse, string } from './json.ts';
import { isTraceExport, renderTraces } from './traces.ts';

/** What one party of a conversation said: `user`, `assistant`, `system`, `call lookup`, `tool`, ... */
export interface Turn {
  readonly speaker: string;
  readonly text: string;
}

const ASKING = new Set(['user', 'tool', 'traces']);

/** The turns that a request or an event added to its conversation. */
export function readAdded(body: Uint8Array): Turn[] {
  return readClientEvents(body) ?? newTurns(readPrompt(body));
}

/**
 * The turns of a request body, in order: Responses (`instructions`, `input`) or Chat Completions (`messages`). A body
 * that is neither is one turn with its text as it stands; of a form, each part is one.
 */
export function readPrompt(body: Uint8Array): Turn[] {
  const form = readFormTurns(body);
  if (form !== undefined) return form;
  const events = readClientEvents(body);
  if (events !== undefined) return events;
  const text = new TextDecoder().decode(body);
  const request = parse(text);
  const input = get(request, 'input');
  const messages = get(request, 'messages');
  if (isTraceExport(request)) return [{ speaker: 'traces', text: renderTraces([request]) }];
  if (input === undefined && messages === undefined) return text === '' ? [] : [{ speaker: 'body', text }];
  const instructions = string(get(request, 'instructions'));
  return [
    ...(instructions === '' ? [] : [{ speaker: 'system', text: instructions }]),
    ...(typeof input === 'string' ? [{ speaker: 'user', text: input }] : list(input).flatMap(readItem)),
    ...list(messages).flatMap(readItem),
  ];
}

/** The turns that this request added to the conversation: those after the model's last word. */
export function newTurns(turns: readonly Turn[]): Turn[] {
  const last = turns.findLastIndex(({ speaker }) => !ASKING.has(speaker));
  return turns.slice(last + 1);
}

/** One item of Responses input or output, or one chat message. */
export function readItem(item: unknown): Turn[] {
  const type = string(get(item, 'type'));
  if (type === 'function_call') return [callTurn(item)];
  if (type === 'function_call_output') return [{ speaker: 'tool', text: contentText(get(item, 'output')) }];
  const role = string(get(item, 'role'));
  if (role === '')
    return type === 'reasoning' ? reasoningTurn(item) : [{ speaker: type, text: JSON.stringify(item) }];
  const text = contentText(get(item, 'content'));
  const refusal = string(get(item, 'refusal'));
  return [
    ...(text === '' ? [] : [{ speaker: role, text }]),
    ...(refusal === '' ? [] : [{ speaker: 'refusal', text: refusal }]),
    ...list(get(item, 'tool_calls')).map((call) => callTurn(get(call, 'function'))),
  ];
}

function callTurn(call: unknown): Turn {
  return { speaker: `call ${string(get(call, 'name'))}`, text: string(get(call, 'arguments')) };
}

function reasoningTurn(item: unknown): Turn[] {
  const text = contentText(get(item, 'summary'));
  return text === '' ? [] : [{ speaker: 'reasoning', text }];
}

/** Content is a text or a list of parts; parts that are no text are named. */
function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return list(content)
    .map(
      (part) => string(get(part, 'text')) || string(get(part, 'refusal')) || `[${string(get(part, 'type'))}]`,
    )
    .join('\n');
}
