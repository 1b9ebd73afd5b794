type Json = Record<string, unknown>;

/** What an event's type says: which text it is about, and where that stands in the whole response. */
export interface EventPlace {
  readonly type: string;
  /** The type without its last word. */
  readonly stem: string;
  /** The last word: `delta`, `added`, `done`, ... */
  readonly phase: string;
  /** `response.output.0.content.0.text`: the same place that the walk over the whole response gives it. */
  readonly place: string;
  /** The member's name there: `arguments` is JSON, `data` is base64. */
  readonly key: string;
  /**
   * Indexes and ids that the place does not go by, of an event type that is not known: they may tell texts apart, or pieces.
   * Empty for one that is known.
   */
  readonly unread: string;
}

// By the type without its last word (.delta, .done, .added). An event that is missing here has a place of its own.
const STEMS = new Map<string, (event: Json) => string>([
  ['response.output_text', (event) => `${contentPlace(event)}.text`],
  ['response.refusal', (event) => `${contentPlace(event)}.refusal`],
  ['response.reasoning_text', (event) => `${contentPlace(event)}.text`],
  ['response.reasoning_summary_text', (event) => `${summaryPlace(event)}.text`],
  ['response.function_call_arguments', (event) => `${itemPlace(event)}.arguments`],
  ['response.mcp_call_arguments', (event) => `${itemPlace(event)}.arguments`],
  ['response.custom_tool_call_input', (event) => `${itemPlace(event)}.input`],
  ['response.code_interpreter_call_code', (event) => `${itemPlace(event)}.code`],
  [
    'response.shell_call_command',
    (event) => `${itemPlace(event)}.action.commands.${readIndex(event, 'command_index')}`,
  ],
  [
    'response.shell_call_output_content',
    (event) => `${itemPlace(event)}.output.${readIndex(event, 'command_index')}`,
  ],
]);

/** What tells one of several texts apart; undefined for what is no number and no text: an object may not even be written as one. */
export function readIndex(event: Json, name: string): string | number | undefined {
  const value = event[name];
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

/** Members that tell apart the texts of one event type. */
const INDEXES = [
  'item_id',
  'output_index',
  'content_index',
  'summary_index',
  'command_index',
  'annotation_index',
];

export function readType(event: Json): EventPlace {
  const type = typeof event['type'] === 'string' ? event['type'] : '';
  const dot = Math.max(type.lastIndexOf('.'), 0);
  const stem = type.slice(0, dot);
  const known = STEMS.get(stem);
  const place =
    known?.(event) ?? ['event', stem, ...INDEXES.map((name) => readIndex(event, name) ?? '')].join('.');
  return {
    type,
    stem,
    phase: type.slice(dot + 1),
    place,
    key: keyOf(stem),
    unread: known ? '' : readUnread(event, READ),
  };
}

/** Members that tell texts apart, or pieces, beside those that are read. */
export function readUnread(event: Json, read: ReadonlySet<string>): string {
  const names = Object.keys(event).filter((name) => INDEX_KEY.test(name) && !read.has(name));
  return JSON.stringify(names.sort().map((name) => [name, event[name]]));
}

const INDEX_KEY = /(?:^|_)(?:index|id)$/;
const READ = new Set([...INDEXES, 'event_id']);

function keyOf(stem: string): string {
  if (stem === 'response.audio') return 'data';
  return stem.endsWith('arguments') ? 'arguments' : 'delta';
}

/** Where a member of an event stands in the whole response. */
export function memberPlace(type: string, key: string, event: Json): string {
  switch (key) {
    case 'response':
      return 'response';
    case 'item':
      return itemPlace(event);
    case 'part':
      return partPlace(event);
    case 'annotation':
      return `${contentPlace(event)}.annotations.${readIndex(event, 'annotation_index')}`;
    default:
      return `event.${type}.${key}`;
  }
}

export function itemPlace(event: Json): string {
  return `response.output.${readIndex(event, 'output_index')}`;
}

export function partPlace(event: Json): string {
  return event['summary_index'] === undefined ? contentPlace(event) : summaryPlace(event);
}

export function contentPlace(event: Json): string {
  return `${itemPlace(event)}.content.${readIndex(event, 'content_index')}`;
}

function summaryPlace(event: Json): string {
  return `${itemPlace(event)}.summary.${readIndex(event, 'summary_index')}`;
}

/** Whether a place is another one, or below it; all are below `''`. */
export function isWithin(place: string, outer: string): boolean {
  return outer === '' || place === outer || place.startsWith(`${outer}.`);
}
