import { type Column, MAX_COLUMNS, mayBeHeading, readHeadings } from '../table/heading.ts';

/** Tables in a document of JSON: an array of headings, and arrays beside it, or one level deeper, that are its rows. */
export class Columns {
  /** The strings of the innermost array, while they may be headings. */
  #cells: string[] | undefined;
  #columns: readonly (Column | undefined)[] | undefined;
  /** How deep the headings stand. */
  #depth = 0;

  /** Whether strings are to be read. */
  get mayBeHeadings(): boolean {
    return this.#cells !== undefined;
  }

  /** An array or object begins; `depth` is how many are open then. */
  enter(kind: 'array' | 'object', depth: number): void {
    this.#cells = kind === 'array' ? [] : undefined;
    if (depth < this.#depth - 1) this.#columns = undefined;
  }

  /** The innermost array has a string or a number; a literal counts as nothing, which stands above a column, too. */
  read(value: string): void {
    const cells = this.#cells;
    if (cells === undefined) return;
    if (cells.length < MAX_COLUMNS && mayBeHeading(value)) cells.push(value);
    else this.#cells = undefined;
  }

  /** The innermost one ends; `depth` is how many are open with it. */
  leave(depth: number): void {
    const columns = this.#cells === undefined ? undefined : readHeadings(this.#cells);
    this.#cells = undefined;
    if (columns !== undefined) {
      this.#columns = columns;
      this.#depth = depth;
    } else if (depth < this.#depth) this.#columns = undefined;
  }

  /** What a value is, by its place in an array. */
  at(depth: number, index: number): Column | undefined {
    return depth === this.#depth || depth === this.#depth + 1 ? this.#columns?.[index] : undefined;
  }
}
