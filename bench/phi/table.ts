/** Rows of figures under a title. */
export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface Column {
  readonly name: string;
  /** Digits after the point; 0 where it is not said. */
  readonly digits?: number;
}

/** A figure that cannot be told, such as a share of nothing, is NaN. */
export type Cell = string | number;

/** A table as text: the first column left, the others right. */
export function format({ title, columns, rows }: Table): string {
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => row.map(cellText(columns)))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return `${title}\n${text.map((line) => `  ${line}`).join('\n')}\n`;
}

/** The rows as objects with a property for each column. */
export function toRecords({ columns, rows }: Table): Record<string, Cell>[] {
  return rows.map((row) => Object.fromEntries(row.map((cell, i) => [columns[i]?.name ?? '', cell])));
}

/** Columns from their names; `recall%.1` has one digit after the point. */
export function columns(...names: readonly string[]): Column[] {
  return names.map((text) => {
    const [, name = text, digits] = /^(.*)\.(\d)$/.exec(text) ?? [];
    return digits === undefined ? { name } : { name, digits: Number(digits) };
  });
}

/** A share in percent. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? Number.NaN : (100 * part) / whole;
}

function cellText(columns: readonly Column[]): (cell: Cell, index: number) => string {
  return (cell, index) => {
    if (typeof cell === 'string') return cell;
    return Number.isNaN(cell) ? '-' : cell.toFixed(columns[index]?.digits ?? 0);
  };
}
