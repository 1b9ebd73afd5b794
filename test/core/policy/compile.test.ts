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

  test('says in words what a field takes', () => {
    const spec = {
      purpose: 'two words',
      upstreams: ['no such'],
      identifiers: { ST: { pattern: 'x' } },
      rules: [
        { name: 'r', action: { case: 'requireApproval' as const, value: { reviewers: ['a'], quorum: 11 } } },
      ],
    };
    expect(faultsOf([policyOf('a', spec)]).map(({ message }) => message)).toEqual([
      'takes 1 to 10',
      'takes 3 to 40 capital letters, digits and underscores, a letter first',
      'takes lower-case letters, digits and hyphens, 63 at most, no hyphen first',
      'takes letters, digits, hyphens and underscores, 63 at most, a letter first',
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
