import { describe, expect, test } from 'vitest';
import { compilePolicies } from '#core/policy/compile.ts';
import { PolicyError } from '#core/policy/fault.ts';
import type { Policy, Rule } from '#proto/sworn/policy/v1/policy_pb.ts';
import { policyOf } from './policies.ts';

const ALLOW = { case: 'allow' as const, value: {} };

describe('compilePolicies', () => {
  const faultsOf = (policies: Policy[]) => {
    try {
      compilePolicies(policies);
    } catch (error) {
      if (error instanceof PolicyError) return error.faults;
    }
    throw new Error('accepted');
  };
  const rule = (fields: Partial<Pick<Rule, 'name' | 'when'>>) => [{ name: 'r', action: ALLOW, ...fields }];

  test('tells all faults of all policies', () => {
    const policies = [
      policyOf('a', { rules: rule({ when: 'nothing || findings.X > 0' }), patterns: { p: '(' } }),
      policyOf('b', { groups: [], rules: rule({ name: 'Bad' }), routes: ['nowhere'] }),
      policyOf('b'),
      policyOf('Bad Name'),
    ];
    expect(faultsOf(policies).map(({ document, path }) => `${document} ${path}`)).toEqual([
      'policies/a spec.patterns.p',
      'policies/a spec.rules[0].when',
      'policies/a spec.rules[0].when',
      'policies/b spec.groups',
      'policies/b spec.rules[0].name',
      'policies/b spec.routes[0]',
      'policies/b name',
      'policies/Bad Name name',
    ]);
  });

  test('a rule without an action and a policy without a spec are faults', () => {
    expect(faultsOf([policyOf('a', { rules: [{ name: 'r' }] })])[0]).toMatchObject({ path: 'spec.rules[0]' });
    expect(faultsOf([{ ...policyOf('a'), spec: undefined }])[0]).toMatchObject({ path: 'spec' });
  });

  test.each([0n, -1n, 604_801n])('an expiry of %s seconds is out of range', (seconds) => {
    const action = { case: 'requireApproval' as const, value: { reviewers: ['a'], expires: { seconds } } };
    expect(faultsOf([policyOf('a', { rules: [{ name: 'r', action }] })])[0]?.message).toMatch(/1s to 7d/);
  });
});
