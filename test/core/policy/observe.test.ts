import { describe, expect, test } from 'vitest';
import { asEnforced } from '#core/policy/as-enforced.ts';
import { compilePolicies } from '#core/policy/compile.ts';
import { evaluatePolicies } from '#core/policy/evaluate.ts';
import { formatPolicies } from '#core/policy/format.ts';
import { parsePolicies } from '#core/policy/parse.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { requestOf } from './policies.ts';

const IN_FORCE = `apiVersion: sworn/v1
kind: Policy
name: clinical
spec:
  groups: [clinicians]
  rules: [{ name: ordinary, allow: {} }]
`;
const WATCHED = `apiVersion: sworn/v1
kind: Policy
name: clinical-next
spec:
  mode: observe
  replaces: clinical
  groups: [clinicians]
  identifiers: { WARD_CODE: { pattern: 'W-[0-9]{4}' } }
  rules:
    - { name: wards, when: findings.WARD_CODE > 0, deny: {} }
    - { name: names, when: findings.PERSON > 0, requireApproval: { reviewers: [office] } }
    - { name: rest, deny: { message: "No." } }
`;
const read = (...documents: string[]) => parsePolicies(documents.join('---\n'));
const decide = (policies: Parameters<typeof evaluatePolicies>[0] | undefined, findings = {}) =>
  policies && evaluatePolicies(policies, requestOf({ findings })).decision;

describe('a policy that observes', () => {
  const compiled = compilePolicies(read(IN_FORCE, WATCHED));

  test('decides nothing, and is seen to decide in the place of the one that it replaces', () => {
    expect(decide(compiled)).toMatchObject({ action: Action.ALLOW, policy: 'policies/clinical' });
    expect(decide(compiled.observed)).toMatchObject({ action: Action.DENY, rule: 'rest' });
    expect(decide(compiled.observed, { PERSON: 1 })).toMatchObject({ action: Action.REQUIRE_APPROVAL });
  });

  test('is weighed against those in force where it replaces none', () => {
    const beside = compilePolicies(read(IN_FORCE, WATCHED.replace('  replaces: clinical\n', '')));
    expect(decide(beside)).toMatchObject({ action: Action.ALLOW });
    expect(beside.observed?.policies.map(({ name }) => name)).toEqual([
      'policies/clinical',
      'policies/clinical-next',
    ]);
  });

  test('alone leaves every request undecided', () => {
    expect(decide(compilePolicies(read(WATCHED)))).toMatchObject({ action: Action.DENY, policy: '' });
  });

  test('has no identifiers looked for: they would change what is masked', () => {
    expect(compiled.identifiers).toEqual([]);
    expect(decide(compiled.observed, { WARD_CODE: 1 })).toMatchObject({ rule: 'wards' });
  });

  test('counts when it is tried on its cases', () => {
    const policies = asEnforced(read(IN_FORCE, WATCHED));
    expect(policies.map(({ name }) => name)).toEqual(['policies/clinical-next']);
    const tried = compilePolicies(policies);
    expect(decide(tried)).toMatchObject({ action: Action.DENY, rule: 'rest' });
    expect(tried.identifiers).toHaveLength(1);
    expect(tried.observed).toBeUndefined();
  });

  test('reads back as it was written', () => {
    const policies = read(IN_FORCE, WATCHED);
    expect(read(formatPolicies(policies))).toEqual(policies);
  });
});

test('where none observes there is nothing to work out', () => {
  expect(compilePolicies(read(IN_FORCE)).observed).toBeUndefined();
});

test.each([
  ['mode: watch', 'spec.mode', 'must be one of enforce, observe'],
  [
    'replaces: other',
    'spec.replaces',
    'only a policy with `mode: observe` is watched in the place of another one',
  ],
  ['{ mode: observe, replaces: clinical }', 'spec.replaces', 'is the policy itself'],
])('%s', (line, path, message) => {
  const lines = line.startsWith('{') ? 'mode: observe\n  replaces: clinical' : line;
  const fault = () => read(IN_FORCE.replace('spec:\n', `spec:\n  ${lines}\n`));
  expect(fault).toThrow(`${path}: ${message}`);
});
