import { describe, expect, test } from 'vitest';
import { methodOf } from '#core/phi/replace/replace.ts';
import { compilePolicies } from '#core/policy/compile.ts';
import { evaluatePolicies } from '#core/policy/evaluate.ts';
import { parsePolicies } from '#core/policy/parse.ts';
import type { PolicyRequest } from '#core/policy/result.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { circumstancesOf, parametersOf, requestOf } from './policies.ts';

const DAY_SECONDS = 86_400n;

const policy = (name: string, spec: string) => `apiVersion: sworn/v1
kind: Policy
name: ${name}
spec:
  groups: [clinicians]
${spec.replaceAll(/^/gm, '  ')}
`;

const evaluate = (documents: string[], request: Partial<PolicyRequest> = {}) =>
  evaluatePolicies(compilePolicies(parsePolicies(documents.join('---\n'))), requestOf(request));

const TREATMENT = policy(
  'treatment',
  `patterns: { research: study }
purpose: OPERATIONS
retention: 30d
mask: { default: placeholder, entities: { PERSON: numbered, MRN: none } }
parameters:
  store: { force: false }
  tools: { allow: [function] }
rules:
  - name: research
    when: patterns.research
    allow: {}
    purpose: RESEARCH
    retention: 60d
    mask: { default: hash, entities: { MRN: placeholder } }
    parameters: { tools: { deny: ["*"] }, model: { allow: ["gpt-5*"] } }
  - name: ordinary
    when: size(tools) < 3
    allow: {}
    mask: { entities: { PERSON: none } }
`,
);

describe('what the rule that holds says', () => {
  test('stands in the place of what its policy says of the same', () => {
    const { mask, decision, edits } = evaluate([TREATMENT], { texts: ['a study'] });
    expect(mask).toEqual({ default: 'hash', entities: { PERSON: 'numbered', MRN: 'placeholder' } });
    expect(decision).toMatchObject({ action: Action.ALLOW, rule: 'research', purpose: 'RESEARCH' });
    expect(decision.retention?.seconds).toBe(60n * DAY_SECONDS);
    expect(edits).toEqual([{ path: ['store'], value: false }]);
  });

  test('counts for its own requests alone', () => {
    const tools = parametersOf({ tools: [{ type: 'function', name: 'f' }] });
    const ordinary = evaluate([TREATMENT], { parameters: tools });
    expect(ordinary.mask).toEqual({ default: 'placeholder', entities: { PERSON: 'none', MRN: 'none' } });
    expect(ordinary.decision).toMatchObject({ action: Action.ALLOW, purpose: 'OPERATIONS' });
    expect(ordinary.decision.retention?.seconds).toBe(30n * DAY_SECONDS);
    const research = evaluate([TREATMENT], { parameters: tools, texts: ['a study'] });
    expect(research).toMatchObject({ param: 'tools', edits: [] });
    expect(research.decision).toMatchObject({
      action: Action.DENY,
      rule: 'research',
      reason: 'policy treatment, rule research: the parameter tools may not be used',
    });
    const model = parametersOf({ model: 'o3' });
    expect(evaluate([TREATMENT], { parameters: model, texts: ['a study'] }).param).toBe('model');
    expect(evaluate([TREATMENT], { parameters: model }).decision.action).toBe(Action.ALLOW);
  });

  test('may allow more than its policy, as only a rule can', () => {
    const rules = `rules:
  - { name: servers, when: patterns.servers, allow: {}, parameters: { tools: { allow: [function, mcp] } } }
  - { name: rest, allow: {} }`;
    const spec = `patterns: { servers: servers }\nparameters: { tools: { allow: [function] } }\n${rules}`;
    const request = { parameters: parametersOf({ tools: [{ type: 'mcp' }] }) };
    expect(evaluate([policy('a', spec)], { ...request, texts: ['servers'] }).decision.action).toBe(
      Action.ALLOW,
    );
    expect(evaluate([policy('a', spec)], request).param).toBe('tools');
  });

  test('is weighed against what other policies say: the strictest counts', () => {
    const other = policy(
      'other',
      'rules: [{ name: x, when: "!stream", allow: {} }]\nretention: 10d\nparameters: { n: { max: 1 } }',
    );
    const { mask, decision, edits } = evaluate([TREATMENT, other], { parameters: parametersOf({ n: 4 }) });
    expect(methodOf(mask, 'PERSON')).toBe('placeholder');
    expect(decision.retention?.seconds).toBe(30n * DAY_SECONDS);
    expect(edits).toEqual([
      { path: ['store'], value: false },
      { path: ['n'], value: 1 },
    ]);
  });

  test('does not count where the rule may not allow the request', () => {
    const lax = policy('lax', 'rules: [{ name: all, allow: {}, mask: { default: none } }]');
    const named = policy(
      'named',
      'routes: ["*"]\nmask: { default: none }\nrules: [{ name: all, allow: {} }]',
    );
    const read = { route: 'responses.retrieve', parameters: parametersOf({}, 'GET', '/responses/resp_1') };
    expect(evaluate([named], read).mask.default).toBe('none');
    expect(evaluate([lax, named], read)).toMatchObject({
      decision: { action: Action.ALLOW, policy: 'policies/named' },
      mask: { default: 'placeholder' },
    });
    expect(evaluate([lax]).mask.default).toBe('none');
  });
});

