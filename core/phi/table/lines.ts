import type { EntityName } from '../entities.ts';
import type { Finding } from '../finding.ts';
import { AROUND, MAX_ROW_CHARACTERS, Table } from './table.ts';

const MAX_HEADINGS_CHARACTERS = 600;
const MAX_HEADING_SPACES = 5;
const MAX_HEADING_DIGITS = 2;
/** The line so far is looked at when it is so long, and whenever it has doubled. */
const FIRST_LOOK_CHARACTERS = 24;
/** The usual ones, the rarest in other places first. */
const SEPARATORS = ['\t', '|', ';', ','];
/** The line below the headings of Markdown and of terminals. */
const RULE = /^[-+|:=\s]+$/;

/** What headings are made of, by unit: what is in them or around them, spaces, what ends them; 0 for anything else. */
const [INSIDE, DIGIT, SPACE, END] = [1, 2, 3, 4];
const UNITS = new Uint8Array(0x100);
for (let unit = 0; unit < UNITS.length; unit++) {
  const c = String.fromCharCode(unit);
  if (/[A-Za-zÀ-ÿ_#.()/&%+º-]/.test(c) || AROUND.includes(c)) UNITS[unit] = INSIDE;
  if (/[0-9]/.test(c)) UNITS[unit] = DIGIT;
  if (c === ' ') UNITS[unit] = SPACE;
  if (SEPARATORS.includes(c)) UNITS[unit] = END;
}

/** Tables with a row a line: CSV and the like, Markdown, what terminals draw with `|`. */
export class LineTables {
  readonly #entities: ReadonlySet<EntityName>;
  readonly #findings: Finding[];
  #table: Table | undefined;
  /** Whether a row has a separator at both ends as well. */
  #isFramed = false;
  /** The line so far, unless it is none of a table, and where it begins. */
  #line: string | undefined = '';
  #start = 0;
  #nextLook = FIRST_LOOK_CHARACTERS;
  /** Of the text so far. */
  length = 0;
  hasBegun = false;

  /** @param findings gets what is found */
  constructor(entities: ReadonlySet<EntityName>, findings: Finding[]) {
    this.#entities = entities;
    this.#findings = findings;
  }

  get decided(): number {
    return this.#table === undefined ? this.length : this.#start;
  }

  push(chunk: string): void {
    let from = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', from)) {
      // Most lines are none of a table, and nothing is kept of them.
      if (this.#line !== '' || this.#table !== undefined) this.#endLine(chunk.slice(from, end));
      else if (mayBeHeadings(chunk, from, end, true)) this.#begin(chunk.slice(from, end));
      from = end + 1;
      this.#start = this.length + from;
    }
    if (this.#line !== undefined && from < chunk.length) this.#add(from === 0 ? chunk : chunk.slice(from));
    this.length += chunk.length;
  }

  end(): void {
    // Headings without a row say nothing.
    if (this.#table !== undefined) this.#endLine('');
    this.#table = undefined;
  }

  #add(piece: string): void {
    const line = this.#line + piece;
    const isLooked = this.#table === undefined && line.length >= this.#nextLook;
    if (isLooked) this.#nextLook = 2 * line.length;
    const isNone = isLooked && !mayBeHeadings(line, 0, line.length, false);
    this.#line = isNone || line.length > MAX_ROW_CHARACTERS ? undefined : line;
    if (this.#line === undefined) this.#table = undefined;
  }

  #endLine(piece: string): void {
    if (this.#line !== undefined && piece !== '') this.#add(piece);
    const line = this.#line;
    this.#line = '';
    this.#nextLook = FIRST_LOOK_CHARACTERS;
    if (line === undefined) return;
    if (this.#table !== undefined) {
      if (line.trim() === '') this.#table = undefined;
      else if (RULE.test(line)) return;
    }
    if (mayBeHeadings(line, 0, line.length, true) && this.#begin(line)) return;
    if (this.#table === undefined) return;
    const { row, from } = this.#isFramed ? frame(line) : { row: line, from: 0 };
    if (!this.#table.read(row, this.#start + from, this.#findings)) this.#table = undefined;
  }

  /** Whether the line has the headings of a table. */
  #begin(line: string): boolean {
    const separator = SEPARATORS.find((one) => line.includes(one));
    if (separator === undefined) return false;
    const isFramed = separator === '|' && line.trimStart().startsWith('|');
    const table = Table.below(isFramed ? frame(line).row : line, separator, this.#entities);
    if (table === undefined) return false;
    this.#table = table;
    this.#isFramed = isFramed;
    this.hasBegun = true;
    return true;
  }
}

/** A line without the separators at its ends, and where it begins then. */
function frame(line: string): { row: string; from: number } {
  const margin = line.length - line.trimStart().length;
  const from = margin + (line.charAt(margin) === '|' ? 1 : 0);
  const row = line.trimEnd();
  return { row: row.slice(from, row.endsWith('|') ? -1 : undefined), from };
}

/** Whether a line, or the beginning of one, may be of headings: short cells of a few words, without numbers. */
function mayBeHeadings(text: string, from: number, to: number, isWhole: boolean): boolean {
  if (to - from > MAX_HEADINGS_CHARACTERS) return false;
  let hasSeparator = false;
  let space = from - 1;
  let spaces = 0;
  let digits = 0;
  for (let i = from; i < to; i++) {
    const unit = text.charCodeAt(i);
    const kind = unit < UNITS.length ? UNITS[unit] : 0;
    if (kind === INSIDE) digits = 0;
    else if (kind === SPACE) {
      // Those that fill up a column count once.
      if (space !== i - 1) spaces += 1;
      if (spaces > MAX_HEADING_SPACES) return false;
      space = i;
    } else if (kind === DIGIT) {
      digits += 1;
      if (digits > MAX_HEADING_DIGITS) return false;
    } else if (kind === END) {
      space = i;
      spaces = 0;
      hasSeparator = true;
    } else return false;
  }
  return hasSeparator || !isWhole;
}
