import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENTITIES } from '#core/phi/entities.ts';
import { compilePolicies } from '#core/policy/compile.ts';
import { evaluatePolicies } from '#core/policy/evaluate.ts';
import type { PolicyRequest, PolicyResult } from '#core/policy/result.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { MaskMethod, type Policy } from '#proto/sworn/policy/v1/policy_pb.ts';
import { policyOf, requestOf } from './policies.ts';

const ALLOW = { case: 'allow' as const, value: {} };
const DENY = { case: 'deny' as const, value: { message: 'Ask the front desk.' } };
const ASK = { case: 'requireApproval' as const, value: { reviewers: ['privacy-office'], message: 'Look.' } };

function evaluate(policies: readonly Policy[], request: Partial<PolicyRequest> = {}): PolicyResult {
  return evaluatePolicies(compilePolicies(policies), requestOf(request));
}

describe('which policies apply', () => {
  test('without any, the request is denied', () => {
    expect(evaluate([])).toMatchObject({
      decision: {
        action: Action.DENY,
        policy: '',
        rule: '',
        reason: "no policy applies to this caller's groups, route and model",
      },
      denyMessage:
        'Your groups: clinicians; route: responses.create; model: gpt-5. Ask an admin for a policy that allows this.',
      approval: undefined,
      mask: { default: 'placeholder', entities: {} },
    });
  });

  test.each<[string, Parameters<typeof policyOf>[1], Partial<PolicyRequest>, boolean]>([
    ['its group', { groups: ['nurses', 'clinicians'] }, {}, true],
    ['another group', { groups: ['nurses'] }, {}, false],
    ['a group that only begins alike', { groups: ['clinic'] }, {}, false],
    ['everyone', { groups: ['*'] }, { caller: create(CallerSchema) }, true],
    ['a caller without groups', {}, { caller: create(CallerSchema) }, false],
    [
      'a caller of a group called *',
      { groups: ['a'] },
      { caller: create(CallerSchema, { groups: ['*'] }) },
      false,
    ],
    ['its route', { routes: ['responses.create'] }, {}, true],
    ['another route', { routes: ['models.list'] }, {}, false],
    ['a family of routes', { routes: ['chat.*'] }, { route: 'chat.completions.create' }, true],
    ['its model', { models: ['gpt-*'] }, {}, true],
    ['another model', { models: ['o4*'] }, {}, false],
    ['no model at all', { models: ['o4*'] }, { model: '', route: 'models.list' }, true],
  ])('%s', (_what, spec, request, applies) => {
    const { action } = evaluate([policyOf('a', spec)], request).decision;
    expect(action).toBe(applies ? Action.ALLOW : Action.DENY);
  });
});

describe('retention', () => {
  const keeping = (
    name: string,
    days = 0,
    groups = ['clinicians'],
    action: typeof ALLOW | typeof DENY = ALLOW,
  ) =>
    policyOf(name, {
      groups,
      rules: [{ name: 'only', action }],
      ...(days > 0 && { retention: { seconds: BigInt(days) * 86_400n } }),
    });

  test.each<[string, readonly Policy[], bigint | undefined]>([
    ['is what the one says', [keeping('a', 30)], 30n],
    ['is not said where none says', [keeping('a')], undefined],
    [
      'is the longest that any says, whichever decides',
      [keeping('a', 30), keeping('b', 40), keeping('c')],
      40n,
    ],
    ['is not that of one which does not apply', [keeping('a', 30), keeping('b', 40, ['x'])], 30n],
    ['holds for a denial too', [keeping('a', 30, ['*'], DENY)], 30n],
  ])('%s', (_what, policies, days) => {
    const seconds = evaluate(policies).decision.retention?.seconds;
    expect(seconds).toBe(days === undefined ? undefined : days * 86_400n);
  });
});

describe('traces', () => {
  const forwards = (forward: boolean, more: object = {}) => ({ traces: { forward }, ...more });
  const denies = { rules: [{ name: 'only', action: DENY }] };

  test.each<[string, Policy[], boolean]>([
    ['stay here without a policy', [], false],
    ['where the policy says nothing', [policyOf('a')], false],
    ['where it says so', [policyOf('a', forwards(false))], false],
    ['go on where it says so', [policyOf('a', forwards(true))], true],
    ['stay here when one of two says nothing', [policyOf('a', forwards(true)), policyOf('b')], false],
    ['go on when all say so', [policyOf('a', forwards(true)), policyOf('b', forwards(true))], true],
    [
      'whatever one says that does not apply',
      [policyOf('a', forwards(true)), policyOf('b', { groups: ['x'] })],
      true,
    ],
    ['stay here when they are denied', [policyOf('a', forwards(true, denies))], false],
  ])('%s', (_what, policies, forwarded) => {
    expect(evaluate(policies, { route: 'traces.ingest', model: '' }).forwardsTraces).toBe(forwarded);
  });
});

