import { type Column, MAX_COLUMNS, mayBeHeading, readHeadings } from '../table/heading.ts';
import type { Container } from './grammar.ts';

/** Under which an object says what its column is called. */
const NAME =
  /^(?:name|label|title|header|heading|key|field|column|(?:column|field|header|display)[_ ]?name)$/i;

/**
 * Tables in a document of JSON: an array of headings, and arrays beside it, or one level deeper, that are its rows. A heading is
 * a string, or an object that has it as a name: `"columns":[{"name":"MRN","type":"text"}]`.
 */
export class Columns {
  /** The strings of the innermost array, or the names that its objects have said, while they may be headings. */
  #cells: string[] | undefined;
  /** How deep that array stands, and how many objects it has; none in an array of strings. */
  #arrayDepth = 0;
  #objects = 0;
  #columns: readonly (Column | undefined)[] | undefined;
  /** How deep the headings stand. */
  #depth = 0;

  /** An array or object begins; `depth` is how many are open then. */
  enter(kind: 'array' | 'object', depth: number): void {
    if (kind === 'array') {
      this.#cells = [];
      this.#arrayDepth = depth;
      this.#objects = 0;
    } else if (depth === this.#arrayDepth + 1) {
      // One that came before it has no name, or is a string.
      if (this.#cells?.length !== this.#objects) this.#cells = undefined;
      this.#objects += 1;
    }
    if (depth < this.#depth - 1) this.#columns = undefined;
  }

  /** Whether a value of this container, in which `depth` are open, is to be read. */
  mayBeHeading(depth: number, { kind, key }: Pick<Container, 'kind' | 'key'>): boolean {
    if (this.#cells === undefined) return false;
    if (kind === 'array') return depth === this.#arrayDepth && this.#objects === 0;
    return depth === this.#arrayDepth + 1 && this.#cells.length === this.#objects - 1 && NAME.test(key);
  }

  /** Reads such a value, a string or a number; a literal counts as nothing, which stands above a column, too. */
  read(value: string): void {
    const cells = this.#cells;
    if (cells === undefined) return;
    if (cells.length < MAX_COLUMNS && mayBeHeading(value)) cells.push(value);
    else this.#cells = undefined;
  }

  /** The innermost one ends; `depth` is how many are open with it. */
  leave(depth: number): void {
    const cells = depth === this.#arrayDepth ? this.#cells : undefined;
    const isWhole = this.#objects === 0 || cells?.length === this.#objects;
    const columns = cells === undefined || !isWhole ? undefined : readHeadings(cells);
    // An object in the array leaves its name there.
    if (depth <= this.#arrayDepth) this.#cells = undefined;
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
