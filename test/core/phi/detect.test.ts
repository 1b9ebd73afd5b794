import { expect, test } from 'vitest';
import { createDetector, createRuleDetector } from '#core/phi/detect.ts';
import { Plan } from '#core/phi/engine/plan.ts';
import { compileRules } from '#core/phi/engine/rule/rule.ts';
import { ENTITIES, isEntityName } from '#core/phi/entities.ts';
import { RULES } from '#core/phi/rules/index.ts';

/* All names and numbers are invented or published as examples: see text.ts. */
const detector = createDetector();

const found = (text: string) => detector.scan(text).map((f) => `${f.entity}:${text.slice(f.start, f.end)}`);

test('a line to write on is as good as a colon, and letters for a dose are no initials', () => {
  const rules = createRuleDetector();
  expect(rules.scan('Patient Name ______Zorvath Quillen______')).toMatchObject([{ start: 19, end: 34 }]);
  expect(rules.scan('Patient ________ Date ________ Provider ________')).toEqual([]);
  expect(rules.scan('pt: p.o. meds only')).toEqual([]);
});

test('a number that was never issued is no social security number', () => {
  expect(found('SSNs are not 123-00-4567 and 123-45-0000').join()).not.toContain('US_SSN');
  expect(found('123-01-4567 and 123-45-0001').join()).toContain('US_SSN');
});

test('findings are in order, carry their rule, and a clipped one keeps its rest', () => {
  const text = 'Dr. Smith, SSN 078-05-1120 and john@example.org';
  const findings = detector.scan(text);
  expect(findings.map((f) => [f.rule, f.score > 0 && f.score <= 1])).toEqual([
    ['person.title', true],
    ['ssn.labelled', true],
    ['email.address', true],
  ]);
});

test('the catalogue has an entity for every rule, and names are checked', () => {
  expect(new Set(RULES.map((rule) => rule.entity))).toEqual(new Set(ENTITIES.map((entity) => entity.name)));
  expect(isEntityName('MRN')).toBe(true);
  expect(isEntityName('toString')).toBe(false);
  expect(new Set(RULES.map((rule) => rule.name)).size).toBe(RULES.length);
});

test('a rule that streaming could not bound is refused', () => {
  const rule = { entity: 'MRN', name: 'x', score: 1 } as const;
  expect(() => compileRules([{ ...rule, value: 'a+' }])).toThrow(/value is unbounded/);
  expect(() => compileRules([{ ...rule, value: 'a', before: 'b*' }])).toThrow(/context is unbounded/);
  for (const look of ['behind', 'unless']) {
    expect(() => compileRules([{ ...rule, value: 'a', [look]: 'b{1,200}' }])).toThrow(
      /looks back at is unbounded/,
    );
  }
  expect(() => new Plan([{ ...rule, value: 'a\\b' }])).toThrow(/assertion/);
});

test('a context counts, but is not itself looked at', () => {
  const scan = detector.open(new Set(['US_SSN']), 'ssn 219-09-9999, ssn: ');
  scan.push('078051120');
  scan.end();
  expect(scan.take().map((f) => [f.start, f.end])).toEqual([[0, 9]]);
});
