import type { Policy, RequireApproval } from '#proto/sworn/policy/v1/policy_pb.ts';

/** The rule of this name that asks for an approval; undefined when the policy has none, any more. */
export function findRule(policy: Policy | undefined, name: string): RequireApproval | undefined {
  const rule = policy?.spec?.rules.find((candidate) => candidate.name === name);
  return rule?.action.case === 'requireApproval' ? rule.action.value : undefined;
}
