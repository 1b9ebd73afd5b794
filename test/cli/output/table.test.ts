import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { RevocationSchema } from '#proto/sworn/identity/v1/revocation_pb.ts';
import { REVOCATION_COLUMNS } from '../../../cli/commands/revocation/columns.ts';
import { renderFields } from '../../../cli/output/fields.ts';
import { type Column, renderTable } from '../../../cli/output/table.ts';
import { textWidth } from '../../../cli/output/width.ts';

interface Row {
  readonly id: string;
  readonly text: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'ID', cell: ({ id }) => id, whole: true },
  { title: 'TEXT', cell: ({ text }) => text },
];
const ROWS: readonly Row[] = [
  { id: '0199f3c2-7e10', text: 'short' },
  { id: '1', text: 'a long text that does not fit into a narrow terminal' },
];

const JSON_TEXT = '{"group":"sworn-admins","role":"ROLE_ADMIN","name":"roleBindings/a"}';

test('a table without a terminal is never cut', () => {
  expect(renderTable(COLUMNS, ROWS, { width: undefined, color: false })).toBe(
    'ID             TEXT\n' +
      '0199f3c2-7e10  short\n' +
      '1              a long text that does not fit into a narrow terminal\n',
  );
});

test('a table fits its terminal: ids stay whole, texts give way', () => {
  const lines = renderTable(COLUMNS, ROWS, { width: 30, color: false }).trimEnd().split('\n');
  expect(lines).toEqual(['ID             TEXT', '0199f3c2-7e10  short', '1              a long text th…']);
});

test('in a terminal columns without a value are left out, and spare ones, the rightmost first, where there is no room', () => {
  const columns: readonly Column<Row>[] = [
    ...COLUMNS.slice(0, 1),
    { title: 'EMPTY', cell: () => '' },
    { title: 'TEXT', cell: ({ text }) => text },
    { title: 'ONE', cell: () => 'first of all', spare: true },
    { title: 'TWO', cell: () => '2', spare: true },
  ];
  const titles = (width: number | undefined) =>
    renderTable(columns, ROWS, { width, color: false }).split('\n')[0]?.split(/ +/);
  expect(titles(undefined)).toEqual(['ID', 'EMPTY', 'TEXT', 'ONE', 'TWO']);
  expect(titles(46)).toEqual(['ID', 'TEXT', 'ONE', 'TWO']);
  expect(titles(44)).toEqual(['ID', 'TEXT', 'ONE']);
  expect(titles(38)).toEqual(['ID', 'TEXT']);
});

test('where even that has no room, each row is a block with all that it has', () => {
  const columns: readonly Column<Row>[] = [
    ...COLUMNS,
    { title: 'MORE', cell: ({ id }) => (id === '1' ? '' : 'also'), spare: true },
  ];
  const options = { width: 20, color: false };
  const text = 'ten letters';
  const rows = [
    { id: '0199f3c2-7e10', text },
    { id: '1', text },
  ];
  expect(renderTable(columns, rows, options)).toBe(
    'ID    0199f3c2-7e10\nTEXT  ten letters\nMORE  also\n\nID    1\nTEXT  ten letters\n',
  );
  const wrapped = renderTable(columns, [{ id: '0199f3c2-7e10', text: 'one two three four' }], options);
  expect(wrapped).toContain('TEXT  one two three\n      four\n');
});

test('a text that has to be read goes on below, broken at blanks where there are any', () => {
  const columns: readonly Column<Row>[] = [
    ...COLUMNS.slice(0, 1),
    { title: 'TEXT', cell: ({ text }) => text, wrap: true },
  ];
  const rows = [...ROWS, { id: '2', text: `x ${'y'.repeat(60)}` }, { id: '3', text: JSON_TEXT }];
  expect(renderTable(columns, rows, { width: 39, color: false }).trimEnd().split('\n')).toEqual([
    'ID             TEXT',
    '0199f3c2-7e10  short',
    '1              a long text that does',
    '               not fit into a narrow',
    '               terminal',
    '2              x',
    `               ${'y'.repeat(24)}`,
    `               ${'y'.repeat(24)}`,
    `               ${'y'.repeat(12)}`,
    '3              {"group":"sworn-admins",',
    '               "role":"ROLE_ADMIN",',
    '               "name":"roleBindings/a"}',
  ]);
});

