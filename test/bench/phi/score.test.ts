import { expect, test } from 'vitest';
import { ALL_ENTITIES, type Detector, type Finding } from '#core/phi/detect.ts';
import type { EntityName } from '#core/phi/entities.ts';
import { score } from '../../../bench/phi/accuracy/score.ts';
import { accuracyTables } from '../../../bench/phi/accuracy/tables.ts';
import { join, type LabelledText, mark } from '../../../bench/phi/corpus/text.ts';
import { format } from '../../../bench/phi/table.ts';

/** A detector that finds what a test says, by entity and word. */
function finds(...words: readonly (readonly [EntityName, string])[]): Detector {
  return {
    entities: ALL_ENTITIES,
    scan: (text) =>
      words.flatMap(([entity, word]): Finding[] => {
        const start = text.indexOf(word);
        return start < 0 ? [] : [{ entity, start, end: start + word.length, score: 1, rule: 'test' }];
      }),
    open: () => {
      throw new Error('only whole texts here');
    },
  };
}

const TEXTS: readonly LabelledText[] = [
  { id: 'a', kind: 'note', ...join([mark('PERSON', 'Ann Lee'), { text: ' of ' }, mark('CITY', 'Reno')]) },
  { id: 'b', kind: 'note', ...join([{ text: 'seen ' }, mark('DATE', '3/4/2024')]) },
  { id: 'c', kind: 'negative', text: 'half a tablet', spans: [], near: 'DATE' },
  { id: 'd', kind: 'negative', text: 'no drug', spans: [] },
];

test('what is covered in part is found, by another entity too, but neither named nor exact', () => {
  const { all, entities, letters, kinds } = score(
    finds(['PERSON', 'Lee'], ['ORGANIZATION', 'Reno'], ['DATE', '3/4/2024']),
    TEXTS,
  );
  expect(entities.get('PERSON')).toMatchObject({
    spans: 1,
    found: 1,
    named: 1,
    exact: 0,
    covered: 3,
    right: 1,
  });
  expect(entities.get('CITY')).toMatchObject({ spans: 1, found: 1, named: 0, exact: 0, findings: 0 });
  expect(entities.get('ORGANIZATION')).toMatchObject({ spans: 0, findings: 1, right: 1 });
  expect(letters.get('C')).toMatchObject({ spans: 1, found: 1, exact: 1 });
  expect(kinds.get('note')).toMatchObject({ spans: 3, found: 3 });
  expect(all).toMatchObject({
    spans: 3,
    found: 3,
    named: 2,
    exact: 1,
    characters: 19,
    covered: 15,
    findings: 3,
  });
});

test('false alarms count against precision, and flag negative texts', () => {
  const scores = score(finds(['DATE', 'half'], ['PERSON', 'seen']), TEXTS);
  expect(scores.all).toMatchObject({ found: 0, findings: 2, right: 0 });
  expect(Object.fromEntries(scores.negatives)).toEqual({
    DATE: { texts: 1, flagged: 1 },
    OTHER: { texts: 1, flagged: 0 },
  });
  expect(scores.faults.map(({ kind, entity, value }) => `${kind} ${entity} ${value}`).sort()).toEqual([
    'alarm DATE half',
    'alarm PERSON seen',
    'miss CITY Reno',
    'miss DATE 3/4/2024',
    'miss PERSON Ann Lee',
  ]);
  expect(accuracyTables('x', scores).map(format).join('')).toMatch(
    /DATE {2}.*\n.*OTHER.*\n.*ALL +2 +1 +50\.0/,
  );
});
