import { readItem, type Turn } from './item.ts';
import { get, list, parse, string } from './json.ts';

/**
 * The turns of what was sent on a Realtime connection: one event, or several, a line each. Undefined when it is none.
 */
export function readClientEvents(body: Uint8Array): Turn[] | undefined {
  const events = new TextDecoder().decode(body).split('\n').map(parse);
  if (events.length === 0 || !events.every(isClientEvent)) return undefined;
  return events.flatMap(readClientEvent);
}

/** True for the first message of an answer that came in messages, and not as a body or a stream. */
export function isServerEvent(bytes: Uint8Array): boolean {
  const type = string(get(parse(new TextDecoder().decode(bytes)), 'type'));
  return type === 'error' || type.includes('.');
}

/** `response.create` on a Responses connection has the body of a request. */
function isClientEvent(event: unknown): boolean {
  return string(get(event, 'type')).includes('.') && get(event, 'input') === undefined;
}

function readClientEvent(event: unknown): Turn[] {
  const type = string(get(event, 'type'));
  const audio = string(get(event, 'audio'));
  if (audio !== '') return [{ speaker: 'sound', text: `${Math.floor((audio.length * 3) / 4)} bytes\n` }];
  const asked = get(event, 'session') ?? get(event, 'response');
  const instructions = string(get(asked, 'instructions'));
  const turns = [
    ...(instructions === '' ? [] : [{ speaker: 'system', text: instructions }]),
    ...list(get(asked, 'input')).flatMap(readItem),
    ...(get(event, 'item') === undefined ? [] : readItem(get(event, 'item'))),
  ];
  return turns.length > 0 ? turns : [{ speaker: 'event', text: type }];
}
