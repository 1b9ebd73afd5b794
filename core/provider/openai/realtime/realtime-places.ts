import { readIndex, readUnread } from '../stream/places.ts';

type Json = Record<string, unknown>;

/** What an event's type says: which text it is about, and where that stands in its item. */
export interface RealtimePlace {
  readonly type: string;
  /** The last word: `delta`, `done`, `completed`, ... */
  readonly phase: string;
  /** `items.item_1.content.0.text`: the same place that the walk over the whole item gives it. */
  readonly place: string;
  /** The member's name there: `arguments` is JSON, `data` is base64. */
  readonly key: string;
  /** What may tell texts apart beside that, as of an EventPlace. */
  readonly unread: string;
}

/** By the type without its last word: the member of the item, or of its content, that the text stands in. */
const MEMBERS: Readonly<Record<string, string>> = {
  'response.output_text': 'text',
  'response.output_audio_transcript': 'transcript',
  'response.function_call_arguments': 'arguments',
  'response.mcp_call_arguments': 'arguments',
  'conversation.item.input_audio_transcription': 'transcript',
};

/** How the types of events end that have sound in their deltas: `response.output_audio`, `response.audio` before that. */
const SOUND = /[._]audio$/;

/** Members that tell apart the texts of one event type. */
const INDEXES = ['response_id', 'item_id', 'output_index', 'content_index'];
const READ: ReadonlySet<string> = new Set([...INDEXES, 'event_id']);

export function readRealtimeType(event: Json): RealtimePlace {
  const type = typeof event['type'] === 'string' ? event['type'] : '';
  const dot = Math.max(type.lastIndexOf('.'), 0);
  const stem = type.slice(0, dot);
  const phase = type.slice(dot + 1);
  const member = Object.hasOwn(MEMBERS, stem) ? MEMBERS[stem] : undefined;
  if (member === 'arguments')
    return { type, phase, place: `items.${readIndex(event, 'item_id')}.${member}`, key: member, unread: '' };
  if (member !== undefined)
    return { type, phase, place: `${partPlace(event)}.${member}`, key: 'delta', unread: '' };
  const place = ['event', stem, ...INDEXES.map((name) => readIndex(event, name) ?? '')].join('.');
  const key = stem.endsWith('arguments') ? 'arguments' : SOUND.test(stem) ? 'data' : 'delta';
  return { type, phase, place, key, unread: readUnread(event, READ) };
}

/** Where a member of an event stands. */
export function memberPlace(type: string, key: string, event: Json): string {
  switch (key) {
    case 'session':
      return 'session';
    case 'item':
      return itemPlace(event['item']);
    case 'part':
      return partPlace(event);
    default:
      return `event.${type}.${key}`;
  }
}

/** Where an item stands, by its id; by its index in a response when it has none. */
export function itemPlace(item: unknown, index = 0): string {
  const id = typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined;
  return typeof id === 'string' ? `items.${id}` : `response.output.${index}`;
}

export function partPlace(event: Json): string {
  return `items.${readIndex(event, 'item_id')}.content.${readIndex(event, 'content_index')}`;
}
