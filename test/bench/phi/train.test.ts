import { expect, test } from 'vitest';
import { createRuleDetector } from '#core/phi/detect.ts';
import { CLASSES, UNSEEN } from '#core/phi/judge/classes.ts';
import { features, type Place, readTogether } from '#core/phi/judge/features.ts';
import { Token } from '#core/phi/judge/tokens.ts';
import { ROW_BITS, Weights } from '#core/phi/judge/weights.ts';
import { examplesOf, readTokens, withoutRare } from '../../../bench/phi/train/examples.ts';
import { fitModel } from '../../../bench/phi/train/fit.ts';
import { pack } from '../../../bench/phi/train/pack.ts';
import { readMarks } from '../../core/phi/corpus/read.ts';

const PERSON = CLASSES.indexOf('PERSON');
const rules = createRuleDetector();
const texts = [
  'gave {{PERSON|zorblat}} the pill',
  'gave {{PERSON|quuxo}} the pill',
  'the pill was zorgy',
  'blood from {{PERSON|quuxo}}',
  'blood in the tube',
].map((text, i) => ({
  id: `t-${i}`,
  kind: text.includes('{{') ? 'text' : 'negative',
  ...readMarks(`t-${i}`, text),
}));

/** Nothing, with nothing around it. */
const NOWHERE: Place = {
  passed: [],
  third: new Token(),
  second: new Token(),
  before: new Token(),
  token: new Token(),
  behind: new Token(),
  after: new Token(),
  text: '',
  seen: UNSEEN,
  told: 0,
  since: 0,
  found: undefined,
};

function judge(weights: Weights, text: string, word: string): number {
  const tokens = readTokens(weights.lexemes, text);
  const at = (i: number): Token => tokens[i] ?? new Token();
  const i = tokens.findIndex(({ start, end }) => text.slice(start, end) === word);
  return weights.judge({
    passed: [],
    third: at(i - 3),
    second: at(i - 2),
    before: at(i - 1),
    token: at(i),
    behind: at(i + 1),
    after: at(i + 2),
    text: word,
    seen: UNSEEN,
    told: 0,
    since: 0,
    found: undefined,
  });
}

test('a token is an example of what it is marked as; signs are none', () => {
  const [example] = texts;
  if (example === undefined) throw new Error('no text');
  const kinds = examplesOf([example], rules, () => false)
    .flat()
    .map(({ kind }) => kind);
  expect(kinds).toEqual([0, PERSON, 0, 0]);
  const marked = readMarks('s', 'Mr. {{PERSON|Zed}}, {{DATE_OF_BIRTH|3/4/1975}}!');
  expect(
    examplesOf([{ id: 's', kind: 'text', ...marked }], rules, () => false)
      .flat()
      .map(({ kind }) => kind),
  ).toEqual([0, PERSON, CLASSES.indexOf('DATE')]);
});

test('a model learns from where words stand, the same from the same examples and seed', () => {
  // Often enough for weights that are kept.
  const examples = Array.from({ length: 32 }, () => examplesOf(texts, rules, () => true)).flat(2);
  const fitted = fitModel(examples, 7);
  expect(fitModel(examples, 7)).toEqual(fitted);
  const weights = new Weights(pack(fitted));
  expect(judge(weights, 'gave blorgo the pill', 'blorgo')).toBeGreaterThan(0.5);
  expect(weights.best).toBe(PERSON);
  expect(judge(weights, 'the pill was blorgo', 'blorgo')).toBeLessThan(0.5);
});

test('what only one text has is no feature', () => {
  const [one, two] = examplesOf(texts.slice(0, 2), rules, () => false);
  if (one === undefined || two === undefined) throw new Error('no text');
  const rows = (examples: typeof one) => new Set(examples.flatMap((example) => Array.from(example.rows)));
  const both = [...rows(one)].filter((row) => rows(two).has(row));
  expect(both.length).toBeGreaterThan(0);
  expect(rows(withoutRare([one, two]))).toEqual(new Set(both));
  expect(withoutRare([one]).every((example) => example.rows.length === 0)).toBe(true);
});

test('packed weights give the likelihood that they had, but for their rounding', () => {
  const classes = CLASSES.length;
  const fitted = new Float32Array((1 << ROW_BITS) * classes);
  // Every feature of every token has these, so any token has as many times them as it has features.
  for (let at = 0; at < fitted.length; at += classes) fitted.set([-0.25, 0.5, 0, 0, -0.125, 0, 0], at);
  const weights = new Weights(pack(fitted));
  const [token] = readTokens(weights.lexemes, 'a');
  const place = { ...NOWHERE, passed: [token as Token], token: token as Token, text: 'a' };
  const likelihood = weights.judge(place);
  // Its own 9, 3 of the token before it and behind it each, 2 of the others each, one that has passed, 13 together.
  const features = 9 + 3 + 3 + 2 + 2 + 1 + 13;
  const odds = [0.5, 0, 0, -0.125, 0, 0].reduce(
    (sum, weight) => sum + Math.exp(features * (weight + 0.25)),
    0,
  );
  expect(weights.best).toBe(PERSON);
  expect(likelihood).toBeCloseTo(odds / (1 + odds), 10);
});

test('a rule is heard even where the words by themselves say that there is nothing', () => {
  const classes = CLASSES.length;
  const found = { rule: 'person.by', entity: 'PERSON', score: 0.8 } as const;
  const place = NOWHERE;
  const rowsOf = (one: Place) =>
    Array.from(features.subarray(0, readTogether(one)), (hash) => hash & ((1 << ROW_BITS) - 1));
  const fitted = new Float32Array((1 << ROW_BITS) * classes);
  for (let at = 0; at < fitted.length; at += classes) fitted[at] = 0.5;
  const others = new Set(rowsOf(place));
  for (const row of rowsOf({ ...place, found }).filter((row) => !others.has(row))) {
    fitted[row * classes] = 0;
    fitted[row * classes + PERSON] = 3.9;
  }
  const weights = new Weights(pack(fitted));
  expect(weights.judge(place)).toBe(0);
  expect(weights.judge({ ...place, found })).toBeGreaterThan(0.5);
  expect(weights.best).toBe(PERSON);
});
