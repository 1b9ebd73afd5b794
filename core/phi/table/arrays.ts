import type { EntityName } from '../entities.ts';
import type { Finding } from '../finding.ts';
import { MAX_ROW_CHARACTERS, Table } from './table.ts';

/** Between two rows there is a comma, or the key of the rows. */
const MAX_GAP_CHARACTERS = 256;
const BRACKET = /[[\]]/g;
const NONE = -1;

/** Tables as arrays of JSON within a text: one has the headings, the next ones the rows. */
export class ArrayTables {
  readonly #entities: ReadonlySet<EntityName>;
  readonly #findings: Finding[];
  #table: Table | undefined;
  /** The place of the text at which the last row ended. */
  #lastEnd = 0;
  /** The text from place `#base` on: an array that has not ended, or nothing. */
  #text = '';
  #base: number;
  hasBegun = false;

  /** @param findings gets what is found; @param place where in the text what is pushed begins */
  constructor(entities: ReadonlySet<EntityName>, findings: Finding[], place: number) {
    this.#entities = entities;
    this.#findings = findings;
    this.#base = place;
  }

  get decided(): number {
    return this.#table === undefined ? this.#base + this.#text.length : this.#base;
  }

  push(chunk: string): void {
    const known = this.#text.length;
    // Most texts have none; and what is joined is not read again.
    if (chunk.includes('[') || (known > 0 && chunk.includes(']'))) this.#read(this.#text + chunk, known);
    else if (known > 0 && known + chunk.length <= MAX_ROW_CHARACTERS) this.#text += chunk;
    else this.#cut(this.#text + chunk, known + chunk.length);
  }

  end(): void {
    this.#table = undefined;
  }

  /** Reads the brackets of a text from a place on; one is open before that unless it is the start. */
  #read(text: string, from: number): void {
    let open = from === 0 ? NONE : 0;
    BRACKET.lastIndex = from;
    for (let found = BRACKET.exec(text); found !== null; found = BRACKET.exec(text)) {
      const at = found.index;
      if (found[0] === '[') {
        if (this.#base + at - this.#lastEnd > MAX_GAP_CHARACTERS) this.#table = undefined;
        // One in an array may be a row itself: the innermost is read.
        open = at;
      } else if (open !== NONE) {
        // Of a longer one that came in pieces nobody knows any more where it began: it is as any text between two rows.
        if (at - open <= MAX_ROW_CHARACTERS) {
          this.#readRow(text.slice(open + 1, at), this.#base + open + 1);
          this.#lastEnd = this.#base + at;
        }
        open = NONE;
      }
    }
    this.#cut(text, open === NONE || text.length - open > MAX_ROW_CHARACTERS ? text.length : open);
  }

  #readRow(row: string, place: number): void {
    const table = Table.below(row, ',', this.#entities);
    if (table !== undefined) {
      this.#table = table;
      this.hasBegun = true;
    } else if (this.#table?.read(row, place, this.#findings) === false) this.#table = undefined;
  }

  /** The text before a place is not needed any more. */
  #cut(text: string, place: number): void {
    this.#base += place;
    this.#text = text.slice(place);
  }
}
