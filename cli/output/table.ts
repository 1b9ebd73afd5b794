import { sanitiseLine } from './sanitise.ts';
import { fitText, textWidth, wrapText } from './width.ts';

/** A column of a table over rows of `T`. */
export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => string;
  /** Never cut: what one copies into the next command. */
  readonly whole?: boolean;
  /** Left out of a terminal in which there is no room to read all columns; the rightmost goes first. */
  readonly spare?: boolean;
  /** What has no room in its line goes on below: for what has to be read to its end. */
  readonly wrap?: boolean;
}

export interface TableOptions {
  /** Columns of the terminal; undefined (a pipe, a file) means that nothing is cut. */
  readonly width: number | undefined;
  readonly color: boolean;
}

const GAP = '  ';
const MIN_COLUMN_WIDTH = 6;
/** What a column that may be cut needs to be read: spare ones give it room. */
const READABLE_WIDTH = 12;
/** The same of a column whose text goes on below. */
const READABLE_WRAPPED_WIDTH = 48;
/** To what such a column is narrowed at most, unless a word is wider. */
const MIN_WRAPPED_WIDTH = 24;
/** Words up to this width, a resource's name at the longest, stay in one piece. */
const MAX_WORD_WIDTH = 50;
const BOLD = '\u001b[1m';
const RESET = '\u001b[0m';

/**
 * The rows as lines of aligned columns under a line of titles. In a terminal columns without any value are left out. Where the
 * others do not fit, spare ones go, then the widest of those that may be cut give way; where that is not enough, each row is a
 * block of titles and values. Cells are sanitised: they may hold remote text.
 */
export function renderTable<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  options: TableOptions,
): string {
  const all = columns.map((column): Shown => {
    const cells = rows.map((row) => sanitiseLine(column.cell(row)));
    const width = Math.max(textWidth(column.title), ...cells.map(textWidth));
    return { column, cells, width, wordWidth: column.wrap === true ? wordWidthOf(cells) : 0 };
  });
  const shown = options.width === undefined ? all : select(all, options.width);
  if (options.width !== undefined) {
    if (widthOf(shown.map(floorOf)) > options.width)
      return renderRows(all, rows.length, options.width, options.color);
    shrink(shown, options.width);
  }
  const titles = shown.map(({ column, width }) => pad(fitText(column.title, width), width));
  const line = titles.join(GAP).trimEnd();
  const lines = [options.color ? `${BOLD}${line}${RESET}` : line];
  for (const index of rows.keys()) lines.push(...rowLines(shown, index));
  return `${lines.join('\n')}\n`;
}

interface Shown {
  readonly column: Pick<Column<never>, 'title' | 'whole' | 'spare' | 'wrap'>;
  readonly cells: readonly string[];
  width: number;
  /** Of a column whose text goes on below: to what it can be narrowed. */
  readonly wordWidth: number;
}

/** The columns that a terminal gets: those with a value, and of the spare ones as many as leave the others readable. */
function select(columns: readonly Shown[], available: number): Shown[] {
  const shown = columns.filter(({ cells }) => cells.length === 0 || cells.some((cell) => cell !== ''));
  while (widthOf(shown.map(leastWidth)) > available) {
    const last = shown.findLastIndex(({ column }) => column.spare === true);
    if (last === -1) break;
    shown.splice(last, 1);
  }
  return shown;
}

function leastWidth({ column, width }: Shown): number {
  if (column.whole === true) return width;
  return Math.min(width, column.wrap === true ? READABLE_WRAPPED_WIDTH : READABLE_WIDTH);
}

function widthOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
}

/** To what a column can be narrowed. */
function floorOf({ column, width, wordWidth }: Shown): number {
  if (column.whole === true) return width;
  return Math.min(width, column.wrap === true ? wordWidth : MIN_COLUMN_WIDTH);
}

/** The width in which no word of these cells has to be broken that is to stay in one piece. */
function wordWidthOf(cells: readonly string[]): number {
  const widths = cells.flatMap((cell) => cell.split(' ').map(textWidth));
  return widths.reduce(
    (widest, width) => (width > MAX_WORD_WIDTH ? widest : Math.max(widest, width)),
    MIN_WRAPPED_WIDTH,
  );
}

/** Narrows the widest columns that can be, one column at a time, until the table fits. */
function shrink(shown: readonly Shown[], available: number): void {
  let excess = widthOf(shown.map(({ width }) => width)) - available;
  while (excess > 0) {
    const cuttable = shown.filter((one) => one.width > floorOf(one));
    const widest = cuttable.reduce<Shown | undefined>(
      (found, one) => (found === undefined || one.width > found.width ? one : found),
      undefined,
    );
    if (widest === undefined) return;
    widest.width -= 1;
    excess -= 1;
  }
}

/** A block for each row: a line for each of its values, what may be cut going on below. */
function renderRows(columns: readonly Shown[], count: number, available: number, color: boolean): string {
  const titleWidth = Math.max(...columns.map(({ column }) => textWidth(column.title)));
  const room = Math.max(READABLE_WIDTH, available - titleWidth - GAP.length);
  const blocks = Array.from({ length: count }, (_, index) =>
    columns.flatMap(({ column, cells }) => {
      const cell = cells[index] ?? '';
      if (cell === '') return [];
      const title = pad(column.title, titleWidth);
      const lines = column.whole === true ? [cell] : wrapText(cell, room);
      return lines.map((line, below) => {
        const before = below > 0 ? pad('', titleWidth) : color ? `${BOLD}${title}${RESET}` : title;
        return `${before}${GAP}${line}\n`;
      });
    }),
  );
  return blocks.map((lines) => lines.join('')).join('\n');
}

/** The lines of one row: one, unless a column's text goes on below. */
function rowLines(shown: readonly Shown[], index: number): string[] {
  const cells = shown.map(({ column, cells: all, width }) => {
    const cell = all[index] ?? '';
    return column.wrap === true ? wrapText(cell, width) : [fitText(cell, width)];
  });
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    shown
      .map(({ width }, column) => pad(cells[column]?.[line] ?? '', width))
      .join(GAP)
      .trimEnd(),
  );
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}
