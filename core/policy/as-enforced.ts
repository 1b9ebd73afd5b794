import { create } from '@bufbuild/protobuf';
import { type Policy, PolicyMode, PolicySchema, PolicySpecSchema } from '#proto/sworn/policy/v1/policy_pb.ts';

/** The policies as they would be if those that only observe counted: without those that they replace. */
export function asEnforced(policies: readonly Policy[]): Policy[] {
  const replaced = new Set(policies.map(({ spec }) => `policies/${spec?.replaces ?? ''}`));
  return policies.filter(({ name }) => !replaced.has(name)).map(enforce);
}

function enforce(policy: Policy): Policy {
  const { spec } = policy;
  if (spec?.mode !== PolicyMode.OBSERVE) return policy;
  const counting = create(PolicySpecSchema, { ...spec, mode: PolicyMode.ENFORCE, replaces: '' });
  return create(PolicySchema, { ...policy, spec: counting });
}
