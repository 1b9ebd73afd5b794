import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { addIdentifiers } from '#core/phi/custom/detector.ts';
import { createDetector } from '#core/phi/detect.ts';
import { compilePolicies } from '#core/policy/compile.ts';
import { evaluatePolicies } from '#core/policy/evaluate.ts';
import { parsePolicies } from '#core/policy/parse.ts';
import { compareTrial, type Difference } from '#core/policy/trial/compare.ts';
import { readPolicyCases } from '#core/policy/trial/read.ts';
import { trySample } from '#core/policy/trial/sample.ts';
import { PARAMETERS } from '#core/provider/openai/parameters/catalogue.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { requestOf } from './policies.ts';

const ROOT = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

/** The cases of a document, each with what runs it and gives the differences. */
function casesOf(suite: string, readPolicy: (file: string) => string): [string, () => Difference[]][] {
  const { policies, cases } = readPolicyCases(suite);
  const compiled = compilePolicies(policies.flatMap((file) => parsePolicies(readPolicy(file))));
  const detector = addIdentifiers(createDetector(), compiled.identifiers);
  return cases.map(({ name, sample, expected }) => [
    name,
    () => compareTrial(expected, trySample(compiled, detector, sample)),
  ]);
}

describe('docs/policy.md', () => {
  const blocks = [...read('docs/policy.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    (match) => match[1] ?? '',
  );

  test('has examples', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(6);
  });

  const isCases = (block: string) => /^kind: PolicyTest$/m.test(block);
  const policies = new Map(
    blocks.filter((block) => !isCases(block)).map((block) => [/^name: (.*)$/m.exec(block)?.[1] ?? '', block]),
  );

  test.each([...policies])('%s compiles', (_name, block) => {
    expect(parsePolicies(block)).toHaveLength(1);
  });

  const suites = blocks.filter(isCases);
  test('has cases', () => {
    expect(suites).toHaveLength(1);
  });

  test.each(
    suites.flatMap((suite) => casesOf(suite, (file) => policies.get(file.replace('.yaml', '')) ?? '')),
  )('case: %s', (_name, run) => {
    expect(run()).toEqual([]);
  });
});

describe('examples/policy-library', () => {
  const folder = 'examples/policy-library/';
  const files = readdirSync(new URL(folder, ROOT));
  const suites = files.filter((file) => file.endsWith('.test.yaml'));

  test('has cases for each of its policies', () => {
    const others = files.filter((file) => !file.endsWith('.test.yaml'));
    expect(others.map((file) => file.replace('.yaml', '.test.yaml'))).toEqual(suites);
    expect(others).toHaveLength(4);
  });

  test.each(suites.flatMap((suite) => casesOf(read(folder + suite), (file) => read(folder + file))))(
    '%s',
    (_name, run) => {
      expect(run()).toEqual([]);
    },
  );
});

test('docs/policy.md has every parameter as the catalogue has it', () => {
  const rows = PARAMETERS.map(({ name, kind, uses, about }) => {
    return `| \`${name}\` | ${kind} | ${uses.map((use) => `\`${use}\``).join(' ')} | ${about} |`;
  });
  expect(read('docs/policy.md')).toContain(rows.join('\n'));
});

describe('examples/policies', () => {
  const files = readdirSync(new URL('examples/policies/', ROOT));

  test.each(files)('%s compiles', (file) => {
    expect(parsePolicies(read(`examples/policies/${file}`)).length).toBeGreaterThan(0);
  });

  const hipaa = compilePolicies(parsePolicies(read('examples/policies/hipaa-clinicians.yaml')));
  const { ALLOW, REQUIRE_APPROVAL: ASK, DENY } = Action;

  test.each([
    ["Summarise the patient's history.", ALLOW],
    ['When is Ms Rivera due for her next visit? Her MRN is 00123456.', ALLOW],
    ['You are an assistant for clinicians. Answer questions about one patient.', ALLOW],
    ['List the lab results of the patient.', ALLOW],
    ['Is this dose right for all ages?', ALLOW],
    ['Show me the phone numbers of all patients', ASK],
    ['all of our diabetic patients', ASK],
    ['every admitted patient', ASK],
    ['Give me a LIST OF PATIENTS seen by Dr Smith', ASK],
    ['list\n the patients', ASK],
    ['the patient census of ward 3', ASK],
    ['Export the last 100 patient records', ASK],
    ["What is the patient's social security number?", DENY],
    ['List the SSNs of all patients', DENY],
  ])('HIPAA: %s', (text, action) => {
    expect(evaluatePolicies(hipaa, requestOf({ texts: ['Be brief.', text] })).decision.action).toBe(action);
  });

  test('HIPAA: many findings ask, other groups are denied', () => {
    expect(evaluatePolicies(hipaa, requestOf({ findings: { PERSON: 21 } })).decision.action).toBe(ASK);
    expect(evaluatePolicies(hipaa, requestOf({ findings: { PERSON: 20 } })).decision.action).toBe(ALLOW);
    expect(evaluatePolicies(hipaa, requestOf({ model: 'other' })).decision.action).toBe(DENY);
  });
});
