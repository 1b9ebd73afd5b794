import { describe, expect, test } from 'vitest';
import { compilePolicies } from '#core/policy/compile.ts';
import { evaluatePolicies } from '#core/policy/evaluate.ts';
import { PolicyError } from '#core/policy/fault.ts';
import { uniteLimits } from '#core/policy/limit/plan.ts';
import { parsePolicies } from '#core/policy/parse.ts';
import { requestOf } from './policies.ts';

const head = (name: string, groups: string) =>
  `apiVersion: sworn/v1\nkind: Policy\nname: ${name}\nspec:\n  groups: ${groups}\n`;

const WARD = `${head('ward', '[clinicians, on-call]')}  limits:
    - { name: burst, per: caller, requests: 60, every: 1m }
    - { name: daily, per: group, tokens: 2000000, every: 1d }
    - { name: spend, per: policy, cost: 250.50, every: 30d }
  rules:
    - name: minors
      when: findings.total > 0
      allow: {}
      limits: [{ name: minors, per: caller, requests: 5, every: 1h }]
    - name: ordinary
      allow: {}
`;
const EVERYBODY = `${head('everybody', '["*"]')}  limits: [{ name: all, per: caller, tokens: 100, every: 1h }]\n`;

function limitsOf(yaml: string[], fields: Parameters<typeof requestOf>[0] = {}) {
  const compiled = compilePolicies(yaml.flatMap((text) => parsePolicies(text)));
  return evaluatePolicies(compiled, requestOf(fields)).limits;
}

function faultsOf(limit: string, groups = '[clinicians]'): string[] {
  try {
    parsePolicies(`${head('a', groups)}  rules: [{ name: all, allow: {} }]\n  limits:\n    - ${limit}\n`);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.faults.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
  }
  return [];
}

describe('the limits of a request', () => {
  const inBoth = {
    caller: { issuer: 'https://id.example', subject: 'ana', groups: ['clinicians', 'on-call', 'staff'] },
  };

  test('are those of all policies that apply, and of the rule that holds; a group counts each that the policy names', () => {
    const said = limitsOf([WARD, EVERYBODY], { ...inBoth, findings: { US_SSN: 1 } } as never);
    expect(said.map(({ policy, limit, subject, max }) => [policy, limit, subject, max])).toEqual([
      ['policies/everybody', 'all', 'ana', 100],
      ['policies/ward', 'burst', 'ana', 60],
      ['policies/ward', 'daily', 'clinicians', 2_000_000],
      ['policies/ward', 'daily', 'on-call', 2_000_000],
      ['policies/ward', 'spend', '', 250_500_000],
      ['policies/ward', 'minors', 'ana', 5],
    ]);
    expect(new Set(said.map(({ id }) => id)).size).toBe(said.length);
  });

  test('a policy of limits alone decides nothing', () => {
    const compiled = compilePolicies(parsePolicies(EVERYBODY));
    expect(evaluatePolicies(compiled, requestOf()).decision.policy).toBe('');
  });

  test('of a request that brings others each counts once', () => {
    const once = limitsOf([EVERYBODY, WARD], inBoth as never);
    const united = uniteLimits([once, once, limitsOf([`${EVERYBODY}  rules: [{ name: all, allow: {} }]\n`])]);
    expect(united).toHaveLength(once.length + 1);
    expect(new Set(united.map(({ id }) => id)).size).toBe(united.length);
  });
});

describe('what is wrong with a limit', () => {
  test.each([
    [
      '{ name: a, per: caller, requests: 1, every: 59s }',
      '8:51 spec.limits[0].every: must be whole seconds, from 1m to 31d',
    ],
    ['{ name: a, per: caller, requests: 1, every: 32d }', 'must be whole seconds, from 1m to 31d'],
    ['{ name: a, per: caller, requests: 1, every: soon }', 'must be a duration'],
    ['{ name: a, per: caller, requests: 1 }', 'missing: a time'],
    [
      '{ name: a, per: nobody, requests: 1, every: 1h }',
      '8:23 spec.limits[0].per: must be one of caller, group, policy',
    ],
    ['{ name: a, requests: 1, every: 1h }', 'must be one of caller, group, policy'],
    ['{ name: a, per: caller, every: 1h }', 'exactly one of requests, tokens, cost'],
    ['{ name: a, per: caller, requests: 1, cost: 2, every: 1h }', 'exactly one of requests, tokens, cost'],
    ['{ name: a, per: caller, requests: 0, every: 1h }', 'spec.limits[0].requests'],
    ['{ name: a, per: caller, requests: 1.5, every: 1h }', 'must be a whole number'],
    ['{ name: a, per: caller, cost: 0.0000001, every: 1h }', 'six digits behind the point'],
    ['{ name: a, per: caller, cost: -1, every: 1h }', 'six digits behind the point'],
    ['{ name: a, per: caller, cost: 0, every: 1h }', 'must be more than nothing'],
    ['{ name: a, per: caller, cost: "x", every: 1h }', 'six digits behind the point'],
    ['{ name: A B, per: caller, requests: 1, every: 1h }', 'spec.limits[0].name'],
    ['{ name: a, per: caller, requests: 1, every: 1h, burst: 3 }', 'unknown field'],
  ])('%s', (limit, words) => {
    const faults = faultsOf(limit);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(words);
  });

  test('a group that the policy does not name', () => {
    expect(faultsOf('{ name: a, per: group, requests: 1, every: 1h }', '["*"]')).toEqual([
      '8:23 spec.limits[0].per: group needs a policy that names its groups, and * names none',
    ]);
  });
  test('a name that stands twice, also in a rule', () => {
    const twice = WARD.replace('name: minors, per', 'name: burst, per');
    expect(() => parsePolicies(twice)).toThrow('a limit of this name stands before: burst');
  });
  test('limits of a rule that denies', () => {
    expect(() => parsePolicies(WARD.replace('allow: {}\n      limits', 'deny: {}\n      limits'))).toThrow(
      'a rule that denies has no limits',
    );
  });
});
