import { type BatchLine, readBatch } from '../batch/read.ts';
import type { Route } from '../catalogue.ts';
import { readMediaType } from '../content/kind.ts';
import { describeOpaque, type OpaqueContent, unreadable } from '../content/opaque.ts';
import { readFileText } from '../content/read-text.ts';
import { sniff } from '../content/sniff.ts';
import { type PromptText, readDataUrls, readNames, readTexts } from '../request/read-texts.ts';
import { RequestError } from '../request/request-error.ts';
import type { Steps } from '../steps.ts';
import { isJsonText } from '../structure.ts';
import { formatForm, type Outgoing } from './format.ts';
import type { FormPart } from './parse.ts';

/** A form, read. */
export interface FormRequest {
  /** The fields of which each stands alone, by name. */
  readonly fields: ReadonlyMap<string, string>;
  readonly texts: readonly PromptText[];
  readonly opaque: readonly OpaqueContent[];
  readonly lines: readonly BatchLine[];
  readonly outgoing: Outgoing;
  /** The parts of `outgoing`. */
  readonly parts: readonly FormPart[];
  /** What stands in fields that may come several times, by name: `file_ids[]`. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
}

/** Fields that say what a form is: one of them in another shape could be read in two ways. */
const PLAIN_FIELDS = ['model', 'stream', 'purpose', 'response_format', 'prompt'];

/**
 * Reads a form: of every part its text, file name included, or that it cannot be read. Lines of a batch are read as the
 * requests that they are.
 *
 * @throws RequestError for fields that could be read in two ways, and as readBatch does
 */
export function* readForm(route: Route, parts: readonly FormPart[]): Steps<FormRequest> {
  requireDistinct(parts);
  const reader = new FormReader(route, parts);
  const outgoing: FormPart[] = [];
  for (const [index, part] of parts.entries())
    outgoing.push(yield* reader.read(part, placeOf(part, index, parts)));
  const { fields, lists, texts, opaque, lines } = reader;
  return { fields, lists, texts, opaque, lines, outgoing: formatForm(outgoing), parts: outgoing };
}

class FormReader implements Omit<FormRequest, 'outgoing' | 'parts'> {
  readonly fields = new Map<string, string>();
  readonly lists = new Map<string, string[]>();
  readonly texts: PromptText[] = [];
  readonly opaque: OpaqueContent[] = [];
  lines: readonly BatchLine[] = [];
  readonly #route: Route;
  readonly #isBatch: boolean;

  constructor(route: Route, parts: readonly FormPart[]) {
    this.#route = route;
    const isBatchPurpose = ({ name, bytes }: FormPart) =>
      name === 'purpose' && new TextDecoder().decode(bytes).trim().toLowerCase() === 'batch';
    this.#isBatch = route.requests === 'file' && parts.some(isBatchPurpose);
  }

  /** Reads a part; the part as it goes on. */
  *read(part: FormPart, place: string): Steps<FormPart> {
    const { name, filename, bytes } = part;
    if (filename !== undefined) this.#add(`${place}.filename`, filename);
    const { text } = sniff(bytes);
    // Those of fields are read with what stands in them.
    if (filename !== undefined || text === undefined)
      this.texts.push(...readNames(place, name.split(/[[\]]+/).filter(Boolean)));
    const isPiece = this.#route.requests === 'piece';
    if (text === undefined || isPiece) this.#addOpaque(part, place);
    if (this.#isBatch && (filename !== undefined || name === 'file')) {
      if (text === undefined) throw new RequestError('The file of a batch is not text.', place);
      const batch = yield* readBatch(text, place);
      this.lines = [...this.lines, ...batch.lines];
      // One by one: there may be more of them than a call takes arguments.
      for (const { texts } of batch.lines) for (const text of texts) this.texts.push(text);
      return { ...part, bytes: new TextEncoder().encode(batch.text) };
    } else if (text !== undefined) {
      if (filename === undefined) this.#addField(name, text, place);
      else this.#addFile(place, text);
    }
    return part;
  }

  #addField(name: string, text: string, place: string): void {
    this.fields.set(name, text);
    if (name.endsWith('[]')) this.lists.set(name, [...(this.lists.get(name) ?? []), text]);
    const [base = '', ...keys] = name.replaceAll(']', '').split('[');
    const isOfCaller = keys.some((key) => key !== '');
    // Its own key stands before it then, and no other.
    const key = isOfCaller ? 'text' : base;
    const found = readTexts({ [key]: text }, (content) => this.opaque.push({ ...content, place }));
    for (const { text, json } of found) {
      if (!isOfCaller) this.texts.push({ place, text, ...(json !== undefined && { json }) });
      else this.#add(place, `${keys.join(' ')}: ${text}`);
    }
  }

  #addFile(place: string, text: string): void {
    const read = { place, text: readFileText(text) };
    this.texts.push(isJsonText('', text) ? { ...read, json: text } : read);
    readDataUrls(read.text, place, { texts: this.texts, onOpaque: (content) => this.opaque.push(content) });
  }

  #addOpaque({ type, bytes }: FormPart, place: string): void {
    const content = describeOpaque(place, sniff(bytes).kind ?? 'other', readMediaType(type), bytes);
    this.opaque.push(content);
    this.#add(place, unreadable(content));
  }

  #add(place: string, text: string): void {
    this.texts.push({ place, text });
  }
}

/** A name stands once, unless it says that it is a list (`image[]`), and either plainly or with brackets. */
function requireDistinct(parts: readonly FormPart[]): void {
  const seen = new Set<string>();
  for (const { name, filename } of parts) {
    const base = name.replace(/\[.*$/s, '');
    const isList = name.endsWith('[]');
    if (seen.has(name) && !isList) throw new RequestError(`"${name}" stands twice in the form.`, name);
    if (name !== base && PLAIN_FIELDS.includes(base)) throw new RequestError(`"${base}" is no list.`, base);
    if (filename !== undefined && PLAIN_FIELDS.includes(base))
      throw new RequestError(`"${base}" is no file.`, base);
    seen.add(name);
  }
  for (const name of seen) {
    const base = name.replace(/\[.*$/s, '');
    if (name !== base && seen.has(base)) throw new RequestError(`"${base}" stands twice in the form.`, base);
  }
}

function placeOf({ name }: FormPart, index: number, parts: readonly FormPart[]): string {
  if (!name.endsWith('[]')) return name;
  const before = parts.slice(0, index).filter((part) => part.name === name);
  return `${name.slice(0, -2)}[${before.length}]`;
}
