import type { EntityName } from '../entities.ts';
import type { Finding } from '../finding.ts';
import { type Column, readHeadings } from './heading.ts';

/** A row is held back until it has ended: a longer one is none. */
export const MAX_ROW_CHARACTERS = 2_048;
/** Rows in a row that do not fit: a line that was broken is one, what comes behind a table is more. */
const MAX_MISSES = 2;
/** What stands around a cell and is no part of it. */
export const AROUND = ' \r\n\t"\'`*';

/** The values that columns say are there, of a text that comes in chunks. Places are those of the text. */
export interface CellSource {
  push(chunk: string): void;
  /** Nothing follows. */
  end(): void;
  /** What was found, added to from now on. */
  readonly findings: Finding[];
  /** Whether it may have found anything yet. */
  readonly hasBegun: boolean;
  /** Nothing that begins before this place is found any more. */
  readonly decided: number;
}

/** A table whose rows come one after the other. */
export class Table {
  readonly #columns: readonly (Column | undefined)[];
  readonly #separator: string;
  #misses = 0;

  private constructor(columns: readonly (Column | undefined)[], separator: string) {
    this.#columns = columns;
    this.#separator = separator;
  }

  /** The table below a row of headings; undefined when it is none, or tells of nothing that is looked for. */
  static below(row: string, separator: string, entities: ReadonlySet<EntityName>): Table | undefined {
    const columns = readHeadings(split(row, separator).map(({ text }) => text))?.map((column) =>
      column !== undefined && entities.has(column.entity) ? column : undefined,
    );
    return columns?.some((column) => column !== undefined) ? new Table(columns, separator) : undefined;
  }

  /** Reads a row that begins at a place of the text. False when the table has ended before it. */
  read(row: string, place: number, findings: Finding[]): boolean {
    const cells = split(row, this.#separator);
    if (cells.length !== this.#columns.length) {
      this.#misses += 1;
      return this.#misses < MAX_MISSES;
    }
    this.#misses = 0;
    cells.forEach(({ text, start }, i) => {
      const column = this.#columns[i];
      if (column?.isValue(text) === true) findings.push(findingOf(column, place + start, text.length));
    });
    return true;
  }
}

/** What a column says of a cell that has its value. */
export function findingOf({ entity, score, name }: Column, start: number, length: number): Finding {
  return { entity, start, end: start + length, score, rule: name };
}

interface Cell {
  readonly text: string;
  readonly start: number;
}

/** The cells of a row, without what stands around them. */
function split(row: string, separator: string): Cell[] {
  const cells: Cell[] = [];
  for (let from = 0; from <= row.length; ) {
    const found = row.indexOf(separator, closedAt(row, from));
    const to = found < 0 ? row.length : found;
    cells.push(bareCell(row, from, to));
    from = to + 1;
  }
  return cells;
}

/** The cell between two places of a row, without what stands around it. */
export function bareCell(row: string, from = 0, to = row.length): Cell {
  let [start, end] = [from, to];
  while (start < end && AROUND.includes(row.charAt(start))) start += 1;
  while (end > start && AROUND.includes(row.charAt(end - 1))) end -= 1;
  return { text: row.slice(start, end), start };
}

/** Where a cell in quotation marks has ended; where it begins, when it is in none. */
function closedAt(row: string, from: number): number {
  let open = from;
  while (row.charAt(open) === ' ' || row.charAt(open) === '\n') open += 1;
  if (row.charAt(open) !== '"') return from;
  let at = row.indexOf('"', open + 1);
  while (at >= 0 && row.charAt(at + 1) === '"') at = row.indexOf('"', at + 2);
  return at < 0 ? from : at;
}
