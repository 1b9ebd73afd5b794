import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { PolicyRequest } from '#core/policy/evaluate.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { type Policy, PolicySchema, type PolicySpecSchema } from '#proto/sworn/policy/v1/policy_pb.ts';

/** A policy for group `clinicians` that allows, but for what `spec` says otherwise. */
export function policyOf(id: string, spec: MessageInitShape<typeof PolicySpecSchema> = {}): Policy {
  return create(PolicySchema, {
    name: `policies/${id}`,
    spec: {
      groups: ['clinicians'],
      rules: [{ name: 'ordinary', action: { case: 'allow', value: {} } }],
      ...spec,
    },
  });
}

/** A streamed request of a clinician, but for what `fields` says otherwise. */
export function requestOf(fields: Partial<PolicyRequest> = {}): PolicyRequest {
  return {
    caller: create(CallerSchema, {
      issuer: 'https://idp.example',
      subject: 'u-1',
      email: 'ada@hospital.example',
      groups: ['clinicians'],
      client: 'assistant',
    }),
    route: 'responses.create',
    model: 'gpt-5',
    stream: true,
    tools: [],
    texts: [],
    findings: {},
    opaque: [],
    ...fields,
  };
}