test('a word that is a name stays in one piece: where there is no room for it each row is a block', () => {
  const columns: readonly Column<Row>[] = [
    ...COLUMNS.slice(0, 1),
    { title: 'TEXT', cell: ({ text }) => text, wrap: true },
  ];
  const rows = [{ id: '0199f3c2-7e10', text: 'allow by hipaa-clinicians/no-numbers' }];
  const render = (width: number) => renderTable(columns, rows, { width, color: false });
  expect(render(42)).toBe(
    'ID             TEXT\n0199f3c2-7e10  allow by\n               hipaa-clinicians/no-numbers\n',
  );
  expect(render(41)).toBe('ID    0199f3c2-7e10\nTEXT  allow by\n      hipaa-clinicians/no-numbers\n');
});

test('spare columns go before a text that has to be read is narrow', () => {
  const columns: readonly Column<Row>[] = [
    { title: 'TEXT', cell: ({ text }) => text, wrap: true },
    { title: 'MORE', cell: () => 'of that', spare: true },
  ];
  const rows = [{ id: '', text: 'ten letter '.repeat(9).trim() }];
  const titles = (width: number) =>
    renderTable(columns, rows, { width, color: false }).split('\n')[0]?.split(/ +/);
  expect(titles(57)).toEqual(['TEXT', 'MORE']);
  expect(titles(56)).toEqual(['TEXT']);
});

test.each([80, 100, 120])(
  'no line is longer than a terminal of %s columns, whatever there is to show',
  (width) => {
    const columns: readonly Column<Row>[] = [
      { title: 'FAULT', cell: () => 'checkpoint_beyond', whole: true },
      { title: 'WRITER', cell: ({ id }) => id, whole: true },
      { title: 'EPOCH', cell: () => '1' },
      { title: 'CALLER', cell: () => 'clinician@sworn.example' },
      { title: 'MODELS', cell: ({ text }) => text, spare: true },
      { title: 'WHAT', cell: ({ text }) => text, wrap: true },
    ];
    const rows = [
      { id: 'control-plane/01a21c1c-e2e0-714b-9a78-9b75f3b30285', text: 'a receipt names it '.repeat(9) },
    ];
    const lines = renderTable(columns, rows, { width, color: false }).split('\n');
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(width);
    expect(lines.join('\n')).toContain(rows[0]?.id);
  },
);

test('wide and combining characters keep the columns aligned', () => {
  const rows = [
    { id: '漢字', text: 'x' },
    { id: 'e\u0301e\u0301', text: 'x' },
    { id: '🩺', text: 'x' },
  ];
  const lines = renderTable(COLUMNS, rows, { width: undefined, color: false }).trimEnd().split('\n');
  expect(
    lines.map((line) => textWidth(line.slice(0, line.lastIndexOf(line.endsWith('x') ? 'x' : 'TEXT')))),
  ).toEqual([6, 6, 6, 6]);
});

test('a cell cannot leave its line or speak to the terminal', () => {
  const table = renderTable(COLUMNS, [{ id: 'a\nb', text: '\x1b[2Jc' }], { width: undefined, color: false });
  expect(table.split('\n')).toHaveLength(3);
  expect(table).not.toContain('\x1b');
});

test('colour marks the titles only', () => {
  expect(renderTable(COLUMNS, ROWS, { width: undefined, color: true }).split('\n')[0]).toBe(
    '\x1b[1mID             TEXT\x1b[0m',
  );
});

test('fields without a value are left out', () => {
  expect(
    renderFields([
      ['a', '1'],
      ['empty', ''],
      ['longer', 'x\ny'],
    ]),
  ).toBe('a       1\nlonger  x\n        y\n');
});

test('in a terminal values are folded at blanks, and words stay in one piece', () => {
  expect(renderFields([['a', `one two ${'x'.repeat(20)} three`]], 12)).toBe(
    `a  one two\n   ${'x'.repeat(20)}\n   three\n`,
  );
});

test('whom a revocation refuses is read to its end at 100 columns', () => {
  const revocation = create(RevocationSchema, {
    name: 'revocations/0199f3c2-7e10-7000-8000-000000000001',
    target: { email: 'ana@example.org', client: 'nightly-summaries-of-the-ward' },
    reason: 'left on 1 March, and took the laptop along',
    createdBy: { email: 'amy@example.org' },
  });
  const shown = renderTable(REVOCATION_COLUMNS, [revocation], { width: 100, color: false });
  expect(shown).toContain('ana@example.org');
  expect(shown).toContain('nightly-summaries-of-the-ward');
});
