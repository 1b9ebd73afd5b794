import type { Comparison, Verdict } from './compare.ts';

const COLUMNS: readonly (readonly [string, (comparison: Comparison) => boolean])[] = [
  ['directly', ({ verdict }) => verdict !== 'not run'],
  ['through Sworn', ({ verdict }) => verdict === 'same'],
  ['of these answered by the mock', ({ verdict, answered }) => verdict === 'same' && answered],
  ['refused', ({ verdict }) => verdict === 'refused'],
  ['not yet', ({ verdict }) => verdict === 'not yet'],
  ['different', ({ verdict }) => verdict === 'different'],
  ['not run', ({ verdict }) => verdict === 'not run'],
];

/** The comparison as a Markdown table by parts of the API, then each reason with its number of tests, then every difference. */
export function formatReport(comparisons: readonly Comparison[]): string {
  const parts = [...Map.groupBy(comparisons, partOf)].sort(([a], [b]) => (a < b ? -1 : 1));
  const head = ['tests of', ...COLUMNS.map(([name]) => name)];
  const rows = [...parts.map(([part, tests]) => row(part, tests)), row('all', comparisons)];
  const differences = comparisons.filter(({ verdict }) => verdict === 'different');
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows,
    '',
    ...reasons(comparisons, 'refused', 'Refused for good'),
    ...reasons(comparisons, 'not yet', 'Not served yet'),
    ...differences.map(({ test, reason }) => `DIFFERENT ${test.file}: ${test.name}: ${reason}`),
  ].join('\n');
}

/** `chat/completions/messages.test.ts` is of `chat`, `files.test.ts` of `files`. */
function partOf({ test }: Comparison): string {
  return test.file.replace(/\.test\.ts$/, '').split('/', 1)[0] ?? '';
}

function row(name: string, tests: readonly Comparison[]): string {
  return line([name, ...COLUMNS.map(([, counts]) => String(tests.filter(counts).length))]);
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function reasons(comparisons: readonly Comparison[], kind: Verdict, title: string): string[] {
  const told = Map.groupBy(
    comparisons.filter(({ verdict }) => verdict === kind),
    ({ reason }) => reason,
  );
  if (told.size === 0) return [];
  return [`${title}:`, '', ...Array.from(told, ([reason, { length }]) => `- ${length}: ${reason}`), ''];
}
