import { expect, test } from 'vitest';
import { PolicyError } from '#core/policy/fault.ts';
import { formatPolicies, parsePolicies } from '#core/policy/parse.ts';
import type { Policy } from '#proto/sworn/policy/v1/policy_pb.ts';

const withBreakGlass = (yaml: string): string => `apiVersion: sworn/v1
kind: Policy
name: clinicians
spec:
  groups: [clinicians]
  rules:
    - name: ask
      requireApproval: { reviewers: [privacy-office], breakGlass: ${yaml} }
`;

function breakGlassOf([policy]: readonly Policy[]) {
  const action = policy?.spec?.rules[0]?.action;
  return action?.case === 'requireApproval' ? action.value.breakGlass : undefined;
}

test.each([
  ['{ groups: [on-call, ward-3], reviewWithin: 4h }', ['on-call', 'ward-3'], 14_400n],
  ['{ groups: [on-call], reviewWithin: 7d }', ['on-call'], 604_800n],
  ['{ groups: [on-call] }', ['on-call'], undefined],
])('%s is read, and comes back as it was', (yaml, groups, seconds) => {
  const read = parsePolicies(withBreakGlass(yaml));
  expect(breakGlassOf(read)?.groups).toEqual(groups);
  expect(breakGlassOf(read)?.reviewWithin?.seconds).toBe(seconds);
  expect(parsePolicies(formatPolicies(read))).toEqual(read);
});

test.each([
  ['{ groups: [on-call], reviewWithin: 8d }', 'breakGlass.reviewWithin', /from 1s to 7d/],
  ['{ groups: [on-call], reviewWithin: 0s }', 'breakGlass.reviewWithin', /from 1s to 7d/],
  ['{ groups: [] }', 'breakGlass.groups', /at least 1/],
  ['{}', 'breakGlass.groups', /at least 1/],
  ['{ group: [on-call] }', 'breakGlass.group', /unknown field; there are groups, reviewWithin/],
  ['true', 'breakGlass', /must be a mapping/],
])('%s is refused where it stands', (yaml, path, message) => {
  let faults: unknown;
  try {
    parsePolicies(withBreakGlass(yaml));
  } catch (error) {
    if (error instanceof PolicyError) faults = error.faults;
  }
  expect(faults).toContainEqual(
    expect.objectContaining({
      line: 8,
      path: `spec.rules[0].requireApproval.${path}`,
      message: expect.stringMatching(message),
    }),
  );
});