describe('the external detector', () => {
  const required = (value?: boolean) => ({
    externalDetector: value === undefined ? {} : { required: value },
  });

  test.each<[string, Policy[], boolean]>([
    ['without a policy', [], true],
    ['where the policy says nothing', [policyOf('a')], true],
    ['where it says nothing of required', [policyOf('a', required())], true],
    ['where it says so', [policyOf('a', required(true))], true],
    ['unless it says otherwise', [policyOf('a', required(false))], false],
    ['when one of two says nothing', [policyOf('a', required(false)), policyOf('b')], true],
    ['unless all say otherwise', [policyOf('a', required(false)), policyOf('b', required(false))], false],
    ['whatever policies say that do not apply', [policyOf('a', { ...required(false), groups: ['x'] })], true],
    [
      'by none that does not apply',
      [policyOf('a', required(false)), policyOf('b', { groups: ['nurses'] })],
      false,
    ],
  ])('is required %s', (_when, policies, expected) => {
    expect(evaluate(policies).externalRequired).toBe(expected);
  });
});

describe('what a policy says', () => {
  test('the first rule that holds decides', () => {
    const rules = [
      { name: 'never', when: 'findings.total > 5', action: DENY },
      { name: 'first', when: 'stream', action: ASK },
      { name: 'second', when: 'stream', action: DENY },
    ];
    expect(evaluate([policyOf('a', { rules })])).toMatchObject({
      decision: {
        action: Action.REQUIRE_APPROVAL,
        policy: 'policies/a',
        rule: 'first',
        reason: 'policy a, rule first: needs the approval of privacy-office, because stream',
      },
      denyMessage: '',
      approval: { reviewers: ['privacy-office'], expiresMs: 30 * 60_000, message: 'Look.' },
    });
  });

  test('an expiry is in milliseconds', () => {
    const action = {
      case: 'requireApproval' as const,
      value: { reviewers: ['a'], expires: { seconds: 2n } },
    };
    expect(evaluate([policyOf('a', { rules: [{ name: 'r', action }] })]).approval?.expiresMs).toBe(2000);
  });

  test('a denial carries its message', () => {
    const result = evaluate([policyOf('a', { rules: [{ name: 'r', action: DENY }] })]);
    expect(result).toMatchObject({
      decision: { action: Action.DENY, rule: 'r' },
      denyMessage: 'Ask the front desk.',
    });
    const silent = evaluate([policyOf('a', { rules: [{ name: 'r', action: { case: 'deny', value: {} } }] })]);
    expect(silent.denyMessage).toBe('Denied by policy a, rule r.');
  });

  test('a policy of which no rule holds allows nothing', () => {
    const rules = [{ name: 'r', when: 'findings.total > 5', action: ALLOW }];
    expect(evaluate([policyOf('a', { rules })]).decision).toMatchObject({
      action: Action.DENY,
      policy: '',
      reason: 'no rule decides in the policies that apply: a',
    });
  });

  test('a policy of which no rule holds takes nothing away from another', () => {
    const rules = [{ name: 'r', when: 'findings.US_SSN > 0', action: DENY }];
    const policies = [policyOf('a', { rules }), policyOf('b')];
    expect(evaluate(policies).decision).toMatchObject({ action: Action.ALLOW, policy: 'policies/b' });
    expect(evaluate(policies, { findings: { US_SSN: 1 } }).decision.action).toBe(Action.DENY);
  });

  test.each([
    ...['bulk', 'b\u200bu\u00adlk', '\uff42ulk', 'bul\u2060k\ufe0f', 'bul\ud800k', 'bu\u0301lk', '\u0412ULK'],
    ...['b&#117;lk', '{"n":"bu\\u006ck"}', '{"a":1}\n{"n":"bu\\u006ck"}', '```\n"\\u0062ulk"'],
    '{"a":1,"a":2,"n":"bu\\u006ck"}',
  ])('patterns find a word also when it is written as %j', (text) => {
    const policy = policyOf('a', {
      patterns: { bulk: '(?i)bulk' },
      rules: [
        { name: 'bulk', when: 'patterns.bulk', action: DENY },
        { name: 'other', action: ALLOW },
      ],
    });
    expect(evaluate([policy], { texts: [text] }).decision.rule).toBe('bulk');
  });

  test('patterns are searched in every text, and are those of the policy', () => {
    const bulk = (pattern: string) => ({
      patterns: { bulk: pattern },
      rules: [
        { name: 'bulk', when: 'patterns.bulk', action: DENY },
        { name: 'rest', action: ALLOW },
      ],
    });
    const policies = [policyOf('a', bulk('(?i)all patients')), policyOf('b', bulk('every chart'))];
    const decide = (...texts: string[]) => evaluate(policies, { texts }).decision;
    expect(decide('hello', 'one patient').action).toBe(Action.ALLOW);
    expect(decide('hello', 'ALL patients')).toMatchObject({ action: Action.DENY, policy: 'policies/a' });
    expect(decide('every chart', 'hello')).toMatchObject({ action: Action.DENY, policy: 'policies/b' });
  });

  test('a condition that fails denies, whatever comes after it, and says why', () => {
    const rules = [
      { name: 'ratio', when: '10 / findings.MRN > 1', action: ALLOW },
      { name: 'rest', action: ALLOW },
    ];
    expect(evaluate([policyOf('a', { rules }), policyOf('b')])).toMatchObject({
      decision: {
        action: Action.DENY,
        policy: 'policies/a',
        rule: 'ratio',
        reason:
          'policy a, rule ratio: denied, because its condition could not be evaluated: a division by zero',
      },
      denyMessage: 'A condition of policy a, rule ratio could not be evaluated.',
    });
  });

  test.each<[string, Partial<PolicyRequest>]>([
    ['model', { model: 'm'.repeat(201) }],
    ['tools', { tools: Array.from({ length: 1001 }, () => 't') }],
    ['tool', { tools: ['t'.repeat(257)] }],
  ])('a request beyond the limits is denied: %s', (_what, request) => {
    expect(evaluate([policyOf('a')], request).decision.action).toBe(Action.DENY);
  });
});

