import { describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { compilePolicies } from '#core/policy/compile.ts';
import { PolicyError } from '#core/policy/fault.ts';
import { parsePolicies } from '#core/policy/parse.ts';
import { compareTrial } from '#core/policy/trial/compare.ts';
import { readPolicyCases } from '#core/policy/trial/read.ts';
import { trySample } from '#core/policy/trial/sample.ts';

const POLICY = `apiVersion: sworn/v1
kind: Policy
name: p
spec:
  groups: [clinicians]
  rules:
    - name: numbers
      when: findings.US_SSN > 0 && region == "eu" && labels["env"] == "prod" && "a" in caller.claims["x"]
      requireApproval: { reviewers: [privacy-office] }
      purpose: TREAT
      retention: 30d
    - name: division
      when: 1 / size(tools) == 1
      allow: {}
  mask: { default: hash, entities: { US_SSN: last-four } }
  parameters: { store: { force: false } }
`;
const CASES = `apiVersion: sworn/v1
kind: PolicyTest
policies: [p.yaml]
cases:
  - name: asked
    caller: { groups: [clinicians], claims: { x: [a, b] } }
    plane: { region: eu, labels: { env: prod } }
    request: { body: { model: gpt-5, input: "SSN 078-05-1120" } }
    expect:
      action: requireApproval
      policy: p
      rule: numbers
      reviewers: [privacy-office]
      purpose: TREAT
      retention: 30d
      mask: { US_SSN: last-four, MRN: hash }
      changes: { store: set to false }
      sent: { store: false, stream: null }
`;

const compiled = compilePolicies(parsePolicies(POLICY));
const detector = createDetector();

function differences(yaml: string): string[] {
  return readPolicyCases(yaml).cases.flatMap(({ sample, expected }) =>
    compareTrial(expected, trySample(compiled, detector, sample)).map(
      ({ what, expected: wanted, actual }) => `${what}: ${wanted} / ${actual}`,
    ),
  );
}

const but = (from: string, to: string) => {
  expect(CASES).toContain(from);
  return CASES.replace(from, () => to);
};

describe('cases', () => {
  test('are as expected', () => {
    expect(differences(CASES)).toEqual([]);
  });

  test.each([
    ['action: requireApproval', 'action: allow', 'action: allow / requireApproval'],
    ['policy: p\n', 'policy: q\n', 'policy: q / p'],
    ['rule: numbers', 'rule: ""', 'rule:  / numbers'],
    ['reviewers: [privacy-office]', 'reviewers: []', 'reviewers: [] / ["privacy-office"]'],
    ['purpose: TREAT', 'purpose: X', 'purpose: X / TREAT'],
    ['retention: 30d', 'retention: 31d', 'retention: 31d / 30d'],
    ['MRN: hash', 'MRN: none', 'mask of MRN: none / hash'],
    ['changes: { store: set to false }', 'changes: {}', 'changes: [] / [["store","set to false"]]'],
    ['sent: { store: false,', 'sent: { store: true,', 'sent store: true / false'],
    ['stream: null', 'model: null', 'sent model: null / gpt-5'],
    ['policy: p\n', 'reason: because size\n', 'reason: ... because size ... / policy p, rule numbers'],
    ['policy: p\n', 'param: store\n', 'param: store / '],
  ])('that say %s where it is %s fail', (from, to, difference) => {
    expect(differences(but(from, to)).join('\n')).toContain(difference);
  });

  test.each([
    ['claims: { x: [a, b] }', 'claims: { x: [b] }'],
    ['region: eu', 'region: us'],
    ['env: prod', 'env: test'],
    ['078-05-1120', 'unknown'],
    ['groups: [clinicians]', 'groups: [nurses]'],
  ])('see %s', (from, to) => {
    expect(differences(but(from, to)).join('\n')).toContain('action: requireApproval / deny');
  });

  test('that fail to evaluate are denied, and say why', () => {
    const { cases } = readPolicyCases(but('078-05-1120', 'unknown'));
    const [first] = cases;
    if (first === undefined) throw new Error('no case');
    const { result, policies } = trySample(compiled, detector, first.sample);
    expect(result.decision.reason).toContain('a division by zero');
    expect(policies[0]?.rules).toMatchObject([
      {
        rule: 'numbers',
        holds: false,
        failure: undefined,
        values: expect.arrayContaining([
          ['findings.US_SSN', '0'],
          ['caller.claims["x"]', '["a", "b"]'],
          ['region', '"eu"'],
        ]),
      },
      { rule: 'division', holds: true, failure: 'a division by zero', values: [['tools', '[]']] },
    ]);
  });
});

describe('cases that cannot be read', () => {
  test.each([
    ['kind: PolicyTest', 'kind: Policy', 'must be PolicyTest'],
    ['apiVersion: sworn/v1\n', '', 'missing: write `apiVersion: sworn/v1`'],
    ['policies: [p.yaml]\n', '', 'policies: missing'],
    ['  - name: asked\n    caller', '  - caller', 'a case needs a name'],
    ['action: requireApproval', 'action: ask', 'must be one of allow, deny, requireApproval'],
    ['      action: requireApproval\n', '', 'needs an action'],
    ['request: {', 'request: { prompt: x,', 'a request has a body or a prompt'],
    ['request: {', 'request: { call: responses.create,', 'must be a method and a path'],
    ['    plane:', '    at: tomorrow\n    plane:', 'must be a time'],
    ['    plane:', '    session: { tokens: -1 }\n    plane:', 'must be a whole number from 0'],
    ['      policy: p', '      police: p', 'unknown field; there are action, policy'],
    ['body: { model: gpt-5, input: "SSN 078-05-1120" }', 'body: [1]', 'must be a mapping'],
    ['cases:\n', 'cases: &a\n', 'anchors'],
    ['kind: PolicyTest', 'kind: "PolicyTest', 'cases'],
  ])('%s -> %s', (from, to, message) => {
    const read = () => readPolicyCases(but(from, to));
    expect(read).toThrow(PolicyError);
    expect(read).toThrow(message);
  });
});
