import { expect, test } from 'vitest';
import { ENTITIES } from '#core/phi/entities.ts';
import { readCorpus, readMarks } from './read.ts';

const WRITTEN = new URL('written.jsonl', import.meta.url).pathname;

test('marks become spans over the text without them, in UTF-16 units', () => {
  expect(readMarks('a', '😀 {{PERSON|Zoë}} ({{MRN|12}}){{CITY|Reno}}')).toEqual({
    text: '😀 Zoë (12)Reno',
    spans: [
      { entity: 'PERSON', start: 3, end: 6 },
      { entity: 'MRN', start: 8, end: 10 },
      { entity: 'CITY', start: 11, end: 15 },
    ],
  });
  expect(readMarks('a', '{"a":{"mrn":"{{MRN|1}}"}}')).toEqual({
    text: '{"a":{"mrn":"1"}}',
    spans: [{ entity: 'MRN', start: 13, end: 14 }],
  });
});

test.each([
  ['{{NAME|Zoë}}', 'unknown entity NAME'],
  ['{{PERSON|Zoë}', 'broken mark'],
  ['{PERSON|Zoë}}', 'broken mark'],
  ['{{PERSON}} Zoë', 'broken mark'],
  ['{{PERSON|Zoë {{CITY|Reno}}}}', 'broken mark'],
])('a mistyped mark is an error: %s', (marked, message) => {
  expect(() => readMarks('a-1', marked)).toThrow(`a-1: ${message}`);
});

test('the written corpus has identifiers in every text but the negative ones, and of every entity', () => {
  const corpus = readCorpus(WRITTEN);
  const wrong = corpus.filter(({ kind, spans }) => (kind === 'negative') !== (spans.length === 0));
  expect(wrong.map(({ id }) => id)).toEqual([]);
  const entities = new Set(corpus.flatMap(({ spans }) => spans.map(({ entity }) => entity)));
  expect(ENTITIES.map(({ name }) => name).filter((name) => !entities.has(name))).toEqual([]);
});

test('no span of the written corpus is empty, padded or beyond its text', () => {
  const values = readCorpus(WRITTEN).flatMap(({ id, text, spans }) =>
    spans.map(({ start, end }) => ({ id, value: text.slice(start, end), length: end - start })),
  );
  const wrong = values.filter(({ value, length }) => value.length !== length || value !== value.trim());
  expect(wrong).toEqual([]);
  expect(values.length).toBeGreaterThan(0);
});
