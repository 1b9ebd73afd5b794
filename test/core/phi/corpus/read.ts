import { readFileSync } from 'node:fs';
import { type EntityName, isEntityName } from '#core/phi/entities.ts';

/** One small word for what a text looks like (`query`, `fhir`); `negative` texts hold no identifier. */
const KIND = /^[a-z0-9]+$/;

/** An identifier that a person marked in a text. */
export interface LabelledSpan {
  readonly entity: EntityName;
  /** UTF-16 offsets into the text without markup, the end exclusive. */
  readonly start: number;
  readonly end: number;
}

export interface LabelledText {
  readonly id: string;
  /** What it looks like; see SOURCES.md. */
  readonly kind: string;
  /** The text as a caller would send it, without markup. */
  readonly text: string;
  /** In the order of the text; they do not overlap. */
  readonly spans: readonly LabelledSpan[];
}

/** One mark: `{{ENTITY|value}}`. Values hold no braces. */
const MARK = /\{\{([A-Z_]+)\|([^{}]+)\}\}/g;
/** What is left of a mark that was mistyped. */
const BROKEN_MARK = /\{\{\s*[A-Z_]+|[A-Z_]+\|[^\n]*\}\}/;

/**
 * Reads a labelled corpus: JSON Lines of `{"id","kind","text"}` with identifiers marked as `{{ENTITY|value}}`.
 * Throws on a line that is no such object, a kind of several words, an unknown entity, a broken mark, and an id that comes twice.
 */
export function readCorpus(path: string): LabelledText[] {
  const ids = new Set<string>();
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const labelled = readLine(line);
      if (ids.has(labelled.id)) throw new Error(`${labelled.id} comes twice`);
      ids.add(labelled.id);
      return labelled;
    });
}

function readLine(line: string): LabelledText {
  const { id, kind, text } = JSON.parse(line) as Record<string, unknown>;
  if (typeof id !== 'string' || typeof text !== 'string') throw new Error(`no id or text: ${line}`);
  if (typeof kind !== 'string' || !KIND.test(kind)) throw new Error(`${id}: no kind: ${String(kind)}`);
  return { id, kind, ...readMarks(id, text) };
}

/**
 * Takes the marks out of a text. `id` is for the message of an error: an unknown entity or a broken mark.
 */
export function readMarks(id: string, marked: string): Pick<LabelledText, 'text' | 'spans'> {
  const spans: LabelledSpan[] = [];
  let text = '';
  let from = 0;
  for (const mark of marked.matchAll(MARK)) {
    const [whole, entity = '', value = ''] = mark;
    if (!isEntityName(entity)) throw new Error(`${id}: unknown entity ${entity}`);
    text += outside(id, marked.slice(from, mark.index));
    spans.push({ entity, start: text.length, end: text.length + value.length });
    text += value;
    from = mark.index + whole.length;
  }
  return { text: text + outside(id, marked.slice(from)), spans };
}

/** The text between two marks, which may hold braces of its own (JSON) but no piece of a mark. */
function outside(id: string, text: string): string {
  if (BROKEN_MARK.test(text)) throw new Error(`${id}: broken mark in ${text}`);
  return text;
}
