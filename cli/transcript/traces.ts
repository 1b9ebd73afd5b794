import { get, list, string } from './json.ts';

/** A span with what was done within it. */
interface Span {
  readonly id: string;
  readonly text: string;
  readonly start: string;
  readonly within: Span[];
}

/** Spans within so many others are not shown. */
const MAX_DEPTH = 32;

/** Whether a request is an export of traces. */
export function isTraceExport(request: unknown): boolean {
  const items = list(get(request, 'data'));
  return items.length > 0 && items.every((item) => string(get(item, 'object')).startsWith('trace'));
}

/**
 * Exports of traces for people: each trace with its workflow, group and metadata, and its spans one below the other, by
 * what they are within. Spans whose parent is in no export stand first.
 *
 * @param exports the bodies, parsed; together, because a trace may come in several
 * @param only the ids of the traces that are wanted; all when absent
 */
export function renderTraces(exports: readonly unknown[], only?: ReadonlySet<string>): string {
  const items = exports.flatMap((one) => list(get(one, 'data')));
  const ids = new Set(items.map(traceOf).filter((id) => id !== '' && (only?.has(id) ?? true)));
  return [...ids]
    .map((id) =>
      renderTrace(
        id,
        items.filter((item) => traceOf(item) === id),
      ),
    )
    .join('\n');
}

function traceOf(item: unknown): string {
  return string(get(item, get(item, 'object') === 'trace' ? 'id' : 'trace_id'));
}

function renderTrace(id: string, items: readonly unknown[]): string {
  const trace = items.find((item) => get(item, 'object') === 'trace');
  const head = [
    id,
    quoted('workflow', get(trace, 'workflow_name')),
    quoted('group', get(trace, 'group_id')),
    metadataOf(trace),
  ];
  return [head.filter((part) => part !== '').join('  '), ...renderSpans(nest(items), 1)].join('\n');
}

function nest(items: readonly unknown[]): Span[] {
  const spans = new Map<string, Span & { readonly parent: string }>();
  for (const item of items) {
    const id = string(get(item, 'id'));
    if (get(item, 'object') === 'trace' || id === '' || spans.has(id)) continue;
    const start = string(get(item, 'started_at'));
    spans.set(id, { id, parent: string(get(item, 'parent_id')), text: describe(item), start, within: [] });
  }
  const roots: Span[] = [];
  for (const span of spans.values()) (spans.get(span.parent)?.within ?? roots).push(span);
  return roots;
}

function renderSpans(spans: readonly Span[], depth: number): string[] {
  const indent = '  '.repeat(depth);
  if (depth > MAX_DEPTH) return spans.length === 0 ? [] : [`${indent}…`];
  const ordered = [...spans].sort((one, other) =>
    one.start < other.start ? -1 : Number(one.start > other.start),
  );
  return ordered.flatMap(({ text, within }) => [`${indent}${text}`, ...renderSpans(within, depth + 1)]);
}

/** What a span is, in a line: its type, its name, and what makes it worth while. */
function describe(item: unknown): string {
  const span = get(item, 'span_data');
  const type = string(get(span, 'type'));
  const handoff =
    type === 'handoff' ? `${string(get(span, 'from_agent'))} to ${string(get(span, 'to_agent'))}` : '';
  const data = get(span, 'data');
  const parts = [
    type === 'custom' ? string(get(data, 'sdk_span_type')) || type : type || string(get(item, 'object')),
    string(get(data, 'agent_name')) || string(get(data, 'name')) || string(get(span, 'name')),
    handoff,
    string(get(span, 'response_id')),
    quoted('failed:', get(get(item, 'error'), 'message')),
  ];
  return [...new Set(parts.filter((part) => part !== ''))].join(' ');
}

function metadataOf(trace: unknown): string {
  const metadata = get(trace, 'metadata');
  const isEmpty = typeof metadata !== 'object' || metadata === null || Object.keys(metadata).length === 0;
  return isEmpty ? '' : `metadata ${JSON.stringify(metadata)}`;
}

function quoted(label: string, value: unknown): string {
  return string(value) === '' ? '' : `${label} ${JSON.stringify(value)}`;
}
