import { expect, test } from 'vitest';
import { ENTITIES, type EntityName } from '#core/phi/entities.ts';
import {
  generateBulk,
  generateCorpus,
  LEAST_PER_ENTITY,
  NEGATIVES,
  TEMPLATES,
} from '../../../bench/phi/corpus/generate.ts';

const SEED = 20_260;
const corpus = generateCorpus(SEED);

test('the same seed gives the same texts, and another one others', () => {
  expect(generateCorpus(SEED)).toEqual(corpus);
  const texts = new Set(corpus.filter(({ kind }) => kind !== 'negative').map(({ text }) => text));
  const others = generateCorpus(SEED + 1).filter(({ kind }) => kind !== 'negative');
  expect(others.filter(({ text }) => texts.has(text)).length).toBeLessThan(others.length / 20);
});

test('spans are in order, apart from each other, and no slot is left open', () => {
  for (const { id, text, spans } of corpus) {
    let at = 0;
    for (const { start, end } of spans) {
      expect(start, id).toBeGreaterThanOrEqual(at);
      expect(end, id).toBeGreaterThan(start);
      const value = text.slice(start, end);
      expect(value, id).toBe(value.trim());
      at = end;
    }
    expect(at, id).toBeLessThanOrEqual(text.length);
    expect(text, id).not.toMatch(/\{[a-zA-Z=]|undefined/);
  }
});

/** What the values of an entity look like, whatever the noise. */
const FORMS: Partial<Record<EntityName, RegExp>> = {
  PERSON: /^\D*\p{L}\D*$/u,
  DATE: /\d|^(?:thanksgiving|christmas|new|labor|memorial|halloween|fourth)/i,
  ZIP_CODE: /^\d{5}(?:-\d{4})?$/,
  AGE: /^(?:9\d|10[0-6])$/,
  PHONE_NUMBER: /555.?01\d\d|7946/,
  FAX_NUMBER: /555.?01\d\d|7946/,
  EMAIL_ADDRESS: /^\S+@\S*example\S*$/i,
  US_SSN: /^(?:078|219|77[3-9]|7[89]\d|8\d\d)[- ]?\d\d[- ]?\d{4}$/,
  US_ITIN: /^9\d\d[- ]\d\d[- ]\d{4}$/,
  CREDIT_CARD: /^[2-6][\d -]{14,18}$/,
  IBAN_CODE: /^[A-Z]{2}\d{2}[A-Z\d ]+$/,
  VIN: /^[A-HJ-NPR-Z0-9]{17}$/,
  MAC_ADDRESS: /^(?:[0-9A-F]{2}[:-]){5}[0-9A-F]{2}$/i,
  IP_ADDRESS: /^(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d+$|^2001:db8:/i,
  URL: /example/i,
};

test.each(ENTITIES.map(({ name }) => name))('%s has enough positives and negatives', (name) => {
  const values = corpus.flatMap(({ text, spans }) =>
    spans.filter(({ entity }) => entity === name).map(({ start, end }) => text.slice(start, end)),
  );
  expect(values.length).toBeGreaterThanOrEqual(LEAST_PER_ENTITY);
  expect(values.filter((value) => !(FORMS[name] ?? /./).test(value))).toEqual([]);
  const negatives = corpus.filter(({ near }) => near === name);
  expect(new Set(negatives.map(({ text }) => text)).size).toBeGreaterThanOrEqual(LEAST_PER_ENTITY);
  expect(negatives.filter(({ kind, spans }) => kind !== 'negative' || spans.length > 0)).toEqual([]);
  expect(NEGATIVES[name]?.length).toBeGreaterThanOrEqual(5);
});

test('there are many templates, and each one is used', () => {
  const count = Object.values(TEMPLATES).flat().length;
  expect(count).toBeGreaterThanOrEqual(25);
  for (const [kind, templates] of Object.entries(TEMPLATES)) {
    expect(corpus.filter((text) => text.kind === kind).length).toBeGreaterThanOrEqual(2 * templates.length);
  }
});

test('text for measuring speed does not repeat', () => {
  const texts = generateBulk(3, 200_000);
  expect(texts.join('').length).toBeGreaterThanOrEqual(200_000);
  expect(new Set(texts).size).toBe(texts.length);
});
