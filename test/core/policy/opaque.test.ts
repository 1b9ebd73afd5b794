import { expect, test } from 'vitest';
import { compilePolicies } from '#core/policy/compile.ts';
import { evaluatePolicies } from '#core/policy/evaluate.ts';
import { PolicyError } from '#core/policy/fault.ts';
import { formatPolicies, parsePolicies } from '#core/policy/parse.ts';
import { strictestOf } from '#core/policy/strictest.ts';
import type { OpaqueKind } from '#core/provider/openai/content/kind.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { policyOf, requestOf } from './policies.ts';

const allowing = (id: string, ...allow: OpaqueKind[]) => policyOf(id, { opaque: { allow } });
const decide = (policies: Parameters<typeof compilePolicies>[0], kind: OpaqueKind, mustBeAllowed: boolean) =>
  evaluatePolicies(compilePolicies(policies), requestOf({ opaque: [{ kind, mustBeAllowed }] }));

test.each<[string, Parameters<typeof compilePolicies>[0], OpaqueKind, boolean, Action]>([
  ['no policy says, and none must', [policyOf('a')], 'image', false, Action.ALLOW],
  ['no policy says, and one must', [policyOf('a')], 'image', true, Action.DENY],
  ['one says yes', [policyOf('a'), allowing('b', 'image')], 'image', true, Action.ALLOW],
  ['one says something else', [policyOf('a'), allowing('b', 'image')], 'pdf', false, Action.DENY],
  ['one says nothing goes through', [allowing('a')], 'image', false, Action.DENY],
  [
    'of two that say, one says no',
    [allowing('a', 'image', 'pdf'), allowing('b', 'image')],
    'pdf',
    true,
    Action.DENY,
  ],
  [
    'of two that say, both say yes',
    [allowing('a', 'pdf'), allowing('b', 'pdf', 'image')],
    'pdf',
    true,
    Action.ALLOW,
  ],
])('%s', (_what, policies, kind, must, action) => {
  expect(decide(policies, kind, must).decision.action).toBe(action);
});

test('the reason names kind and policy', () => {
  expect(decide([allowing('a')], 'pdf', true).decision).toMatchObject({
    policy: 'policies/a',
    reason: 'policy a does not let through content that cannot be read (pdf)',
  });
  expect(decide([policyOf('a')], 'pdf', true).decision).toMatchObject({
    policy: '',
    reason: 'no policy that applies lets through content that cannot be read (pdf)',
  });
});

test('what an answer may have is what all policies that say let through', () => {
  const { opaque } = decide([allowing('a', 'image', 'pdf'), allowing('b', 'pdf', 'audio')], 'pdf', true);
  expect([...(opaque ?? [])]).toEqual(['pdf']);
  expect(decide([policyOf('a')], 'image', false).opaque).toBeUndefined();
});

test('conditions count it', () => {
  const yaml = (when: string) => `
apiVersion: sworn/v1
kind: Policy
name: a
spec:
  groups: [clinicians]
  rules:
    - name: looked-at
      when: ${when}
      requireApproval: { reviewers: [privacy-office] }
    - name: rest
      allow: {}
  opaque:
    allow: [image, pdf]
`;
  const actionOf = (when: string) => decide(parsePolicies(yaml(when)), 'image', true).decision.action;
  expect(actionOf('opaque.image > 0 && opaque.total == 1')).toBe(Action.REQUIRE_APPROVAL);
  expect(actionOf('opaque.pdf > 0')).toBe(Action.ALLOW);
  expect(() => parsePolicies(yaml('opaque.zip > 0'))).toThrow(PolicyError);
  expect(() => parsePolicies(yaml('"true"').replace('pdf]', 'zip]'))).toThrow('must be one of image, audio');
  const policies = parsePolicies(yaml('"true"'));
  expect(parsePolicies(formatPolicies(policies))).toEqual(policies);
  const none = parsePolicies(yaml('"true"').replace('[image, pdf]', '[]'));
  expect(parsePolicies(formatPolicies(none))[0]?.spec?.opaque?.allow).toEqual([]);
});

test('of a request and those that it brings, the strictest word counts and the longest retention', () => {
  const day = 86_400n;
  const said = (action: 'allow' | 'deny', seconds: bigint) =>
    evaluatePolicies(
      compilePolicies([
        policyOf(action, {
          rules: [{ name: 'r', action: { case: action, value: {} } }],
          retention: { seconds },
        }),
      ]),
      requestOf(),
    );
  const first = said('allow', day);
  expect(strictestOf(first, [])).toEqual(first);
  const { decision } = strictestOf(first, [
    said('allow', 3n * day),
    said('deny', 2n * day),
    said('allow', day),
  ]);
  expect(decision).toMatchObject({
    action: Action.DENY,
    policy: 'policies/deny',
    retention: { seconds: 3n * day },
  });
});
