import { ENTITIES } from '#core/phi/entities.ts';
import { columns, percent, type Table } from '../table.ts';
import type { Fault, Scores, Tally } from './score.ts';

/** The figures of one corpus. What the columns mean stands in score.ts. */
export function accuracyTables(corpus: string, scores: Scores): Table[] {
  const entities = ENTITIES.map(({ name }) => [name, scores.entities.get(name)] as const);
  const letters = [...scores.letters].filter(([, tally]) => tally.spans > 0 || tally.findings > 0);
  const kinds = [...scores.kinds].filter(([, tally]) => tally.spans > 0);
  return [
    {
      title: `${corpus}: by entity`,
      columns: columns(
        'entity',
        'spans',
        'findings',
        ...['recall%.1', 'precision%.1', 'F1%.1', 'named%.1', 'covered%.1'],
        ...['exact recall%.1', 'exact precision%.1', 'exact F1%.1'],
      ),
      rows: [...entities, ['ALL', scores.all] as const].flatMap(([name, tally]) =>
        tally === undefined || tally.spans + tally.findings === 0 ? [] : [[name, ...entityRow(tally)]],
      ),
    },
    {
      title: `${corpus}: by letter of 45 CFR 164.514(b)(2)(i)`,
      columns: columns('letter', 'spans', 'recall%.1', 'named%.1', 'covered%.1'),
      rows: letters.map(([letter, tally]) => [letter, ...shortRow(tally)]),
    },
    {
      title: `${corpus}: by kind of text`,
      columns: columns('kind', 'spans', 'recall%.1', 'named%.1', 'covered%.1'),
      rows: kinds.map(([kind, tally]) => [kind, ...shortRow(tally)]),
    },
    negativeTable(corpus, scores),
  ].filter(({ rows }) => rows.length > 0);
}

/** One line for each fault, sorted so that like ones stand together. */
export function faultLines(corpus: string, faults: readonly Fault[]): string {
  return faults
    .map(({ kind, entity, id, rule, value, around }) =>
      [corpus, kind, entity, rule || '-', id, JSON.stringify(value), JSON.stringify(around)].join('\t'),
    )
    .sort()
    .map((line) => `${line}\n`)
    .join('');
}

function entityRow(tally: Tally): number[] {
  const recall = percent(tally.found, tally.spans);
  const precision = percent(tally.right, tally.findings);
  const exactRecall = percent(tally.exact, tally.spans);
  const exactPrecision = percent(tally.exact, tally.findings);
  return [
    tally.spans,
    tally.findings,
    recall,
    precision,
    f1(recall, precision),
    percent(tally.named, tally.spans),
    percent(tally.covered, tally.characters),
    exactRecall,
    exactPrecision,
    f1(exactRecall, exactPrecision),
  ];
}

function shortRow(tally: Tally): number[] {
  return [
    tally.spans,
    percent(tally.found, tally.spans),
    percent(tally.named, tally.spans),
    percent(tally.covered, tally.characters),
  ];
}

function f1(recall: number, precision: number): number {
  return recall + precision === 0 ? 0 : (2 * recall * precision) / (recall + precision);
}

function negativeTable(corpus: string, { negatives }: Scores): Table {
  const rows = [...negatives].map(([near, { texts, flagged }]) => [
    near,
    texts,
    flagged,
    percent(flagged, texts),
  ]);
  const texts = [...negatives.values()].reduce((sum, entry) => sum + entry.texts, 0);
  const flagged = [...negatives.values()].reduce((sum, entry) => sum + entry.flagged, 0);
  return {
    title: `${corpus}: negative texts, by what they may be taken for`,
    columns: columns('like', 'texts', 'flagged', 'flagged%.1'),
    rows: texts === 0 ? [] : [...rows, ['ALL', texts, flagged, percent(flagged, texts)]],
  };
}
