import { describe, expect, test } from 'vitest';
import { compilePolicies } from '#core/policy/compile.ts';
import { evaluatePolicies } from '#core/policy/evaluate.ts';
import { PolicyError } from '#core/policy/fault.ts';
import { formatPolicies, parsePolicies } from '#core/policy/parse.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { policyOf, requestOf } from './policies.ts';

const yaml = (upstreams: string) => `apiVersion: sworn/v1
kind: Policy
name: a
spec:
  groups: [clinicians]
  rules: [{ name: ordinary, allow: {} }]
  upstreams: ${upstreams}
`;

describe('spec.upstreams', () => {
  test('is read and written in its order', () => {
    const policies = parsePolicies(yaml('[openai, azure-eu]'));
    expect(policies[0]?.spec?.upstreams).toEqual(['openai', 'azure-eu']);
    expect(parsePolicies(formatPolicies(policies))).toEqual(policies);
  });

  test.each(['[OpenAI]', '[openai, openai]', '[upstreams/openai]', "['*']", 'openai'])(
    'is not %s',
    (value) => {
      expect(() => parsePolicies(yaml(value))).toThrow(PolicyError);
    },
  );
});

describe('the upstreams of a request', () => {
  const evaluate = (lists: readonly (readonly string[])[], deny = false) => {
    const rules = deny ? [{ name: 'no', action: { case: 'deny' as const, value: {} } }] : undefined;
    const policies = lists.map((upstreams, i) =>
      policyOf(`p${i}`, { upstreams: [...upstreams], ...(rules && i === 0 && { rules }) }),
    );
    return evaluatePolicies(compilePolicies(policies), requestOf());
  };

  test('are not said where no policy that applies says any', () => {
    expect(evaluate([[]]).upstreams).toBeUndefined();
    const elsewhere = policyOf('b', { groups: ['nurses'], upstreams: ['vllm'] });
    expect(
      evaluatePolicies(compilePolicies([policyOf('a'), elsewhere]), requestOf()).upstreams,
    ).toBeUndefined();
  });

  test('are those that all name which say any, in the order of the first by name', () => {
    expect(evaluate([['a', 'b', 'c'], [], ['c', 'b']])).toMatchObject({
      upstreams: ['b', 'c'],
      decision: { action: Action.ALLOW },
    });
  });

  test('are none, and the request is denied, where they have none in common', () => {
    expect(evaluate([['a'], ['b']])).toMatchObject({
      decision: {
        action: Action.DENY,
        policy: '',
        reason: 'the policies that apply have no upstream in common: p0, p1',
      },
      approval: undefined,
    });
    expect(evaluate([['a'], ['b']], true).decision).toMatchObject({ policy: 'policies/p0', rule: 'no' });
  });
});