describe('properties over random policies and requests', () => {
  const strict = [Action.ALLOW, Action.REQUIRE_APPROVAL, Action.DENY];
  const rule = fc.record({
    when: fc.constantFrom('', 'stream', '!stream', 'patterns.p', 'findings.MRN > 1', '1 / findings.MRN > 0'),
    action: fc.constantFrom(ALLOW, DENY, ASK),
  });
  const method = fc.constantFrom(
    MaskMethod.UNSPECIFIED,
    MaskMethod.PLACEHOLDER,
    MaskMethod.HASH,
    MaskMethod.NONE,
  );
  const policies = fc.array(
    fc.record({
      groups: fc.subarray(['clinicians', 'nurses', '*'], { minLength: 1 }),
      models: fc.subarray(['gpt-*', 'o4']),
      rules: fc.array(rule, { minLength: 1, maxLength: 4 }),
      mask: fc.record({ default: method, entities: fc.dictionary(fc.constantFrom('MRN', 'US_SSN'), method) }),
    }),
    { maxLength: 6 },
  );
  const request = fc.record({
    stream: fc.boolean(),
    groups: fc.subarray(['clinicians', 'nurses']),
    model: fc.constantFrom('gpt-5', 'o4', 'other'),
    texts: fc.array(fc.constantFrom('yes', 'no')),
    mrns: fc.integer({ min: 0, max: 2 }),
  });
  type Spec = typeof policies extends fc.Arbitrary<(infer T)[]> ? T : never;
  type Facts = typeof request extends fc.Arbitrary<infer T> ? T : never;

  const build = (specs: readonly Spec[]): Policy[] =>
    specs.map(({ rules, ...spec }, i) =>
      policyOf(`p${i}`, {
        ...spec,
        patterns: { p: 'y[e]s' },
        rules: rules.map((rule, j) => ({ name: `r${j}`, ...rule })),
      }),
    );
  const ask = ({ groups, mrns, ...facts }: Facts): PolicyRequest =>
    requestOf({ ...facts, caller: create(CallerSchema, { groups }), findings: { MRN: mrns } });

  /** The semantics of docs/policy.md, the plain way. */
  function holds(when: string, facts: Facts): boolean | 'error' {
    if (when === 'stream') return facts.stream;
    if (when === '!stream') return !facts.stream;
    if (when === 'patterns.p') return facts.texts.includes('yes');
    if (when === 'findings.MRN > 1') return facts.mrns > 1;
    if (when === '') return true;
    // 1 / n > 0 on integers.
    return facts.mrns === 0 ? 'error' : facts.mrns === 1;
  }

  function applying(specs: readonly Spec[], facts: Facts): Spec[] {
    const fits = (model: string) =>
      model === 'gpt-*' ? facts.model.startsWith('gpt-') : facts.model === model;
    return specs.filter(
      ({ groups, models }) =>
        groups.some((group) => group === '*' || facts.groups.includes(group)) &&
        (models.length === 0 || models.some(fits)),
    );
  }

  function expectedAction(specs: readonly Spec[], facts: Facts): Action {
    const actions = applying(specs, facts).flatMap(({ rules }) => {
      const first = rules.find(({ when }) => holds(when, facts) !== false);
      if (first === undefined) return [];
      if (holds(first.when, facts) === 'error') return [2];
      return [
        strict.indexOf(
          { allow: Action.ALLOW, deny: Action.DENY, requireApproval: Action.REQUIRE_APPROVAL }[
            first.action.case
          ],
        ),
      ];
    });
    return strict[Math.max(...actions)] ?? Action.DENY;
  }

  test('the strictest decision counts, and without one the request is denied', () => {
    fc.assert(
      fc.property(policies, request, (specs, facts) => {
        const result = evaluatePolicies(compilePolicies(build(specs)), ask(facts));
        expect(result.decision.action).toBe(expectedAction(specs, facts));
        expect(result.decision.reason).not.toBe('');
        expect(result.approval !== undefined).toBe(result.decision.action === Action.REQUIRE_APPROVAL);
        expect(result.denyMessage !== '').toBe(result.decision.action === Action.DENY);
      }),
      { numRuns: 500 },
    );
  });

  test('the order of policies changes nothing', () => {
    const shuffled = policies.chain((specs) => {
      const built = build(specs);
      return fc.tuple(fc.constant(built), fc.shuffledSubarray(built, { minLength: built.length }));
    });
    fc.assert(
      fc.property(shuffled, request, ([one, other], facts) => {
        expect(evaluatePolicies(compilePolicies(other), ask(facts))).toEqual(
          evaluatePolicies(compilePolicies(one), ask(facts)),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('an entity is unmasked only where every policy that applies says so', () => {
    fc.assert(
      fc.property(policies, request, (specs, facts) => {
        const { mask } = evaluatePolicies(compilePolicies(build(specs)), ask(facts));
        const applied = applying(specs, facts);
        for (const { name } of ENTITIES) {
          const says = ({ mask }: Spec): boolean => (mask.entities[name] ?? mask.default) === MaskMethod.NONE;
          const isUnmasked = (mask.entities[name] ?? mask.default) === 'none';
          expect(isUnmasked).toBe(applied.length > 0 && applied.every(says));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('routes of what the provider keeps', () => {
  const stored = { route: 'responses.retrieve', model: '' };
  const ruled = (action: typeof ALLOW | typeof DENY | typeof ASK, routes: string[] = []) =>
    policyOf(`p-${action.case.toLowerCase()}-${routes.length}`, { routes, rules: [{ name: 'r', action }] });
  const { ALLOW: allowed, DENY: denied, REQUIRE_APPROVAL: asked } = Action;

  test.each<[string, Policy[], Action]>([
    ['a policy without routes does not allow them', [ruled(ALLOW)], denied],
    ['one that names them does', [ruled(ALLOW, ['responses.retrieve'])], allowed],
    ['or their family', [ruled(ALLOW, ['responses.*'])], allowed],
    ['or all', [ruled(ALLOW, ['*'])], allowed],
    ['not one that names others', [ruled(ALLOW, ['responses.create'])], denied],
    ['what a policy without routes denies is denied', [ruled(ALLOW, ['*']), ruled(DENY)], denied],
    ['and what it asks for is asked for', [ruled(ALLOW, ['*']), ruled(ASK)], asked],
    ['its silence takes nothing away', [ruled(ALLOW, ['*']), ruled(ALLOW)], allowed],
  ])('%s', (_what, policies, action) => {
    expect(evaluate(policies, stored).decision.action).toBe(action);
  });

  test('the reason says what is missing', () => {
    expect(evaluate([ruled(ALLOW)], stored).decision.reason).toBe(
      'this route is allowed only by a policy that names it in its routes, which these do not: p-allow-0',
    );
  });
});
