import { get, list, string } from './json.ts';

/** What one party of a conversation said: `user`, `assistant`, `system`, `call lookup`, `tool`, ... */
export interface Turn {
  readonly speaker: string;
  readonly text: string;
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
