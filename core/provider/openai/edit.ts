import { skipString } from './json.ts';

/** The way from the whole of a JSON text to a value in it: keys, and positions in arrays. */
export type JsonPath = readonly (string | number)[];

/** What becomes of one value. Without `value` it is taken out; with one it is replaced, or put in as the object's last. */
export interface JsonEdit {
  readonly path: JsonPath;
  readonly value?: boolean | number | string;
}

interface Node {
  /** The value's new text; undefined when only what is inside it changes. */
  text?: string;
  removed?: true;
  readonly inner: Map<string | number, Node>;
}

/** A piece of the text that becomes another one. */
interface Patch {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A member of an object or an element of an array. */
interface Entry {
  readonly name: string | number;
  /** Of its key, or of the element itself. */
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

/**
 * Changes values in a JSON text and leaves every other byte as it is: numbers of any length, the order of keys, spaces,
 * the spelling of escapes.
 *
 * @param text valid JSON without a key twice in one object, of bounded depth (parseJson sees to both)
 */
export function editJson(text: string, edits: readonly JsonEdit[]): string {
  if (edits.length === 0) return text;
  const root: Node = { inner: new Map() };
  for (const edit of edits) plant(root, edit);
  const patches: Patch[] = [];
  new Walker(text, patches).value(skipSpace(text, 0), root);
  let out = '';
  let at = 0;
  for (const { start, end, text: replacement } of patches.sort((left, right) => left.start - right.start)) {
    out += text.slice(at, start) + replacement;
    at = end;
  }
  return out + text.slice(at);
}

function plant(root: Node, { path, value }: JsonEdit): void {
  let node = root;
  for (const step of path) {
    const next = node.inner.get(step) ?? { inner: new Map() };
    node.inner.set(step, next);
    node = next;
  }
  if (value === undefined) node.removed = true;
  else node.text = JSON.stringify(value);
}

class Walker {
  readonly #text: string;
  readonly #patches: Patch[];

  constructor(text: string, patches: Patch[]) {
    this.#text = text;
    this.#patches = patches;
  }

  /** Notes the changes of the value that starts here; the offset after it. */
  value(start: number, node: Node | undefined): number {
    const first = this.#text[start];
    if (node?.text !== undefined || node === undefined || (first !== '{' && first !== '[')) {
      const end = skipValue(this.#text, start);
      if (node?.text !== undefined) this.#patches.push({ start, end, text: node.text });
      return end;
    }
    return this.#container(start, node, first === '{');
  }

  #container(start: number, node: Node, isObject: boolean): number {
    const text = this.#text;
    const entries: Entry[] = [];
    let at = skipSpace(text, start + 1);
    while (text[at] !== '}' && text[at] !== ']') {
      const entryStart = at;
      let name: string | number = entries.length;
      if (isObject) {
        const keyEnd = skipValue(text, at);
        name = String(JSON.parse(text.slice(at, keyEnd)));
        at = skipSpace(text, skipSpace(text, keyEnd) + 1);
      }
      const valueStart = at;
      const inner = node.inner.get(name);
      const end = inner?.removed === true ? skipValue(text, at) : this.value(at, inner);
      entries.push({ name, start: entryStart, valueStart, end });
      at = skipSpace(text, end);
      if (text[at] === ',') at = skipSpace(text, at + 1);
    }
    this.#takeOut(entries, node);
    if (isObject) this.#putIn(start, entries, node);
    return at + 1;
  }

  /** A member goes with the comma that stands behind it; what is last, with the one before. */
  #takeOut(entries: readonly Entry[], node: Node): void {
    const removed = entries.map(({ name }) => node.inner.get(name)?.removed === true);
    const lastKept = removed.lastIndexOf(false);
    entries.forEach((entry, index) => {
      const next = entries[index + 1];
      if (removed[index] !== true || index > lastKept || next === undefined) return;
      this.#patches.push({ start: entry.start, end: next.start, text: '' });
    });
    const [last, kept] = [entries.at(-1), entries[lastKept]];
    const firstOut = entries[lastKept + 1];
    if (last === undefined || firstOut === undefined) return;
    this.#patches.push({ start: kept?.end ?? firstOut.start, end: last.end, text: '' });
  }

  #putIn(start: number, entries: readonly Entry[], node: Node): void {
    const names = new Set(entries.map(({ name }) => name));
    const kept = entries.filter(({ name }) => node.inner.get(name)?.removed !== true);
    const added = Array.from(node.inner).flatMap(([name, { text }]) =>
      text === undefined || names.has(name) ? [] : [`${JSON.stringify(name)}:${text}`],
    );
    if (added.length === 0) return;
    const last = kept.at(-1);
    // Before the first member, which may be taken out from there on, or behind the last that stays.
    const at = last?.end ?? start + 1;
    this.#patches.unshift({ start: at, end: at, text: `${last === undefined ? '' : ','}${added.join(',')}` });
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return at;
}

/** The offset after the value that starts here. */
function skipValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return skipString(text, start);
  if (first !== '{' && first !== '[') {
    let at = start;
    while (at < text.length && !',]} \n\r\t'.includes(text[at] ?? '')) at++;
    return at;
  }
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = skipString(text, at) - 1;
    else if (char === '{' || char === '[') depth++;
    else if ((char === '}' || char === ']') && --depth === 0) return at + 1;
  }
  return text.length;
}
