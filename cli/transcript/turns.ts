import { readClientEvents } from './events.ts';
import { readFormTurns } from './form.ts';
import { readItem, type Turn } from './item.ts';
import { get, list, parse, string } from './json.ts';
import { isTraceExport, renderTraces } from './traces.ts';

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