describe('the explanation of a decision', () => {
  test('has policy, rule and condition, in words and as they are written', () => {
    const rule =
      'rules:\n  - name: busy\n    when: >-\n      session.exchanges > 3\n      || findings.total > 9\n    deny: {}\n  - name: rest\n    allow: {}';
    const circumstances = circumstancesOf({ session: { exchanges: 4, tokens: 0, cost: 0 } });
    const { decision } = evaluate([policy('a', rule)], { circumstances });
    expect(decision).toMatchObject({
      policy: 'policies/a',
      rule: 'busy',
      condition: 'session.exchanges > 3 || findings.total > 9',
      reason: 'policy a, rule busy: denied, because session.exchanges > 3 || findings.total > 9',
    });
    expect(evaluate([policy('a', rule)]).decision).toMatchObject({
      condition: '',
      reason: 'policy a, rule rest: allowed',
    });
  });

  test('shortens a long condition in its words, not in itself', () => {
    const condition = `findings.total >= 0 || ${'findings.MRN > 1 || '.repeat(40)}stream`;
    const { decision } = evaluate([policy('a', `rules: [{ name: x, when: '${condition}', allow: {} }]`)]);
    expect(decision.condition).toBe(condition);
    expect(decision.reason.length).toBeLessThan(360);
    expect(decision.reason.endsWith(' ...')).toBe(true);
  });
});

describe('time', () => {
  const rules =
    'rules: [{ name: night, when: "time.hour < 7 || time.hour >= 22", deny: {} }, { name: day, allow: {} }]';
  const at = (zone: string, utcHour: number) => {
    const spec = `${zone === '' ? '' : `timeZone: ${zone}\n`}${rules}`;
    const circumstances = circumstancesOf({ nowMs: Date.UTC(2026, 0, 15, utcHour) });
    return evaluate([policy('a', spec)], { circumstances }).decision.rule;
  };

  test('is read in the time zone of the policy', () => {
    expect(at('', 3)).toBe('night');
    expect(at('Asia/Tokyo', 3)).toBe('day');
    expect(at('America/New_York', 3)).toBe('night');
    expect(at('America/New_York', 13)).toBe('day');
    expect(at('America/New_York', 4)).toBe('night');
  });

  test('of policies of different zones is read in each', () => {
    const tokyo = policy('tokyo', `timeZone: Asia/Tokyo\n${rules}`);
    const utc = policy('utc', rules);
    const circumstances = circumstancesOf({ nowMs: Date.UTC(2026, 0, 15, 15) });
    expect(evaluate([tokyo, utc], { circumstances }).decision.policy).toBe('policies/tokyo');
  });
});

describe('what is refused', () => {
  test.each([
    [
      'rules: [{ name: x, deny: {}, parameters: { store: { force: false } } }]',
      'spec.rules[0].parameters: a rule that denies has no parameters',
    ],
    [
      'rules: [{ name: x, deny: {}, mask: { default: none } }]',
      'spec.rules[0].mask: a rule that denies has no mask',
    ],
    [
      'rules: [{ name: x, allow: {}, mask: { entities: { PERSON: year } } }]',
      'spec.rules[0].mask.entities.PERSON: year does not fit PERSON',
    ],
    [
      'rules: [{ name: x, allow: {}, retention: 2h }]',
      'spec.rules[0].retention: must be whole seconds, from 1d',
    ],
    ['rules: [{ name: x, allow: {}, purpose: "for treatment" }]', 'spec.rules[0].purpose'],
    [
      'rules: [{ name: x, allow: {}, parameters: { stor: { force: false } } }]',
      'spec.rules[0].parameters.stor: unknown parameter',
    ],
    ['timeZone: Mars/Olympus\nrules: [{ name: x, allow: {} }]', 'spec.timeZone: unknown time zone'],
    ['rules: []', 'spec.rules: a policy needs a rule, parameters, tokenize or limits'],
  ])('%s', (spec, message) => {
    expect(() => parsePolicies(policy('a', spec))).toThrow(message);
  });
});
