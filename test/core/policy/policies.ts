import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { compilePolicies } from '#core/policy/compile.ts';
import type { CompiledPolicies } from '#core/policy/compiled.ts';
import type { Circumstances } from '#core/policy/condition/context.ts';
import { parsePolicies } from '#core/policy/parse.ts';
import type { PolicyRequest } from '#core/policy/result.ts';
import type { ParameterReadings } from '#core/provider/openai/parameters/read.ts';
import { readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget } from '#core/provider/openai/request/target.ts';
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

/** Policies `p1`, `p2` and so on for group `clinicians`, which allow; each with these parameters, in YAML. */
export function withParameters(...said: readonly string[]): CompiledPolicies {
  const documents = said.map(
    (parameters, i) => `apiVersion: sworn/v1
kind: Policy
name: p${i + 1}
spec:
  groups: [clinicians]
  routes: ["*"]
  rules: [{ name: ordinary, allow: {} }]
  parameters: ${parameters}
`,
  );
  return compilePolicies(parsePolicies(documents.join('---\n')));
}

/** The parameters of a request with this body, and this path where it is another than that of responses.create. */
export function parametersOf(body: object, method = 'POST', path = '/responses'): ParameterReadings {
  const target = readTarget(method, path);
  if (target === undefined) throw new Error('no such route');
  return readRequest(target, new TextEncoder().encode(JSON.stringify(body))).parameters;
}

/** Monday, 2 March 2026, 14:30 in UTC; a plane that nobody has said anything of, a caller without claims. */
export function circumstancesOf(fields: Partial<Circumstances> = {}): Circumstances {
  return {
    nowMs: Date.UTC(2026, 2, 2, 14, 30),
    claim: () => [],
    region: '',
    labels: {},
    session: { exchanges: 0, tokens: 0, cost: 0 },
    distinct: undefined,
    ...fields,
  };
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
    parameters: parametersOf({}),
    circumstances: circumstancesOf(),
    ...fields,
  };
}
