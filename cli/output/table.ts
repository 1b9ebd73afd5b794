import { sanitiseLine } from './sanitise.ts';
import { fitText, textWidth } from './width.ts';

/** A column of a table over rows of `T`. */
export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => string;
  /** Never cut: what one copies into the next command. */
  readonly whole?: boolean;
}

export interface TableOptions {
  /** Columns of the terminal; undefined (a pipe, a file) means that nothing is cut. */
  readonly width: number | undefined;
  readonly color: boolean;
}

const GAP = '  ';
const MIN_COLUMN_WIDTH = 6;
const BOLD = '\u001b[1m';
const RESET = '\u001b[0m';

/**
 * The rows as lines of aligned columns under a line of titles. Where they do not fit, the widest columns that may
 * be cut give way first. Cells are sanitised: they may hold remote text.
 */
export function renderTable<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  options: TableOptions,
): string {
  const cells = rows.map((row) => columns.map((column) => sanitiseLine(column.cell(row))));
  const widths = columns.map((column, index) =>
    Math.max(textWidth(column.title), ...cells.map((line) => textWidth(line[index] ?? ''))),
  );
  if (options.width !== undefined) shrink(widths, columns, options.width);
  const titles = formatLine(
    columns.map((column) => column.title),
    widths,
  );
  const lines = [options.color ? `${BOLD}${titles}${RESET}` : titles];
  for (const line of cells) lines.push(formatLine(line, widths));
  return `${lines.join('\n')}\n`;
}

/** Narrows the widest cuttable columns, one column at a time, until the table fits or none can give more. */
function shrink(widths: number[], columns: readonly Column<never>[], available: number): void {
  let excess = widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1)) - available;
  while (excess > 0) {
    let widest = -1;
    for (const [index, width] of widths.entries()) {
      if (columns[index]?.whole === true || width <= MIN_COLUMN_WIDTH) continue;
      if (widest === -1 || width > (widths[widest] ?? 0)) widest = index;
    }
    if (widest === -1) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
}

function formatLine(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, index) => {
    const width = widths[index] ?? 0;
    const fitted = fitText(cell, width);
    return fitted + ' '.repeat(Math.max(0, width - textWidth(fitted)));
  });
  return padded.join(GAP).trimEnd();
}
