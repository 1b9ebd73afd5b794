import { describe, expect, test } from 'vitest';
import type { EntityName } from '#core/phi/entities.ts';
import { compilePolicies } from '#core/policy/compile.ts';
import { evaluatePolicies } from '#core/policy/evaluate.ts';
import { parsePolicies } from '#core/policy/parse.ts';
import { choiceOf } from '#core/policy/tokenize.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { requestOf } from './policies.ts';

const policy = (name: string, spec: string) =>
  `apiVersion: sworn/v1\nkind: Policy\nname: ${name}\nspec:\n  groups: [clinicians]\n${spec.replace(/^/gm, '  ')}\n`;
const ALLOW = 'rules: [{ name: r, allow: {} }]';

function evaluate(specs: readonly string[], request: Parameters<typeof requestOf>[0] = {}) {
  const yaml = specs.map((spec, index) => policy(`p${index}`, spec)).join('---\n');
  return evaluatePolicies(compilePolicies(parsePolicies(yaml)), requestOf(request));
}

function choices(specs: readonly string[]): Record<string, string> {
  const { tokenize } = evaluate(specs);
  const names = ['PERSON', 'MRN', 'DATE'] as EntityName[];
  return Object.fromEntries(names.map((name) => [name, tokenize ? choiceOf(tokenize, name) : 'keep']));
}

describe('tokenize', () => {
  test.each([
    [[ALLOW], { PERSON: 'keep', MRN: 'keep', DATE: 'keep' }],
    [[`${ALLOW}\ntokenize: {}`], { PERSON: 'replace', MRN: 'replace', DATE: 'replace' }],
    [
      [`${ALLOW}\ntokenize: { entities: [PERSON], restore: true }`],
      { PERSON: 'restore', MRN: 'keep', DATE: 'keep' },
    ],
    // An entity is replaced when any policy says so, and restored only if all that do say that.
    [
      [
        `${ALLOW}\ntokenize: { entities: [PERSON, MRN], restore: true }`,
        'tokenize: { entities: [MRN] }',
        'parameters: { store: { force: false } }',
      ],
      { PERSON: 'restore', MRN: 'replace', DATE: 'keep' },
    ],
    [
      [`${ALLOW}\ntokenize: { restore: true }`, 'tokenize: { entities: [DATE] }'],
      { PERSON: 'restore', MRN: 'restore', DATE: 'replace' },
    ],
    // What the rule that holds says stands, not what its policy says.
    [
      ['rules: [{ name: r, allow: {}, tokenize: { entities: [DATE] } }]\ntokenize: { restore: true }'],
      { PERSON: 'keep', MRN: 'keep', DATE: 'replace' },
    ],
  ])('%j: %j', (specs, wanted) => {
    expect(choices(specs)).toEqual(wanted);
  });

  test('needs leave for content that cannot be read', () => {
    const opaque = [{ kind: 'image' as const, mustBeAllowed: false }];
    const tokens = `${ALLOW}\ntokenize: { entities: [PERSON] }`;
    expect(evaluate([ALLOW], { opaque }).decision.action).toBe(Action.ALLOW);
    expect(evaluate([tokens], { opaque }).decision).toMatchObject({
      action: Action.DENY,
      reason: 'no policy that applies lets through content that cannot be read (image)',
    });
    expect(evaluate([`${tokens}\nopaque: { allow: [image] }`], { opaque }).decision.action).toBe(
      Action.ALLOW,
    );
  });

  test('keeps traces here', () => {
    const forward = `${ALLOW}\ntraces: { forward: true }`;
    expect(evaluate([forward]).forwardsTraces).toBe(true);
    expect(evaluate([`${forward}\ntokenize: { entities: [PERSON] }`]).forwardsTraces).toBe(false);
  });

  test.each([
    ['tokenize: { entities: [NOBODY] }', 'spec.tokenize.entities[0]: unknown entity; there are PERSON,'],
    [
      'tokenize: { entities: [] }',
      'spec.tokenize.entities: name the entities, or leave the field out for every one',
    ],
    ['tokenize: { restore: yes please }', 'spec.tokenize.restore: must be true or false'],
    ['tokenize: { mask: {} }', 'spec.tokenize.mask: unknown field; there are entities, restore'],
    [
      'rules: [{ name: r, deny: {}, tokenize: {} }]',
      'spec.rules[0].tokenize: a rule that denies has no tokenize: nothing goes on',
    ],
  ])('%s is refused', (spec, message) => {
    expect(() => parsePolicies(policy('p', spec.startsWith('rules') ? spec : `${ALLOW}\n${spec}`))).toThrow(
      message,
    );
  });
});
