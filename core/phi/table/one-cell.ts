import type { Finding } from '../finding.ts';
import type { Column } from './heading.ts';
import { bareCell, type CellSource, findingOf } from './table.ts';

/** Longer than any value of a column is. */
const MAX_CELL_CHARACTERS = 64;

/** A text that is a cell of a table, such as a string of JSON: whether it is a value is known when it has ended. */
export class OneCell implements CellSource {
  readonly #column: Column;
  readonly findings: Finding[] = [];
  #text = '';
  #length = 0;
  #ended = false;
  readonly hasBegun = true;

  constructor(column: Column) {
    this.#column = column;
  }

  get decided(): number {
    return this.#ended || this.#length > MAX_CELL_CHARACTERS ? this.#length : 0;
  }

  push(chunk: string): void {
    this.#length += chunk.length;
    this.#text = this.#length > MAX_CELL_CHARACTERS ? '' : this.#text + chunk;
  }

  end(): void {
    const { text, start } = bareCell(this.#text);
    if (this.#column.isValue(text)) this.findings.push(findingOf(this.#column, start, text.length));
    this.#ended = true;
  }
}
