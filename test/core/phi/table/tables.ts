/** How tables are written, each by its name. */
export const FORMATS = {
  csv: lines(','),
  'quoted csv': (rows: Rows) => rows.map((row) => `${row.map((cell) => `"${cell}"`).join(',')}\n`).join(''),
  'csv with spaces': lines(', '),
  semicolons: lines(';'),
  tabs: lines('\t'),
  pipes: lines('|'),
  'pipes with spaces': lines(' | '),
  markdown: ([headings = [], ...rows]: Rows) =>
    [headings, headings.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join(''),
  terminal: ([headings = [], ...rows]: Rows) =>
    `${[headings.join(' | '), headings.map(() => '----').join('-+-'), ...rows.map((row) => ` ${row.join('  | ')}`)].join('\n')}\n`,
  'JSON with columns': ([columns = [], ...rows]: Rows) => JSON.stringify({ columns, rows }),
  'indented JSON': (rows: Rows) => `${JSON.stringify(rows, undefined, 2)}\n`,
  'arrays of JSON': (rows: Rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
} as const;

export type Format = keyof typeof FORMATS;
type Rows = readonly (readonly string[])[];

export function tableText(format: Format, headings: readonly string[], rows: Rows): string {
  return FORMATS[format]([headings, ...rows]);
}

/** Tables that tell of nobody. */
export const HARMLESS: readonly { readonly headings: readonly string[]; readonly rows: Rows }[] = [
  { headings: ['Test', 'Result', 'Units'], rows: [['Sodium', '138', 'mmol/L']] },
  { headings: ['Drug', 'Dose', 'First line'], rows: [['lisinopril', '10 mg', 'yes']] },
  { headings: ['id', 'name', 'duration_ms'], rows: [['4821', 'build', '7720']] },
  { headings: ['Unit', 'Patients', 'Account Type'], rows: [['ICU', '4821', 'Commercial']] },
  { headings: ['Name', 'Type', 'Default'], rows: [['mrn', 'integer', '1024']] },
  { headings: ['product_id', 'name', 'stock'], rows: [['48213', 'Walker', '771']] },
  { headings: ['fname', 'lines', 'cover'], rows: [['readme.md', '210', '88']] },
  { headings: ['Source', 'df', 'SS', 'MS'], rows: [['Error', '12', '5521', '460']] },
  { headings: ['Last Name', 'First Name', 'Pattern'], rows: [['string', 'text', 'required']] },
  { headings: ['Patient Visits', 'Member Months', 'Claims'], rows: [['4821', '77201', '9034']] },
];

function lines(separator: string): (rows: Rows) => string {
  return (rows) => rows.map((row) => `${row.join(separator)}\n`).join('');
}
